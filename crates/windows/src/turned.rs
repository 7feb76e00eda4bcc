//! Displays that stand on their side. Windows hands over the picture as the card sends it; frames are as people see them.

use ironcliw_capture::Rect;

/// How far a display is turned, clockwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Not at all.
    None,
    /// By 90 degrees.
    Quarter,
    /// By 180 degrees.
    Half,
    /// By 270 degrees.
    ThreeQuarters,
}

impl Turn {
    /// `DXGI_MODE_ROTATION`.
    pub fn of(rotation: i32) -> Self {
        match rotation {
            2 => Self::Quarter,
            3 => Self::Half,
            4 => Self::ThreeQuarters,
            _ => Self::None,
        }
    }

    /// Width and height as people see them.
    pub fn size(self, sent: (i32, i32)) -> (i32, i32) {
        match self {
            Self::None | Self::Half => sent,
            Self::Quarter | Self::ThreeQuarters => (sent.1, sent.0),
        }
    }

    /// Where a pixel that is sent is seen.
    pub fn seen(self, x: i32, y: i32, sent: (i32, i32)) -> (i32, i32) {
        match self {
            Self::None => (x, y),
            Self::Quarter => (sent.1 - 1 - y, x),
            Self::Half => (sent.0 - 1 - x, sent.1 - 1 - y),
            Self::ThreeQuarters => (y, sent.0 - 1 - x),
        }
    }

    /// Where a rectangle that is sent is seen.
    pub fn seen_rect(self, rect: Rect, sent: (i32, i32)) -> Rect {
        let (a, b) = (
            self.seen(rect.x, rect.y, sent),
            self.seen(rect.right() - 1, rect.bottom() - 1, sent),
        );
        let (x, y) = (a.0.min(b.0), a.1.min(b.1));
        Rect::new(x, y, (a.0 - b.0).abs() + 1, (a.1 - b.1).abs() + 1)
    }

    /// Where a rectangle that is seen is sent.
    pub fn sent_rect(self, rect: Rect, sent: (i32, i32)) -> Rect {
        let back = match self {
            Self::Quarter => Self::ThreeQuarters,
            Self::ThreeQuarters => Self::Quarter,
            other => other,
        };
        back.seen_rect(rect, self.size(sent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TURNS: [Turn; 4] = [Turn::None, Turn::Quarter, Turn::Half, Turn::ThreeQuarters];
    const SENT: (i32, i32) = (7, 4);

    #[test]
    fn the_upper_left_corner_goes_round() {
        let corners = TURNS.map(|turn| turn.seen(0, 0, SENT));
        assert_eq!(corners, [(0, 0), (3, 0), (6, 3), (0, 6)]);
        let sizes = TURNS.map(|turn| turn.size(SENT));
        assert_eq!(sizes, [(7, 4), (4, 7), (7, 4), (4, 7)]);
        assert_eq!([1, 2, 3, 4].map(Turn::of), TURNS);
    }

    #[test]
    fn rectangles_hold_the_pixels_they_held() {
        for turn in TURNS {
            for (x, y, width, height) in [(0, 0, 7, 4), (2, 1, 3, 2), (6, 3, 1, 1)] {
                let rect = Rect::new(x, y, width, height);
                let there = turn.seen_rect(rect, SENT);
                assert_eq!(there.area(), rect.area());
                assert_eq!(turn.sent_rect(there, SENT), rect);
                for (y, x) in (y..y + height).flat_map(|y| (x..x + width).map(move |x| (y, x))) {
                    let (x, y) = turn.seen(x, y, SENT);
                    assert!(there.intersection(Rect::new(x, y, 1, 1)).is_some());
                }
            }
        }
    }
}
