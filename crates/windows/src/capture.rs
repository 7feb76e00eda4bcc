//! One display's frames, whichever way they come.

use std::time::Duration;

use ironcliw_capture::{Backoff, Error, News, Rect};

use crate::device::{self, Display, lost};
use crate::duplication::Duplication;
use crate::graphics::Graphics;
use crate::mask::Mask;
use crate::pixels::Staging;
use crate::status::{PROTECTED, Trouble, trouble, words};
use crate::turned::Turn;
pub use crate::windows_list::Exclusions;

#[cfg(feature = "planted")]
const PLANTED: u32 = "what tools/targets.sh has to find";

/// Which display, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The display's name, or its place in the list; None: the main one.
    pub display: Option<String>,
    /// What is left out.
    pub exclusions: Exclusions,
}

enum Way {
    Duplication(Duplication),
    Graphics(Graphics),
}

/// A display that is captured.
pub struct WindowsCapture {
    options: Options,
    display: Display,
    way: Way,
    staging: Staging,
    mask: Mask,
    /// The next frame is copied as a whole.
    whole: bool,
    /// Whether there is a picture in `staging`, which then is what the screen shows.
    fetched: bool,
    backoff: Backoff,
    protected: bool,
}

impl WindowsCapture {
    /// Begins to capture.
    pub fn start(options: Options) -> Result<Self, Error> {
        // What is to be left out has to be known before the first pixel.
        options.exclusions.rects()?;
        let display = device::find(options.display.as_deref())?;
        let (way, staging) = begin(&display)?;
        Ok(Self {
            options,
            display,
            way,
            staging,
            mask: Mask::default(),
            whole: true,
            fetched: false,
            backoff: Backoff::default(),
            protected: false,
        })
    }

    /// The display's name.
    pub fn name(&self) -> String {
        device::name(&self.display.description)
    }

    /// The frames' width and height.
    pub fn size(&self) -> (usize, usize) {
        let frame = self.staging.frame();
        (frame.width as usize, frame.height as usize)
    }

    /// Which way frames come.
    pub fn way(&self) -> &'static str {
        match self.way {
            Way::Duplication(_) => "desktop duplication: what was drawn to and moved is told",
            Way::Graphics(_) => "Graphics Capture: every frame is whole",
        }
    }

    /// The display's pixels for a point, where Windows says.
    pub fn scale(&self) -> f64 {
        device::scale(&self.display.description)
    }

    /// Whether something that is shown is protected, and black.
    pub fn protected(&self) -> Option<&'static str> {
        self.protected.then_some(PROTECTED)
    }

    /// The next frame is copied as a whole, and at once: into other memory.
    pub fn begin_anew(&mut self) {
        self.whole = true;
        self.mask.forget();
    }

    /// Waits for news. Where that is a frame, its changed pixels are copied to `pixels`: rows of four bytes a pixel, B, G,
    /// R and one that does not count, which hold what was copied there before.
    pub fn next(&mut self, timeout: Duration, pixels: &mut [u8]) -> Result<News, Error> {
        let before = self.left_out()?;
        let again = self.whole && self.fetched;
        let timeout = if again { Duration::ZERO } else { timeout };
        let (staging, display, mut protected) = (&self.staging, &self.display, false);
        let all = Rect::new(0, 0, staging.sent.0, staging.sent.1);
        let taken = match &self.way {
            Way::Duplication(way) => {
                let timeout_ms = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
                way.next(timeout_ms, |picture| {
                    protected = picture.protected;
                    let rects = picture.damage.as_deref();
                    staging.fetch(display, &picture.texture, rects.unwrap_or(&[all]));
                    picture.damage
                })
            }
            Way::Graphics(way) => way.next(timeout, |texture| {
                staging.fetch(display, texture, &[all]);
                None
            }),
        };
        match taken {
            Ok(Some(damage)) => {
                self.protected = protected;
                self.fetched = true;
                self.backoff.reset();
                self.shown(damage, &before, pixels)
            }
            // Other memory needs the picture that there is, although nothing changed.
            Ok(None) if again => self.shown(None, &before, pixels),
            Err(error) if again && trouble(error.code().0) == Trouble::Nothing => {
                self.shown(None, &before, pixels)
            }
            Ok(None) => Ok(News::Nothing { verified: false }),
            Err(error) => self.failed(&error),
        }
    }

    /// A picture that was fetched becomes the frame.
    fn shown(
        &mut self,
        sent: Option<Vec<Rect>>,
        before: &[Rect],
        pixels: &mut [u8],
    ) -> Result<News, Error> {
        let (turn, size, frame) = (self.staging.turn, self.staging.sent, self.staging.frame());
        let seen = |rects: Vec<Rect>| {
            rects
                .into_iter()
                .map(|rect| turn.seen_rect(rect, size))
                .collect()
        };
        let damage = if self.whole { None } else { sent.map(seen) };
        let after = self.left_out()?;
        let (copied, blanked) = self.mask.next(before, &after, damage, frame);
        let whole = [frame];
        let rects = copied.as_deref().unwrap_or(&whole);
        self.staging.copy(&self.display, rects, &blanked, pixels)?;
        self.whole = false;
        Ok(News::Frame(copied))
    }

    /// Where windows to leave out lie in the frame.
    fn left_out(&self) -> Result<Vec<Rect>, Error> {
        let desktop = &self.display.description.DesktopCoordinates;
        let rects = self.options.exclusions.rects()?;
        Ok(rects
            .iter()
            .map(|rect| rect.moved(-desktop.left, -desktop.top))
            .collect())
    }

    fn failed(&mut self, error: &windows::core::Error) -> Result<News, Error> {
        let trouble = trouble(error.code().0);
        match trouble {
            Trouble::Nothing => return Ok(News::Nothing { verified: true }),
            Trouble::Again | Trouble::Unsupported => {}
            _ => std::thread::sleep(self.backoff.next_wait()),
        }
        let size = self.size();
        match self.renew() {
            Ok(()) if self.size() == size => Ok(News::Hidden(words(trouble))),
            Ok(()) => Ok(News::Ended("the display has another size".to_owned())),
            Err(_) => Ok(News::Hidden(words(trouble))),
        }
    }

    fn renew(&mut self) -> Result<(), Error> {
        let display = device::find(self.options.display.as_deref())?;
        let (way, staging) = begin(&display)?;
        (self.display, self.way, self.staging) = (display, way, staging);
        self.fetched = false;
        self.begin_anew();
        Ok(())
    }
}

/// By duplication, or where that is not to be had by Graphics Capture.
fn begin(display: &Display) -> Result<(Way, Staging), Error> {
    match Duplication::new(display) {
        Ok(way) => {
            let staging = Staging::new(display, way.sent, way.turn)?;
            Ok((Way::Duplication(way), staging))
        }
        Err(error) if trouble(error.code().0) == Trouble::Unsupported => {
            let way = Graphics::new(display).map_err(lost)?;
            let staging = Staging::new(display, way.sent, Turn::None)?;
            Ok((Way::Graphics(way), staging))
        }
        Err(error) if trouble(error.code().0) == Trouble::Secure => Err(Error::Denied {
            display: device::name(&display.description),
            reason: words(Trouble::Secure).to_owned(),
        }),
        Err(error) => Err(lost(error)),
    }
}
