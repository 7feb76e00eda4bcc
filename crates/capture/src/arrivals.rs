//! Frames that a system hands over when it likes, and a reader that asks when it likes.
//!
//! Between two questions many frames may come; the reader is told what all of them changed, and sees the last one.

use crate::Rect;
use crate::rect::plan;

/// What a system says of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// A frame; nothing changed outside of these rectangles (None: anything may have).
    Frame(Option<Vec<Rect>>),
    /// The screen is as it was.
    Same,
    /// Black, and not because that is what is shown: the display sleeps, or what is shown is protected.
    Hidden(&'static str),
    /// No more frames will come, and why.
    Ended(String),
}

/// What a reader is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// The last frame; nothing changed outside of these rectangles since the reader last had one (None: anything may have).
    Frame(Option<Vec<Rect>>),
    /// Nothing that changed; whether the system said so.
    Nothing {
        /// It did, since the reader last asked.
        verified: bool,
    },
    /// The screen cannot be seen.
    Hidden(&'static str),
    /// No more frames will come.
    Ended(String),
}

/// What came since the reader last asked.
#[derive(Debug)]
pub struct Arrivals {
    frame: Rect,
    /// Rectangles so far; None: everything.
    damage: Option<Vec<Rect>>,
    waiting: bool,
    /// Whether any frame came yet.
    had: bool,
    same: bool,
    hidden: Option<&'static str>,
    ended: Option<String>,
}

impl Arrivals {
    /// For frames of this size. The first frame is new as a whole.
    pub fn new(width: i32, height: i32) -> Self {
        Self {
            frame: Rect::new(0, 0, width, height),
            damage: None,
            waiting: false,
            had: false,
            same: false,
            hidden: None,
            ended: None,
        }
    }

    /// Takes note; whether a reader that sleeps is to be woken.
    pub fn add(&mut self, arrival: Arrival) -> bool {
        match arrival {
            Arrival::Frame(damage) => {
                self.hidden = None;
                self.had = true;
                match (&mut self.damage, damage) {
                    (Some(so_far), Some(more)) => {
                        so_far.extend(more);
                        // However long nobody asks, and however much moves, this stays small.
                        *so_far = plan(so_far, self.frame);
                    }
                    (so_far, _) => *so_far = None,
                }
                // A frame of which the system says that nothing changed is none.
                self.waiting |= self.damage.as_ref().is_none_or(|damage| !damage.is_empty());
                self.same |= !self.waiting;
                self.waiting
            }
            Arrival::Same => {
                self.same = true;
                false
            }
            Arrival::Hidden(reason) => {
                let news = self.hidden != Some(reason);
                self.hidden = Some(reason);
                // What it looks like when it is seen again, nobody knows.
                self.damage = None;
                self.waiting = false;
                news
            }
            Arrival::Ended(reason) => {
                self.ended.get_or_insert(reason);
                true
            }
        }
    }

    /// Whether there is something to tell at once.
    pub fn is_news(&self) -> bool {
        self.waiting || self.hidden.is_some() || self.ended.is_some()
    }

    /// What to tell. The frame counts as had.
    pub fn take(&mut self) -> News {
        if let Some(reason) = &self.ended {
            return News::Ended(reason.clone());
        }
        if let Some(reason) = self.hidden {
            return News::Hidden(reason);
        }
        let verified = std::mem::take(&mut self.same);
        if std::mem::take(&mut self.waiting) {
            return News::Frame(self.damage.replace(Vec::new()));
        }
        News::Nothing { verified }
    }

    /// The last frame is told again, new as a whole: the memory it goes to holds something else.
    pub fn forget(&mut self) {
        self.damage = None;
        self.waiting |= self.had && self.hidden.is_none();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Rect = Rect::new(10, 10, 5, 5);

    fn begun() -> Arrivals {
        let mut arrivals = Arrivals::new(1920, 1080);
        assert!(arrivals.add(Arrival::Frame(Some(vec![SMALL]))));
        assert_eq!(
            arrivals.take(),
            News::Frame(None),
            "the first is new as a whole"
        );
        arrivals
    }

    #[test]
    fn what_came_between_two_questions_is_told_together() {
        let mut none = Arrivals::new(1920, 1080);
        none.forget();
        assert!(!none.is_news());
        let mut arrivals = begun();
        assert_eq!(arrivals.take(), News::Nothing { verified: false });
        arrivals.add(Arrival::Frame(Some(vec![SMALL])));
        arrivals.add(Arrival::Same);
        arrivals.add(Arrival::Frame(Some(vec![Rect::new(1000, 900, 7, 7)])));
        let both = vec![SMALL, Rect::new(1000, 900, 7, 7)];
        assert_eq!(arrivals.take(), News::Frame(Some(both)));
        assert_eq!(arrivals.take(), News::Nothing { verified: false });
    }

    #[test]
    fn a_frame_without_damage_is_none() {
        let mut arrivals = begun();
        assert!(!arrivals.add(Arrival::Frame(Some(Vec::new()))));
        assert!(!arrivals.add(Arrival::Frame(Some(vec![Rect::new(-9, -9, 5, 5)]))));
        assert_eq!(arrivals.take(), News::Nothing { verified: true });
    }

    #[test]
    fn unknown_damage_is_all_of_it() {
        let mut arrivals = begun();
        arrivals.add(Arrival::Frame(Some(vec![SMALL])));
        arrivals.add(Arrival::Frame(None));
        arrivals.add(Arrival::Frame(Some(vec![SMALL])));
        assert_eq!(arrivals.take(), News::Frame(None));
        arrivals.forget();
        assert!(
            arrivals.is_news(),
            "other memory needs the frame that there is"
        );
        assert_eq!(arrivals.take(), News::Frame(None));
        arrivals.forget();
        arrivals.add(Arrival::Frame(Some(vec![SMALL])));
        assert_eq!(arrivals.take(), News::Frame(None));
    }

    #[test]
    fn however_much_moves_it_stays_small() {
        let mut arrivals = begun();
        for number in 0..5000 {
            let rect = Rect::new(number * 37 % 1900, number * 53 % 1060, 9, 9);
            arrivals.add(Arrival::Frame(Some(vec![rect])));
        }
        let News::Frame(Some(damage)) = arrivals.take() else {
            panic!("there is a frame");
        };
        assert!(damage.len() <= crate::rect::LARGEST_PLAN);
        for number in 0..5000 {
            let point = Rect::new(number * 37 % 1900, number * 53 % 1060, 9, 9);
            assert!(damage.iter().any(|rect| rect.contains(point)));
        }
    }

    #[test]
    fn hidden_is_told_until_a_frame_comes_and_that_is_new_as_a_whole() {
        let mut arrivals = begun();
        assert!(arrivals.add(Arrival::Hidden("asleep")));
        assert!(!arrivals.add(Arrival::Hidden("asleep")));
        assert_eq!(arrivals.take(), News::Hidden("asleep"));
        assert_eq!(arrivals.take(), News::Hidden("asleep"));
        arrivals.add(Arrival::Frame(Some(vec![SMALL])));
        assert_eq!(arrivals.take(), News::Frame(None));
    }

    #[test]
    fn the_end_is_the_end() {
        let mut arrivals = begun();
        arrivals.add(Arrival::Ended("unplugged".into()));
        arrivals.add(Arrival::Ended("later".into()));
        arrivals.add(Arrival::Frame(None));
        assert_eq!(arrivals.take(), News::Ended("unplugged".into()));
        assert!(arrivals.is_news());
    }
}
