//! The parts of a frame that are blanked because an excluded window shows there.

use crate::Rect;
use crate::rect::{clip, subtract};

/// Rectangles of a frame, in its coordinates, whose pixels nobody gets to see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mask {
    rects: Vec<Rect>,
}

impl Mask {
    /// The parts of `hidden` inside the frame.
    pub(crate) fn new(hidden: impl IntoIterator<Item = Rect>, bounds: Rect) -> Self {
        let mut rects = clip(&hidden.into_iter().collect::<Vec<_>>(), bounds);
        rects.sort_unstable();
        rects.dedup();
        Self { rects }
    }

    pub(crate) fn rects(&self) -> &[Rect] {
        &self.rects
    }

    /// For each of `rects` the smallest rectangle around what of it is not hidden.
    pub(crate) fn visible(&self, rects: &[Rect]) -> Vec<Rect> {
        let visible_part = |rect: &Rect| {
            subtract(&[*rect], &self.rects)
                .into_iter()
                .reduce(Rect::union)
        };
        rects.iter().filter_map(visible_part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Rect = Rect::new(0, 0, 100, 100);

    #[test]
    fn order_and_repetition_do_not_matter() {
        let (a, b) = (Rect::new(0, 0, 10, 10), Rect::new(50, 50, 10, 10));
        assert_eq!(Mask::new([a, b, a], BOUNDS), Mask::new([b, a], BOUNDS));
    }

    #[test]
    fn only_what_lies_in_the_frame_is_hidden() {
        let mask = Mask::new([Rect::new(90, 90, 50, 50), Rect::new(200, 0, 5, 5)], BOUNDS);
        assert_eq!(mask.rects(), [Rect::new(90, 90, 10, 10)]);
    }

    #[test]
    fn damage_behind_the_mask_is_nothing_and_damage_across_its_edge_is_cut() {
        let mask = Mask::new([Rect::new(20, 20, 40, 40)], BOUNDS);
        assert!(mask.visible(&[Rect::new(25, 25, 10, 10)]).is_empty());
        assert_eq!(
            mask.visible(&[Rect::new(10, 30, 30, 10)]),
            [Rect::new(10, 30, 10, 10)]
        );
        assert_eq!(
            mask.visible(&[Rect::new(0, 0, 5, 5)]),
            [Rect::new(0, 0, 5, 5)]
        );
    }
}
