//! What the status of a frame means.

use ironcliw_capture::{Arrival, Rect};

/// `SCFrameStatus`, and what came with the frame.
///
/// `damage`: what changed in pixels, None where the system did not say; `has_pixels`: whether the frame holds any.
/// None: nothing that a reader needs to know.
pub fn arrival(status: isize, damage: Option<Vec<Rect>>, has_pixels: bool) -> Option<Arrival> {
    match status {
        // Complete, and started: the first one. One that says so and holds nothing is no frame.
        0 | 4 if has_pixels => Some(Arrival::Frame(if status == 4 { None } else { damage })),
        0 | 4 => None,
        1 => Some(Arrival::Same),
        2 => Some(Arrival::Hidden("the display sleeps or shows nothing")),
        3 => Some(Arrival::Hidden("macOS suspended the capture")),
        5 => Some(Arrival::Ended("macOS stopped the capture".to_owned())),
        _ => None,
    }
}

/// Why a stream ended, by the code of `SCStreamError`, and what a watcher does about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The user did not allow it, or does no more. Nothing helps but to be allowed.
    Denied,
    /// The user stopped it by the menu bar. It is not begun anew behind the user's back.
    ByUser,
    /// The display or the service went away: it is looked for again, after a while.
    Lost,
}

/// What an error of the domain `com.apple.ScreenCaptureKit.SCStreamErrorDomain` means.
pub fn stop(code: isize) -> Stop {
    match code {
        -3801 | -3803 => Stop::Denied,
        -3817 => Stop::ByUser,
        _ => Stop::Lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status() {
        let damage = Some(vec![Rect::new(1, 2, 3, 4)]);
        assert_eq!(
            arrival(0, damage.clone(), true),
            Some(Arrival::Frame(damage.clone()))
        );
        assert_eq!(arrival(0, None, true), Some(Arrival::Frame(None)));
        assert_eq!(arrival(0, damage.clone(), false), None);
        assert_eq!(arrival(4, damage, true), Some(Arrival::Frame(None)));
        assert_eq!(arrival(1, None, false), Some(Arrival::Same));
        assert!(matches!(arrival(2, None, true), Some(Arrival::Hidden(_))));
        assert!(matches!(arrival(3, None, true), Some(Arrival::Hidden(_))));
        assert!(matches!(arrival(5, None, true), Some(Arrival::Ended(_))));
        assert_eq!(arrival(99, None, true), None);
    }

    #[test]
    fn each_end() {
        assert_eq!([-3801, -3803].map(stop), [Stop::Denied; 2]);
        assert_eq!(stop(-3817), Stop::ByUser);
        assert_eq!([-3815, -3805, 0].map(stop), [Stop::Lost; 3]);
    }
}
