//! Where the next change will be, as far as the last ones tell: somebody types, a progress bar grows.
//!
//! What was damaged is known one round trip before its pixels can be asked for. Asked for together with the damage,
//! pixels that were guessed right save the second one, and with it two sleeps.

use crate::Rect;

/// A change is expected at most this far beside, above or below the one before it: a character, or a line of text.
const MARGIN: i32 = 32;

/// Larger areas are not guessed at: what is fetched in vain costs more than a round trip.
const LARGEST_AREA: i64 = 1 << 14;

/// Learns from what changed.
#[derive(Debug, Default)]
pub(crate) struct Guess {
    around: Option<Rect>,
    was_right: bool,
}

impl Guess {
    /// The rectangle to fetch with the next damage; `None` where the last change was not where one was expected.
    pub(crate) fn rect(&self) -> Option<Rect> {
        self.around.filter(|_| self.was_right)
    }

    /// Takes note of what changed in the frame.
    pub(crate) fn learn(&mut self, changed: &[Rect], bounds: Rect) {
        let all = changed.iter().copied().reduce(Rect::union);
        self.was_right =
            matches!((self.around, all), (Some(around), Some(all)) if around.contains(all));
        self.around = all
            .and_then(|rect| rect.grown(MARGIN).intersection(bounds))
            .filter(|rect| rect.area() <= LARGEST_AREA);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Rect = Rect::new(0, 0, 640, 480);

    fn guess_after(changes: &[&[Rect]]) -> Option<Rect> {
        let mut guess = Guess::default();
        changes
            .iter()
            .for_each(|changed| guess.learn(changed, BOUNDS));
        guess.rect()
    }

    #[test]
    fn what_is_typed_is_expected_beside_what_was_typed() {
        let typed = |column| Rect::new(9 * column, 20, 18, 19);
        assert_eq!(guess_after(&[]), None);
        assert_eq!(guess_after(&[&[typed(1)]]), None);
        let expected = guess_after(&[&[typed(1)], &[typed(2)]]).unwrap();
        assert!(expected.contains(typed(3)) && BOUNDS.contains(expected));
    }

    #[test]
    fn after_a_change_elsewhere_or_a_large_one_nothing_is_expected() {
        let (near, far) = (Rect::new(10, 10, 9, 9), Rect::new(400, 300, 9, 9));
        assert_eq!(guess_after(&[&[near], &[near], &[far]]), None);
        assert_eq!(guess_after(&[&[near], &[near], &[near, far]]), None);
        assert_eq!(guess_after(&[&[BOUNDS], &[BOUNDS]]), None);
        assert_eq!(guess_after(&[&[near], &[near], &[]]), None);
    }
}
