//! What a compositor has told: its globals and outputs, and how the capture under way is doing.

use crate::connection::DISPLAY;
use crate::convert::{Offer, is_ours};
use crate::outputs::Told;
use crate::wire::Event;
use crate::{Error, Rect};

/// More rectangles of damage than this are kept as one that holds them.
const MOST_RECTS: usize = 64;

/// `wl_output.mode` of the mode that is in use.
const CURRENT_MODE: u32 = 1;

/// A global that is of use here: the registry's number for it, and its version.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Global {
    pub(crate) name: u32,
    pub(crate) version: u32,
}

/// How the copy of a capture ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Ready,
    Failed,
}

/// One capture: told what is to be handed over, asked to copy, and how that went.
#[derive(Debug, Default)]
pub(crate) struct Shot {
    /// 0 where there is none.
    pub(crate) id: u32,
    pub(crate) asked: bool,
    /// Asked for all of it, changed or not.
    pub(crate) whole: bool,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) damage: Vec<Rect>,
    pub(crate) inverted: bool,
    pub(crate) transform: Option<u32>,
}

impl Shot {
    /// Another capture begins.
    pub(crate) fn begin(&mut self, id: u32) {
        self.damage.clear();
        let damage = std::mem::take(&mut self.damage);
        *self = Self {
            id,
            damage,
            ..Self::default()
        };
    }

    fn damaged(&mut self, rect: Rect) {
        if self.damage.len() < MOST_RECTS {
            self.damage.push(rect);
            return;
        }
        let all = self.damage.drain(..).fold(rect, |a, b| {
            let (x, y) = (a.x.min(b.x), a.y.min(b.y));
            let right = a.x.saturating_add(a.width).max(b.x.saturating_add(b.width));
            let bottom =
                a.y.saturating_add(a.height)
                    .max(b.y.saturating_add(b.height));
            Rect::new(x, y, right.saturating_sub(x), bottom.saturating_sub(y))
        });
        self.damage.push(all);
    }
}

/// Everything that events change.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) registry: u32,
    pub(crate) shm: Global,
    pub(crate) screencopy: Global,
    pub(crate) sources: Global,
    pub(crate) image_copy: Global,
    /// Outputs that were announced and not bound yet.
    pub(crate) announced: Vec<Global>,
    pub(crate) outputs: Vec<Told>,
    /// The globals of outputs that were removed.
    pub(crate) removed: Vec<u32>,
    /// Something about an output changed.
    pub(crate) changed: bool,
    /// The callback that is waited for; 0 once it was called.
    pub(crate) sync: u32,
    pub(crate) session: u32,
    pub(crate) stopped: bool,
    pub(crate) shot: Shot,
    /// What the compositor wants to be handed; `offered` once that is all.
    pub(crate) offer: Offer,
    pub(crate) offered: bool,
    pub(crate) format_found: bool,
    /// Names that can be given to other objects.
    pub(crate) freed: Vec<u32>,
}

impl State {
    pub(crate) fn apply(&mut self, event: Event<'_>) -> Result<(), Error> {
        match event.object {
            DISPLAY => self.of_display(event),
            object if object == self.registry => self.of_registry(event),
            object if object == self.sync => {
                self.sync = 0;
                Ok(())
            }
            object if object == self.session => self.of_session(event),
            object if object == self.shot.id && self.session != 0 => self.of_image_copy(event),
            object if object == self.shot.id => self.of_screencopy(event),
            _ => self.of_output(event),
        }
    }

    fn of_display(&mut self, event: Event<'_>) -> Result<(), Error> {
        let mut arguments = event.arguments();
        match event.opcode {
            0 => {
                let (_, code, text) = (arguments.word()?, arguments.word()?, arguments.text()?);
                Err(Error::Lost(format!(
                    "it refused a request: {text} ({code})"
                )))
            }
            1 => {
                self.freed.push(arguments.word()?);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn of_registry(&mut self, event: Event<'_>) -> Result<(), Error> {
        let mut arguments = event.arguments();
        let name = arguments.word()?;
        if event.opcode == 1 {
            self.removed.push(name);
            return Ok(());
        }
        let interface = arguments.text()?;
        let global = Global {
            name,
            version: arguments.word()?,
        };
        match interface {
            "wl_shm" => self.shm = global,
            "wl_output" => self.announced.push(global),
            "zwlr_screencopy_manager_v1" => self.screencopy = global,
            "ext_output_image_capture_source_manager_v1" => self.sources = global,
            "ext_image_copy_capture_manager_v1" => self.image_copy = global,
            _ => {}
        }
        Ok(())
    }

    fn of_output(&mut self, event: Event<'_>) -> Result<(), Error> {
        let Some(output) = self
            .outputs
            .iter_mut()
            .find(|output| output.id == event.object)
        else {
            return Ok(());
        };
        let mut arguments = event.arguments();
        match event.opcode {
            0 => {
                (output.x, output.y) = (arguments.number()?, arguments.number()?);
                for _ in 0..3 {
                    arguments.word()?;
                }
                arguments.text()?;
                arguments.text()?;
                output.transform = arguments.word()?;
                self.changed = true;
            }
            1 => {
                let current = arguments.word()? & CURRENT_MODE != 0;
                let size = (arguments.number()?, arguments.number()?);
                if current {
                    output.mode = size;
                }
                self.changed = true;
            }
            4 => output.name = arguments.text()?.to_owned(),
            _ => {}
        }
        Ok(())
    }

    fn of_screencopy(&mut self, event: Event<'_>) -> Result<(), Error> {
        let mut arguments = event.arguments();
        match event.opcode {
            0 => {
                self.offer.format = arguments.word()?;
                self.offer.width = arguments.number()?;
                self.offer.height = arguments.number()?;
                self.offer.stride = arguments.number()?;
                self.offered = self.screencopy.version < 3;
            }
            1 => self.shot.inverted = arguments.word()? & 1 != 0,
            2 => self.shot.outcome = Some(Outcome::Ready),
            3 => self.shot.outcome = Some(Outcome::Failed),
            4 => self.shot.damaged(rect(event)?),
            6 => self.offered = true,
            _ => {}
        }
        Ok(())
    }

    fn of_session(&mut self, event: Event<'_>) -> Result<(), Error> {
        let mut arguments = event.arguments();
        match event.opcode {
            0 => {
                self.offer.width = arguments.number()?;
                self.offer.height = arguments.number()?;
                self.offer.stride = self.offer.width.saturating_mul(4);
                self.begin_offer();
            }
            1 => {
                let format = arguments.word()?;
                self.begin_offer();
                // The first that needs no conversion, else the first that can be converted, else any.
                let rank = |format| is_ours(format).map_or(0, |ours| 1 + u8::from(ours));
                if !self.format_found || rank(format) > rank(self.offer.format) {
                    self.offer.format = format;
                    self.format_found = true;
                }
            }
            4 => self.offered = true,
            5 => self.stopped = true,
            _ => {}
        }
        Ok(())
    }

    /// The first of the constraints of another batch has come.
    fn begin_offer(&mut self) {
        if std::mem::take(&mut self.offered) {
            self.format_found = false;
        }
    }

    fn of_image_copy(&mut self, event: Event<'_>) -> Result<(), Error> {
        match event.opcode {
            0 => self.shot.transform = Some(event.arguments().word()?),
            1 => self.shot.damaged(rect(event)?),
            3 => self.shot.outcome = Some(Outcome::Ready),
            4 => self.shot.outcome = Some(Outcome::Failed),
            _ => {}
        }
        Ok(())
    }
}

fn rect(event: Event<'_>) -> Result<Rect, Error> {
    let mut arguments = event.arguments();
    let mut next = || arguments.number();
    Ok(Rect::new(next()?, next()?, next()?, next()?))
}
