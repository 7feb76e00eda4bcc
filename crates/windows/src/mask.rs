//! Windows that are left out: they are in what Windows hands over, and blanked before anybody sees it.
//!
//! A window may move between the list of windows and the picture, so a list is read before the picture is taken and one
//! after it, and what lies under a window in either of them is blanked. Where a list cannot be read nothing is taken.

use ironcliw_capture::{Rect, plan};

/// What is blanked, from frame to frame.
#[derive(Debug, Default)]
pub struct Mask {
    blanked: Vec<Rect>,
}

impl Mask {
    /// What to copy (None: everything) and then what to blank, of a frame that changed `damage`.
    ///
    /// `before` and `after`: where windows to leave out lay when the picture had not been taken yet, and when it had.
    pub fn next(
        &mut self,
        before: &[Rect],
        after: &[Rect],
        damage: Option<Vec<Rect>>,
        frame: Rect,
    ) -> (Option<Vec<Rect>>, Vec<Rect>) {
        let now: Vec<Rect> = [before, after]
            .concat()
            .into_iter()
            .filter_map(|rect| rect.intersection(frame))
            .collect();
        // What was blanked is not what the picture shows, where it is blanked no more.
        let copied = damage.map(|damage| plan(&[&damage[..], &self.blanked].concat(), frame));
        self.blanked.clone_from(&now);
        (copied, now)
    }

    /// Other memory: what was blanked there is unknown, and everything is copied.
    pub fn forget(&mut self) {
        self.blanked.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Rect = Rect::new(0, 0, 64, 48);

    #[test]
    fn what_is_uncovered_is_copied_again() {
        let mut mask = Mask::default();
        let window = Rect::new(50, 10, 100, 100);
        let seen = Rect::new(50, 10, 14, 38);
        let (copied, blanked) = mask.next(&[window], &[window], None, FRAME);
        assert_eq!((copied, blanked), (None, vec![seen, seen]));
        let (copied, blanked) = mask.next(&[], &[], Some(Vec::new()), FRAME);
        assert_eq!(blanked, []);
        assert!(
            copied
                .unwrap()
                .iter()
                .any(|rect| rect.intersection(seen) == Some(seen))
        );
        let (copied, _) = mask.next(&[], &[], Some(Vec::new()), FRAME);
        assert_eq!(copied, Some(Vec::new()));
    }

    /// A window with a colour of its own moves at random; not one pixel of it may be in what is handed on. The control
    /// reads the list only before the picture is taken.
    #[test]
    fn a_window_that_moves_never_leaks() {
        assert_eq!(leaks(true), 0);
        assert!(leaks(false) > 100);
    }

    fn leaks(read_after: bool) -> usize {
        let mut state = 20_261_127_u64;
        let mut next = |below: i32| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 33) as i32 % below
        };
        let (mut mask, mut shown) = (Mask::default(), vec![1u8; 64 * 48]);
        let mut window = Rect::new(3, 3, 9, 7);
        let mut leaked = 0;
        for number in 0..10_000 {
            let before = window;
            if next(2) == 0 {
                window = Rect::new(next(70) - 5, next(50) - 5, 9, 7);
            }
            let mut picture = vec![1u8; 64 * 48];
            each(window, |at| picture[at] = 255);
            let after = if read_after { window } else { before };
            let damage = (number > 0).then(|| vec![before, window]);
            let (copied, blanked) = mask.next(&[before], &[after], damage, FRAME);
            for rect in copied.unwrap_or(vec![FRAME]) {
                each(rect, |at| shown[at] = picture[at]);
            }
            for rect in blanked {
                each(rect, |at| shown[at] = 0);
            }
            leaked += usize::from(shown.contains(&255));
        }
        leaked
    }

    fn each(rect: Rect, mut pixel: impl FnMut(usize)) {
        if let Some(rect) = rect.intersection(FRAME) {
            for y in rect.y..rect.bottom() {
                (rect.x..rect.right()).for_each(|x| pixel((y * 64 + x) as usize));
            }
        }
    }
}
