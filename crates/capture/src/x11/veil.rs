//! What is hidden now: the excluded windows where they are, where they just were, and the excluded regions.

use std::time::{Duration, Instant};

use x11rb::protocol::Event;
use x11rb::protocol::xproto::Window;

use super::connection::Connection;
use super::exclusions::Exclusions;
use super::mask::Mask;
use super::registry::{Listed, Registry};
use super::windows::Windows;
use crate::rect::subtract;
use crate::{Error, Rect};

/// How long a place stays hidden that an excluded window has left. A compositing manager draws it there a moment longer,
/// and a window below that has no background of its own shows what stood over it until it is drawn again.
const LINGER: Duration = Duration::from_millis(300);

/// Places kept; of more of them the oldest become one that holds them all.
const LONGEST_TRAIL: usize = 64;

/// Exclusions and what they hide. Rectangles are in the root window's coordinates.
#[derive(Debug, Default)]
pub(crate) struct Veil {
    exclusions: Exclusions,
    registry: Registry,
    hidden: Vec<Window>,
    parts: Vec<Rect>,
    trail: Vec<(Rect, Instant)>,
    met: Vec<bool>,
}

impl Veil {
    pub(crate) fn set(&mut self, exclusions: Exclusions) {
        self.met = vec![false; exclusions.count()];
        self.exclusions = exclusions;
        self.registry.dirty = true;
    }

    /// Windows to hide besides.
    pub(crate) fn also(&mut self, windows: &[Window]) {
        self.exclusions.also = windows.to_vec();
        self.registry.dirty = true;
    }

    /// Follows the windows: where they are excluded, or somebody wants to know them.
    pub(crate) fn follow(&mut self, connection: &Connection, root: Window) -> Result<(), Error> {
        self.registry.follow(connection, root)
    }

    /// Whether anything is left out by what it is, so that nothing of it may enter the frame's memory.
    pub(crate) fn is_drawn(&self) -> bool {
        !self.exclusions.is_empty()
    }

    pub(crate) fn by_window(&self) -> bool {
        self.exclusions.by_window()
    }

    pub(crate) fn is_followed(&self) -> bool {
        self.registry.is_followed()
    }

    pub(crate) fn note(&mut self, event: &Event, root: Window) {
        self.registry.note(event, root);
    }

    /// Whether the windows may no longer be where they were when they were looked at.
    pub(crate) fn is_stale(&self) -> bool {
        self.registry.is_followed() && self.registry.dirty
    }

    pub(crate) fn version(&self) -> u64 {
        self.registry.version
    }

    /// For each exclusion, regions aside, whether a window ever met it.
    pub(crate) fn met(&self) -> &[bool] {
        &self.met
    }

    pub(crate) fn listed(&self, area: Rect) -> Vec<Listed> {
        self.registry.listed(area, &self.hidden)
    }

    /// Looks at the windows. What happens from then on is told by [`Self::mask`], once the events have been noted.
    pub(crate) fn look(
        &mut self,
        connection: &Connection,
        windows: &Windows<'_>,
        root: Window,
        now: Instant,
    ) -> Result<(), Error> {
        let earlier = self.registry.look(connection, root)?;
        if self.registry.blind || !self.exclusions.by_window() {
            return Ok(());
        }
        let (hidden, met) = self.registry.hidden(connection, &self.exclusions);
        for (ever, now) in self.met.iter_mut().zip(met) {
            *ever |= now;
        }
        let Some(parts) = windows.uncovered_parts(&hidden)? else {
            self.registry.blind = true;
            return Ok(());
        };
        // Of those that are gone nobody knows what they were.
        let passed = earlier.into_iter().filter_map(|(window, rect)| {
            rect.filter(|_| hidden.contains(&window) || !self.registry.knows(window))
        });
        let left = subtract(&self.parts, &parts);
        let until = now + LINGER;
        self.trail
            .extend(left.into_iter().chain(passed).map(|rect| (rect, until)));
        self.shorten();
        (self.hidden, self.parts) = (hidden, parts);
        Ok(())
    }

    /// Makes one of the oldest half where there are many.
    fn shorten(&mut self) {
        while self.trail.len() > LONGEST_TRAIL {
            let oldest: Vec<_> = self.trail.drain(..LONGEST_TRAIL / 2).collect();
            let until = oldest.iter().map(|(_, until)| *until).max();
            let all = oldest.iter().map(|(rect, _)| *rect).reduce(Rect::union);
            self.trail.splice(0..0, all.zip(until));
        }
    }

    /// When a place is to be shown again that was left.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.trail.iter().map(|(_, until)| *until).min()
    }

    /// Lets go of places that were left long enough ago. True where there were any.
    pub(crate) fn lift(&mut self, now: Instant) -> bool {
        let before = self.trail.len();
        self.trail.retain(|(_, until)| now < *until);
        self.trail.len() < before
    }

    /// What is hidden of a monitor at `area`; everything where that is not known.
    pub(crate) fn mask(&self, area: Rect, bounds: Rect) -> Mask {
        let unknown = self.registry.blind || self.registry.lost_count();
        if self.exclusions.by_window() && unknown {
            return Mask::new([bounds], bounds);
        }
        let here = |rect: &Rect| rect.moved(-area.x, -area.y);
        let trail = self.trail.iter().map(|(rect, _)| here(rect));
        let disturbed = self.registry.disturbed(&self.hidden);
        let parts = self.parts.iter().map(here);
        Mask::new(
            parts
                .chain(trail)
                .chain(disturbed.iter().map(here))
                .chain(self.exclusions.regions.iter().copied()),
            bounds,
        )
    }
}
