//! A stream of one display's frames.

use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use block2::RcBlock;
use dispatch2::{DispatchQueue, DispatchRetained};
use ironcliw_capture::{Error, News, Rect, Scale};
use objc2::AllocAnyThread;
use objc2::rc::Retained;
use objc2_core_graphics::{
    CGDisplayCopyDisplayMode, CGDisplayMode, CGPreflightScreenCaptureAccess,
    CGRequestScreenCaptureAccess, kCGColorSpaceSRGB,
};
use objc2_core_media::CMTime;
use objc2_core_video::kCVPixelFormatType_32BGRA;
use objc2_foundation::{NSError, NSProcessInfo};
use objc2_screen_capture_kit::{SCStream, SCStreamConfiguration, SCStreamOutputType};

use crate::delegate::{Output, Shared};
use crate::exclusion::{Exclusions, Window};
use crate::filter;
use crate::permission;
use crate::picture::Picture;
use crate::shareable::{self, PATIENCE, Sent};
use crate::status::Stop;

/// How often windows are listed that are to be left out by their title or number.
const LISTED_EVERY: Duration = Duration::from_millis(250);

/// Frames that the system may be ahead of us.
const QUEUE_DEPTH: isize = 3;

#[cfg(feature = "planted")]
const PLANTED: u32 = "what tools/targets.sh has to find";

/// Which display, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The display's number, or its place in the list; None: the first.
    pub display: Option<String>,
    /// The shortest time between two frames.
    pub interval: Duration,
    /// What is left out.
    pub exclusions: Exclusions,
}

/// A stream that runs.
pub struct MacCapture {
    stream: Retained<SCStream>,
    shared: Arc<Shared>,
    /// The display's number.
    display: u32,
    frame: Rect,
    scale: Scale,
    unmatched: Vec<String>,
    exclusions: Exclusions,
    /// When windows were listed last, and which of them are left out.
    left_out: Mutex<(Instant, Vec<u32>)>,
    /// Both are told as long as the stream runs.
    _output: Retained<Output>,
    _queue: DispatchRetained<DispatchQueue>,
}

// SAFETY: a stream may be asked to start and stop from any thread; its output is only called by its own queue.
unsafe impl Send for MacCapture {}
// SAFETY: as above; nothing of it is changed through a shared reference.
unsafe impl Sync for MacCapture {}

/// Whether the user lets us see the screen.
pub fn permitted() -> bool {
    CGPreflightScreenCaptureAccess()
}

/// Has macOS ask the user, once; whether we may already.
pub fn request_permission() -> bool {
    CGRequestScreenCaptureAccess()
}

/// What to say where we may not.
fn denied() -> Error {
    let variable = |name| std::env::var(name).ok();
    let (bundle, terminal) = (variable("__CFBundleIdentifier"), variable("TERM_PROGRAM"));
    let program = permission::program(bundle.as_deref(), terminal.as_deref());
    let version = NSProcessInfo::processInfo()
        .operatingSystemVersion()
        .majorVersion;
    Error::Denied {
        display: "screen".to_owned(),
        reason: permission::words(&program, u32::try_from(version).unwrap_or(0)),
    }
}

impl MacCapture {
    /// Begins to capture. Fails where the user has not allowed it, with what to click.
    pub fn start(options: &Options) -> Result<Self, Error> {
        if !permitted() && !request_permission() {
            return Err(denied());
        }
        let content = shareable::content()?;
        let display = shareable::display(&content, options.display.as_deref())?;
        let windows = shareable::windows(&content);
        let known: Vec<Window> = windows.iter().map(|(window, _)| window.clone()).collect();
        // SAFETY: reads what the list holds.
        let (number, points) = unsafe { (display.displayID(), display.frame().size) };
        let (width, height) =
            pixels(number).unwrap_or((points.width as usize, points.height as usize));
        let scale = Scale::of(width, points.width);
        let frame = Rect::new(0, 0, width as i32, height as i32);
        let (filter, left_out) = filter::of(&content, &display, &options.exclusions)?;
        let shared = Shared::new(frame.width, frame.height);
        let output = Output::new(Arc::clone(&shared), Scale::of(1, 1.0), frame);
        // SAFETY: the configuration is ours; filter and delegate live as long as the stream needs them.
        let stream = unsafe {
            SCStream::initWithFilter_configuration_delegate(
                SCStream::alloc(),
                &filter,
                &configuration(width, height, options.interval),
                Some(output.as_delegate()),
            )
        };
        let queue = DispatchQueue::new("ironcliw.capture", None);
        // SAFETY: the output takes what the stream hands over, on a queue of its own.
        unsafe {
            stream.addStreamOutput_type_sampleHandlerQueue_error(
                output.as_output(),
                SCStreamOutputType::Screen,
                Some(&queue),
            )
        }
        .map_err(|error| Error::Lost(error.localizedDescription().to_string()))?;
        let capture = Self {
            stream,
            shared,
            display: number,
            frame,
            scale,
            unmatched: options.exclusions.unmatched(&known),
            exclusions: options.exclusions.clone(),
            left_out: Mutex::new((Instant::now(), left_out)),
            _output: output,
            _queue: queue,
        };
        capture.completed(|handler| {
            // SAFETY: the handler takes what the method hands over, and may be called on any thread.
            unsafe {
                capture
                    .stream
                    .startCaptureWithCompletionHandler(Some(handler))
            }
        })?;
        Ok(capture)
    }

    /// The display's number.
    pub fn display(&self) -> u32 {
        self.display
    }

    /// The frames' width and height in pixels.
    pub fn size(&self) -> (usize, usize) {
        (self.frame.width as usize, self.frame.height as usize)
    }

    /// Pixels of a point.
    pub fn scale(&self) -> f64 {
        self.scale.factor()
    }

    /// What was to be left out and matches no window.
    pub fn unmatched(&self) -> &[String] {
        &self.unmatched
    }

    /// Waits for news. Where that is a frame, its changed pixels are copied to `pixels`: rows of four bytes a pixel, B, G,
    /// R and one that does not count, which hold what was copied there before.
    pub fn next(&self, timeout: Duration, pixels: &mut [u8]) -> Result<News, Error> {
        let (news, _) = self.taken(timeout, |picture, damage| {
            let whole = [self.frame];
            picture.copy(self.frame, damage.unwrap_or(&whole), pixels)
        })?;
        Ok(news)
    }

    /// Waits for news. Where that is a frame, it comes along where the system keeps it; nothing is copied.
    pub fn next_picture(&self, timeout: Duration) -> Result<(News, Option<Picture>), Error> {
        self.taken(timeout, |picture, _| Ok(picture.clone()))
    }

    /// Waits for news, and does something with a frame and what changed in it.
    fn taken<T>(
        &self,
        timeout: Duration,
        with: impl FnOnce(&Picture, Option<&[Rect]>) -> Result<T, Error>,
    ) -> Result<(News, Option<T>), Error> {
        self.look_again()?;
        let mut state = self.shared.wait(timeout);
        let news = state.arrivals.take();
        let mut answer = None;
        match &news {
            News::Frame(damage) => {
                let done = match &state.picture {
                    Some(picture) => with(picture, damage.as_deref()),
                    None => Err(Error::Lost("macOS sent a frame without pixels".to_owned())),
                };
                if done.is_err() {
                    state.arrivals.forget();
                }
                answer = Some(done?);
            }
            News::Ended(_) if state.stop == Some(Stop::Denied) => return Err(denied()),
            News::Ended(reason) if state.stop == Some(Stop::ByUser) => {
                return Err(Error::Denied {
                    display: "screen".to_owned(),
                    reason: format!("it was stopped in the menu bar ({reason})"),
                });
            }
            News::Ended(reason) => return Err(Error::Lost(reason.clone())),
            News::Nothing { .. } | News::Hidden(_) => {}
        }
        Ok((news, answer))
    }

    /// The last frame is copied as a whole, and at once: into other memory.
    pub fn begin_anew(&self) {
        self.shared.state().arrivals.forget();
    }

    /// Ends `next` early, from any thread.
    pub fn interrupt(&self) {
        self.shared.interrupt();
    }

    /// Leaves windows out that came meanwhile. Fails where they cannot be listed: then nothing may be captured.
    fn look_again(&self) -> Result<(), Error> {
        if self.exclusions.is_empty() || self.exclusions.only_applications() {
            return Ok(());
        }
        let mut known = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0.elapsed() < LISTED_EVERY {
            return Ok(());
        }
        let content = shareable::content()?;
        let display = shareable::display(&content, Some(&self.display.to_string()))?;
        let (filter, left_out) = filter::of(&content, &display, &self.exclusions)?;
        if left_out != known.1 {
            self.completed(|handler| {
                // SAFETY: the handler takes what the method hands over, and may be called on any thread.
                unsafe {
                    self.stream
                        .updateContentFilter_completionHandler(&filter, Some(handler));
                }
            })?;
        }
        *known = (Instant::now(), left_out);
        Ok(())
    }

    /// Calls something that calls back with an error or none, and waits for that.
    fn completed(
        &self,
        call: impl FnOnce(&block2::DynBlock<dyn Fn(*mut NSError)>),
    ) -> Result<(), Error> {
        let (sender, receiver) = mpsc::channel();
        let handler = RcBlock::new(move |error: *mut NSError| {
            // SAFETY: valid or null while we are called.
            let failed = (!error.is_null()).then(|| unsafe { shareable::why(error) });
            let _ = sender.send(Sent(failed));
        });
        call(&handler);
        match receiver.recv_timeout(PATIENCE) {
            Ok(Sent(None)) => Ok(()),
            Ok(Sent(Some((code, _)))) if crate::status::stop(code) == Stop::Denied => Err(denied()),
            Ok(Sent(Some((_, reason)))) => Err(Error::Lost(reason)),
            Err(_) => Err(Error::NoReply(PATIENCE)),
        }
    }
}

impl Drop for MacCapture {
    fn drop(&mut self) {
        let _ = self.completed(|handler| {
            // SAFETY: as for the start. One that has stopped already says so, which is as well.
            unsafe { self.stream.stopCaptureWithCompletionHandler(Some(handler)) }
        });
    }
}

/// The display's size in pixels, which its list gives in points.
fn pixels(display: u32) -> Option<(usize, usize)> {
    let mode = CGDisplayCopyDisplayMode(display)?;
    let size = (
        CGDisplayMode::pixel_width(Some(&mode)),
        CGDisplayMode::pixel_height(Some(&mode)),
    );
    (size.0 > 0 && size.1 > 0).then_some(size)
}

fn configuration(
    width: usize,
    height: usize,
    interval: Duration,
) -> Retained<SCStreamConfiguration> {
    let milliseconds = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX);
    // SAFETY: plain values; the colour space is a constant of the system's.
    unsafe {
        let configuration = SCStreamConfiguration::new();
        configuration.setWidth(width);
        configuration.setHeight(height);
        configuration.setMinimumFrameInterval(CMTime::new(milliseconds, 1000));
        configuration.setPixelFormat(kCVPixelFormatType_32BGRA);
        // Whatever the display's own, so that a colour is the same number on each.
        configuration.setColorSpaceName(kCGColorSpaceSRGB);
        configuration.setShowsCursor(false);
        configuration.setQueueDepth(QUEUE_DEPTH);
        configuration
    }
}
