//! Random recordings through a tracker, at every level, against a plain one that looks at every tile by itself.

mod common;

use common::made::pixels;
use common::{Pixels, differences, tiles};
use ironcliw_change::{
    Change, Damage, FrameMut, Layout, Level, Region, Tiles, Tracker, grid_shape,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const ZERO_TILE: u64 = 0xB7CE_04B8_1707_A4D0;

/// What is known of a screen.
struct Model {
    shown: Pixels,
    grid: Vec<u64>,
    before: Vec<u64>,
    returns: Vec<u8>,
    counts: Vec<u32>,
    boxes: Vec<i32>,
}

impl Model {
    fn new(height: usize, width: usize) -> Self {
        let (rows, columns) = grid_shape(height, width);
        let cells = rows * columns;
        Self {
            shown: Pixels {
                bytes: vec![0; height * width * 4].into(),
                offset: 0,
                layout: Layout::packed(height, width, 4),
            },
            grid: Vec::new(),
            before: Vec::new(),
            returns: vec![0; cells],
            counts: vec![0; cells],
            boxes: vec![0; 4 * cells],
        }
    }

    /// Takes a frame; returns the changed tiles.
    fn apply(&mut self, frame: &Pixels, threshold: u32, looked_at: &[u8]) -> Vec<bool> {
        let now = frame.fingerprints();
        self.counts.fill(0);
        self.boxes.fill(0);
        let first = self.grid.is_empty();
        let mut changed = vec![first; now.len()];
        if first {
            self.grid = now.clone();
            self.before = now;
        } else {
            let moved: Vec<u8> = (0..now.len())
                .map(|cell| u8::from(looked_at[cell] != 0 && now[cell] != self.grid[cell]))
                .collect();
            (self.counts, self.boxes, _) = differences(&self.shown, frame, threshold, Some(&moved));
            for cell in 0..now.len() {
                let old = self.grid[cell];
                if moved[cell] != 0 {
                    self.grid[cell] = now[cell];
                }
                if self.counts[cell] > 0 {
                    changed[cell] = true;
                    let back = now[cell] == self.before[cell];
                    self.returns[cell] = if back {
                        self.returns[cell].saturating_add(1)
                    } else {
                        0
                    };
                    self.before[cell] = old;
                }
            }
        }
        for (cell, (row, column)) in tiles(&frame.layout).enumerate() {
            for (y, x) in common::places(row, column).filter(|_| changed[cell]) {
                if let Some(colour) = frame.colour(y, x) {
                    let at = self.shown.at(y, x, 0);
                    self.shown.bytes[at..at + 3].copy_from_slice(&colour);
                }
            }
        }
        changed
    }
}

/// Whether tile (row, column) has pixels of a rectangle.
fn touched(damage: &Option<Vec<Damage>>, row: usize, column: usize) -> bool {
    let shares = |start: i64, length: i64, tile: usize| {
        let (begin, end) = (64 * tile as i128, 64 * tile as i128 + 64);
        length > 0 && i128::from(start) < end && i128::from(start) + i128::from(length) > begin
    };
    damage.as_ref().is_none_or(|damage| {
        damage
            .iter()
            .any(|&(x, y, width, height)| shares(x, width, column) && shares(y, height, row))
    })
}

/// How the next frame comes from the one before: of 100 tiles, how many change, and whether by one pixel or all.
type Edit = (usize, bool, u64);

fn edited(frame: &Pixels, (share, whole, seed): Edit) -> Pixels {
    let mut after = frame.clone();
    for (cell, (row, column)) in tiles(&frame.layout).enumerate() {
        let noise = common::vectors::splitmix64(seed.wrapping_add(cell as u64));
        if noise as usize % 100 >= share {
            continue;
        }
        for (i, (y, x)) in common::places(row, column).enumerate() {
            let chosen = whole || i == (noise >> 8) as usize % 200 || i == 0 && share < 50;
            if chosen && frame.colour(y, x).is_some() {
                let at = after.at(y, x, (noise >> 40) as usize % 3);
                after.bytes[at] ^= (noise >> 48) as u8 | 1;
            }
        }
    }
    after
}

fn rectangles() -> impl Strategy<Value = Option<Vec<Damage>>> {
    let number = || prop_oneof![-200..700i64, any::<i64>(), Just(i64::MAX), Just(i64::MIN)];
    // Of rectangles without pixels it is not said which tiles they touch.
    let length = || prop_oneof![1..300i64, 1..i64::MAX, Just(i64::MAX)];
    proptest::option::of(vec((number(), number(), length(), length()), 0..4))
}

#[allow(clippy::type_complexity)]
fn recordings() -> impl Strategy<Value = (Pixels, Vec<(Edit, bool, Option<Vec<Damage>>)>)> {
    let sizes = prop_oneof![
        (1..=200usize, 1..=400usize),
        (
            select(vec![64usize, 129]),
            select(vec![640usize, 1279, 4200])
        ),
    ];
    let edit = (
        select(vec![0usize, 5, 40, 65, 75, 100]),
        any::<bool>(),
        any::<u64>(),
    );
    let steps = vec((edit, any::<bool>(), rectangles()), 1..6);
    (
        sizes.prop_flat_map(|(height, width)| pixels(height, width)),
        steps,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn trackers_follow_a_screen(
        (start, steps) in recordings(),
        threshold in prop_oneof![Just(0u32), 1..200u32, 0..=195_075u32],
        blinks_after in 1..4u8,
    ) {
        let Layout { height, width, .. } = start.layout;
        let mut frames = vec![(start.clone(), None)];
        for (edit, back, damage) in steps {
            // Back to the frame before last, or on.
            let last = if back && frames.len() > 1 { frames.len() - 2 } else { frames.len() - 1 };
            let next = if back { frames[last].0.clone() } else { edited(&frames[last].0, edit) };
            frames.push((next, damage));
        }
        let cells: Vec<(usize, usize)> = tiles(&start.layout).collect();
        for level in Level::available() {
            let mut model = Model::new(height, width);
            let layout = Layout { row_stride: width * 4 + 5, ..Layout::packed(height, width, 4) };
            let size = layout.size_bytes().expect("a layout that makes sense");
            let mut shown = Pixels { bytes: vec![0; size + 3].into(), offset: 3, layout };
            let mut grid = vec![0; cells.len()];
            let (mut changed, mut counts) = (vec![9; cells.len()], vec![9; cells.len()]);
            let mut boxes = vec![9; 4 * cells.len()];
            let mut tracker = Tracker::new(height, width, threshold, blinks_after).expect("a tracker");
            for (number, (frame, damage)) in frames.iter().enumerate() {
                let looked_at: Vec<u8> =
                    cells.iter().map(|&(row, column)| u8::from(touched(damage, row, column))).collect();
                let expected = model.apply(frame, threshold, &looked_at);
                let kept = FrameMut::new(&mut shown.bytes[3..], layout).expect("a frame that fits its memory");
                let arrays = Tiles {
                    grid: &mut grid, changed: &mut changed, counts: &mut counts, boxes: &mut boxes,
                };
                let change = tracker.apply_at(level, frame.frame(), kept, arrays, damage.as_deref());
                let change = change.expect("arrays that fit");
                prop_assert_eq!(&grid, &model.grid, "{} {}", level, number);
                prop_assert!(changed.iter().map(|&on| on == 1).eq(expected.iter().copied()), "{} {}", level, number);
                prop_assert_eq!(&counts, &model.counts, "{} {}", level, number);
                prop_assert_eq!(&boxes, &model.boxes, "{} {}", level, number);
                let mut expected_shown = vec![0; size + 3];
                for y in 0..height {
                    let row = &model.shown.bytes[y * width * 4..][..width * 4];
                    expected_shown[shown.at(y, 0, 0)..][..width * 4].copy_from_slice(row);
                }
                prop_assert!(shown.bytes[..] == expected_shown, "{} {}", level, number);
                summed_up(&change, &model, &expected, number == 0, blinks_after)?;
            }
        }
    }
}

/// The answer is what the arrays say, every box in a region of its kind.
fn summed_up(
    change: &Change,
    model: &Model,
    changed: &[bool],
    first: bool,
    blinks_after: u8,
) -> Result<(), TestCaseError> {
    let Layout { height, width, .. } = model.shown.layout;
    prop_assert_eq!(change.tiles, changed.iter().filter(|&&on| on).count());
    prop_assert_eq!(
        change.black,
        model.grid.iter().all(|&value| value == ZERO_TILE)
    );
    if first {
        let whole = Region {
            x: 0,
            y: 0,
            width: width as i32,
            height: height as i32,
        };
        prop_assert_eq!(&change.steady, &[whole]);
        prop_assert_eq!(change.pixels, (height * width) as u64);
        return Ok(());
    }
    prop_assert_eq!(
        change.pixels,
        model
            .counts
            .iter()
            .map(|&count| u64::from(count))
            .sum::<u64>()
    );
    let mut wanted = [0u64; 2];
    for cell in (0..changed.len()).filter(|&cell| changed[cell]) {
        let blinks = model.returns[cell] >= blinks_after;
        wanted[usize::from(blinks)] += 1;
        let &[x0, y0, x1, y1] = model.boxes[4 * cell..].first_chunk().expect("four edges");
        let regions = if blinks {
            &change.blinking
        } else {
            &change.steady
        };
        let inside = regions.iter().any(|region| {
            let (right, bottom) = (region.x + region.width, region.y + region.height);
            region.x <= x0 && region.y <= y0 && right >= x1 && bottom >= y1
        });
        prop_assert!(inside, "cell {}", cell);
    }
    for (regions, count) in [&change.steady, &change.blinking].into_iter().zip(wanted) {
        prop_assert!(regions.len() as u64 <= count && (count == 0) == regions.is_empty());
        prop_assert!(regions.is_sorted_by_key(|region| (region.y, region.x)));
    }
    Ok(())
}
