//! Rectangles of pixels, and which of them to fetch together.

// Some of it only the X11 source needs.
#![cfg_attr(not(target_os = "linux"), allow(dead_code))]

use crate::Error;

/// A rectangle of pixels; coordinates are the frame's unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rect {
    /// First column.
    pub x: i32,
    /// First row.
    pub y: i32,
    /// Columns.
    pub width: i32,
    /// Rows.
    pub height: i32,
}

impl Rect {
    /// A rectangle from its corner and size.
    pub const fn new(x: i32, y: i32, width: i32, height: i32) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// First column beyond the rectangle.
    pub const fn right(self) -> i32 {
        self.x + self.width
    }

    /// First row beyond the rectangle.
    pub const fn bottom(self) -> i32 {
        self.y + self.height
    }

    /// Pixels inside.
    pub const fn area(self) -> i64 {
        self.width as i64 * self.height as i64
    }

    /// The same rectangle elsewhere.
    pub const fn moved(self, dx: i32, dy: i32) -> Self {
        Self::new(self.x + dx, self.y + dy, self.width, self.height)
    }

    /// Larger by `margin` on each side; may leave the frame.
    pub(crate) const fn grown(self, margin: i32) -> Self {
        Self::new(
            self.x - margin,
            self.y - margin,
            self.width + 2 * margin,
            self.height + 2 * margin,
        )
    }

    /// Whether all of `other` lies in this rectangle.
    pub(crate) fn contains(self, other: Self) -> bool {
        self.intersection(other) == Some(other)
    }

    /// The shared rectangle, or `None` where no pixel is shared.
    pub fn intersection(self, other: Self) -> Option<Self> {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let (right, bottom) = (
            self.right().min(other.right()),
            self.bottom().min(other.bottom()),
        );
        (right > x && bottom > y).then(|| Self::new(x, y, right - x, bottom - y))
    }

    /// The smallest rectangle that holds both.
    pub fn union(self, other: Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let (right, bottom) = (
            self.right().max(other.right()),
            self.bottom().max(other.bottom()),
        );
        Self::new(x, y, right - x, bottom - y)
    }

    /// What is left of this rectangle without `hole`: at most four rectangles that do not overlap.
    fn without(self, hole: Self, left_over: &mut Vec<Self>) {
        let Some(hole) = self.intersection(hole) else {
            left_over.push(self);
            return;
        };
        let pieces = [
            Self::new(self.x, self.y, self.width, hole.y - self.y),
            Self::new(
                self.x,
                hole.bottom(),
                self.width,
                self.bottom() - hole.bottom(),
            ),
            Self::new(self.x, hole.y, hole.x - self.x, hole.height),
            Self::new(
                hole.right(),
                hole.y,
                self.right() - hole.right(),
                hole.height,
            ),
        ];
        left_over.extend(
            pieces
                .into_iter()
                .filter(|piece| piece.width > 0 && piece.height > 0),
        );
    }
}

/// The pixels of `area` that lie in none of `holes`, as rectangles.
pub(crate) fn subtract(area: &[Rect], holes: &[Rect]) -> Vec<Rect> {
    let mut remaining = area.to_vec();
    for hole in holes {
        let mut next = Vec::with_capacity(remaining.len());
        for rect in remaining {
            rect.without(*hole, &mut next);
        }
        remaining = next;
    }
    remaining
}

/// The parts of `area` that lie in `clip`.
pub(crate) fn clip(area: &[Rect], clip: Rect) -> Vec<Rect> {
    area.iter()
        .filter_map(|rect| rect.intersection(clip))
        .collect()
}

/// The marked cells (not zero) of a frame, those beside each other as one rectangle. `cell` is their width and height.
pub(crate) fn marked(cells: &[u8], cell: (usize, usize), frame: Rect) -> Result<Vec<Rect>, Error> {
    let (width, height) = cell;
    let columns = (frame.width as usize).div_ceil(width.max(1));
    let rows = (frame.height as usize).div_ceil(height.max(1));
    if width == 0 || height == 0 || columns == 0 || cells.len() != rows * columns {
        return Err(Error::Memory(format!(
            "{} cells were marked or not where the frame has {rows} x {columns}",
            cells.len()
        )));
    }
    let mut rects = Vec::new();
    for (row, cells) in cells.chunks_exact(columns).enumerate() {
        let mut column = 0;
        for run in cells.chunk_by(|a, b| (*a == 0) == (*b == 0)) {
            if run[0] != 0 {
                let (x, y) = (column * width, row * height);
                let rect = [x, y, run.len() * width, height].map(|number| number as i32);
                rects.push(Rect::new(rect[0], rect[1], rect[2], rect[3]));
            }
            column += run.len();
        }
    }
    Ok(rects)
}

/// Most rectangles that one capture fetches.
pub(crate) const LARGEST_PLAN: usize = 64;

/// One request costs about as much as fetching this many pixels; below it two rectangles are fetched as one.
const REQUEST_COST_PX: i64 = 4096;

/// Which rectangles to fetch so that all of `damage` is seen, for little work and in at most 64 requests.
///
/// A rectangle of at least half the frame's width becomes a band of the full width: such a band needs no copy, because
/// its rows lie in the frame memory as the server writes them.
pub fn plan(damage: &[Rect], frame: Rect) -> Vec<Rect> {
    let mut rects = bounded(clip(damage, frame));
    merge(&mut rects);
    for rect in &mut rects {
        if rect.width * 2 >= frame.width {
            *rect = Rect::new(frame.x, rect.y, frame.width, rect.height);
        }
    }
    merge(&mut rects);
    rects.sort_unstable_by_key(|rect| (rect.y, rect.x));
    rects
}

/// At most [`LARGEST_PLAN`] rectangles that cover `rects`: runs of neighbours in reading order become their bounding box.
fn bounded(mut rects: Vec<Rect>) -> Vec<Rect> {
    if rects.len() <= LARGEST_PLAN {
        return rects;
    }
    rects.sort_unstable_by_key(|rect| (rect.y, rect.x));
    let run = rects.len().div_ceil(LARGEST_PLAN);
    rects
        .chunks(run)
        .filter_map(|run| run.iter().copied().reduce(Rect::union))
        .collect()
}

/// Joins the pair that saves most until no pair saves anything.
fn merge(rects: &mut Vec<Rect>) {
    loop {
        let mut best: Option<(i64, usize, usize)> = None;
        for i in 0..rects.len() {
            for j in i + 1..rects.len() {
                let apart = rects[i].area() + rects[j].area() + REQUEST_COST_PX;
                let saving = apart - rects[i].union(rects[j]).area();
                if saving >= 0 && best.is_none_or(|(most, ..)| saving > most) {
                    best = Some((saving, i, j));
                }
            }
        }
        let Some((_, i, j)) = best else { return };
        let gone = rects.swap_remove(j);
        rects[i] = rects[i].union(gone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Rect = Rect::new(0, 0, 1920, 1080);

    /// A small deterministic generator: the tests need many rectangles, not good randomness.
    fn rects(seed: u64, count: usize) -> Vec<Rect> {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut next = |below: i32| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 33) as i32 % below
        };
        (0..count)
            .map(|_| {
                Rect::new(
                    next(2000) - 40,
                    next(1100) - 10,
                    next(300) + 1,
                    next(90) + 1,
                )
            })
            .collect()
    }

    fn covers(cover: &[Rect], area: &[Rect]) -> bool {
        subtract(area, cover).is_empty()
    }

    #[test]
    fn subtracting_leaves_exactly_the_rest() {
        let area = [Rect::new(10, 10, 100, 100)];
        let left = subtract(&area, &[Rect::new(40, 40, 10, 10)]);
        assert_eq!(
            left.iter().map(|rect| rect.area()).sum::<i64>(),
            100 * 100 - 100
        );
        assert!(
            left.iter()
                .all(|rect| rect.intersection(Rect::new(40, 40, 10, 10)).is_none())
        );
        assert_eq!(subtract(&area, &[Rect::new(0, 0, 5, 5)]), area);
        assert!(
            subtract(
                &area,
                &[Rect::new(0, 0, 60, 200), Rect::new(60, 0, 60, 200)]
            )
            .is_empty()
        );
    }

    #[test]
    fn a_plan_covers_all_damage_inside_the_frame_in_few_rectangles() {
        for seed in 1..40 {
            let damage = rects(seed, 1 + seed as usize * 11);
            let plan = plan(&damage, FRAME);
            assert!(plan.len() <= LARGEST_PLAN);
            assert!(covers(&plan, &clip(&damage, FRAME)), "seed {seed}");
            assert!(
                plan.iter()
                    .all(|rect| rect.intersection(FRAME) == Some(*rect))
            );
        }
    }

    #[test]
    fn one_typed_letter_stays_small() {
        let plan = plan(
            &[Rect::new(100, 200, 6, 13), Rect::new(106, 200, 6, 13)],
            FRAME,
        );
        assert_eq!(plan, [Rect::new(100, 200, 12, 13)]);
    }

    #[test]
    fn a_scroll_bar_does_not_drag_the_whole_frame_along() {
        let bar = Rect::new(1900, 0, 10, 1080);
        let line = Rect::new(100, 500, 60, 13);
        let plan = plan(&[bar, line], FRAME);
        assert_eq!(plan.len(), 2);
        assert!(plan.contains(&bar) && plan.contains(&line));
    }

    #[test]
    fn half_a_band_is_fetched_as_a_full_one() {
        assert_eq!(
            plan(&[Rect::new(300, 64, 960, 20)], FRAME),
            [Rect::new(0, 64, 1920, 20)]
        );
        assert_eq!(
            plan(&[Rect::new(300, 64, 959, 20)], FRAME),
            [Rect::new(300, 64, 959, 20)]
        );
    }

    #[test]
    fn damage_outside_the_frame_is_nothing() {
        assert!(
            plan(
                &[Rect::new(1920, 0, 10, 10), Rect::new(-5, -5, 5, 5)],
                FRAME
            )
            .is_empty()
        );
        assert!(plan(&[], FRAME).is_empty());
    }

    #[test]
    fn the_frame_itself_is_one_band() {
        assert_eq!(plan(&[Rect::new(-100, -100, 5000, 5000)], FRAME), [FRAME]);
    }

    #[test]
    fn marked_cells_become_rectangles_along_their_rows() {
        let frame = Rect::new(0, 0, 150, 30);
        let cells = [1, 1, 0, 0, 1, 7];
        let rects = marked(&cells, (64, 16), frame).unwrap();
        assert_eq!(
            rects,
            [Rect::new(0, 0, 128, 16), Rect::new(64, 16, 128, 16)]
        );
        assert!(marked(&cells[1..], (64, 16), frame).is_err());
        assert!(marked(&cells, (0, 16), frame).is_err());
        assert!(marked(&cells, (64, 0), frame).is_err());
        assert!(marked(&[0; 6], (64, 16), frame).unwrap().is_empty());
    }
}
