//! Points, which desktops are measured in, and pixels, which frames are made of.

use crate::Rect;

/// Pixels of a point, on each side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale(f64);

impl Scale {
    /// The scale of a display of so many pixels for so many points; 1 where that makes no sense.
    pub fn of(pixels: usize, points: f64) -> Self {
        let scale = pixels as f64 / points;
        Self(if scale.is_finite() && (0.25..=16.0).contains(&scale) {
            scale
        } else {
            1.0
        })
    }

    /// How many pixels a point has.
    pub const fn factor(self) -> f64 {
        self.0
    }

    /// All pixels that a rectangle in points touches, in a frame whose corner is at `origin` points; what lies beyond the
    /// frame is cut off. None where nothing is left, or where a number is none.
    pub fn pixels(self, points: [f64; 4], origin: [f64; 2], frame: Rect) -> Option<Rect> {
        let [x, y, width, height] = points;
        if ![x, y, width, height]
            .iter()
            .all(|number| number.is_finite())
            || width <= 0.0
            || height <= 0.0
        {
            return None;
        }
        let low = |at: f64, origin: f64| ((at - origin) * self.0).floor() as i64;
        let high = |at: f64, origin: f64| ((at - origin) * self.0).ceil() as i64;
        let within = |at: i64, most: i32| at.clamp(0, i64::from(most)) as i32;
        let (left, top) = (
            within(low(x, origin[0]), frame.width),
            within(low(y, origin[1]), frame.height),
        );
        let (right, bottom) = (
            within(high(x + width, origin[0]), frame.width),
            within(high(y + height, origin[1]), frame.height),
        );
        (right > left && bottom > top).then(|| Rect::new(left, top, right - left, bottom - top))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Rect = Rect::new(0, 0, 3024, 1964);

    #[test]
    fn rectangles_grow_to_whole_pixels() {
        let twice = Scale::of(3024, 1512.0);
        assert_eq!(twice.factor(), 2.0);
        let at = |points| twice.pixels(points, [0.0, 0.0], FRAME);
        assert_eq!(at([10.0, 20.0, 5.0, 5.0]), Some(Rect::new(20, 40, 10, 10)));
        assert_eq!(at([10.2, 20.3, 0.1, 0.1]), Some(Rect::new(20, 40, 1, 1)));
        assert_eq!(at([10.4, 20.4, 0.2, 0.2]), Some(Rect::new(20, 40, 2, 2)));
        let odd = Scale::of(1650, 1100.0);
        assert_eq!(
            odd.pixels([1.0, 1.0, 1.0, 1.0], [0.0, 0.0], FRAME),
            Some(Rect::new(1, 1, 2, 2))
        );
    }

    #[test]
    fn what_lies_beyond_the_frame_is_cut_off() {
        let once = Scale::of(100, 100.0);
        let frame = Rect::new(0, 0, 100, 50);
        let at = |points| once.pixels(points, [1440.0, -20.0], frame);
        assert_eq!(
            at([1430.0, -30.0, 20.0, 20.0]),
            Some(Rect::new(0, 0, 10, 10))
        );
        assert_eq!(
            at([1530.0, 20.0, 1e300, 1e300]),
            Some(Rect::new(90, 40, 10, 10))
        );
        assert_eq!(at([0.0, 0.0, 1440.0, 20.0]), None);
        assert_eq!(at([f64::NAN, 0.0, 1.0, 1.0]), None);
        assert_eq!(at([1440.0, 0.0, f64::INFINITY, 1.0]), None);
        assert_eq!(at([1440.0, 0.0, 0.0, 1.0]), None);
    }

    #[test]
    fn scales_that_are_none_are_one() {
        for (pixels, points) in [
            (100, 0.0),
            (0, 0.0),
            (100, -1.0),
            (1_000_000, 1.0),
            (100, f64::NAN),
        ] {
            assert_eq!(Scale::of(pixels, points), Scale(1.0));
        }
    }
}
