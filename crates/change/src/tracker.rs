//! One step of watching: which tiles moved, where in them, and the new state kept, in one walk over the frame.
//!
//! Strip by strip (a row of tiles) the frame is read once for its fingerprints. Only tiles that moved are then compared
//! with the state that is kept, while the strip is still in the cache, and take its place. Where nearly all of a strip
//! moved, the next one is taken in a single pass that does all of it, four rows at a time.

use crate::difference::{DISTANCE_MAX, Found, compare_row};
use crate::fingerprint::absorb_block;
use crate::frame::SPAN;
use crate::grid::{STRIP, Strip, check, lowest, runs, strips};
use crate::regions::{Region, joined, whole};
use crate::xxh3::{BLOCK_ROWS, State};
use crate::{Error, Frame, FrameMut, Layout, Level, TILE, copy, fingerprint_at, simd};

/// The fingerprint of a tile that is all zeros.
const ZERO_TILE: u64 = 0xB7CE_04B8_1707_A4D0;

/// Where more than this share of a strip moved, in percent, the next one is taken in a single pass.
const DENSE_PERCENT: usize = 65;

/// A rectangle that may have been drawn to: x, y, width, height in pixels of the frame, and beyond.
pub type Damage = (i64, i64, i64, i64);

/// What the caller keeps for every tile, row by row; four numbers for each box.
#[derive(Debug)]
pub struct Tiles<'a> {
    /// Fingerprints of the frame that was applied last.
    pub grid: &'a mut [u64],
    /// 1 where a pixel of the tile changed, else 0.
    pub changed: &'a mut [u8],
    /// Changed pixels.
    pub counts: &'a mut [u32],
    /// x0, y0, x1, y1 around them, the last two exclusive; zeros where there are none.
    pub boxes: &'a mut [i32],
}

/// What one frame changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Tiles with a changed pixel.
    pub tiles: usize,
    /// Changed pixels.
    pub pixels: u64,
    /// Every pixel of the frame is zero.
    pub black: bool,
    /// The changed pixels, neighbours joined, without what is `blinking`.
    pub steady: Vec<Region>,
    /// The same of tiles that only alternate between two states.
    pub blinking: Vec<Region>,
}

/// Follows one screen: compares every frame with the state that is kept.
#[derive(Debug)]
pub struct Tracker {
    size: (usize, usize),
    threshold: u32,
    blinks_after: u8,
    started: bool,
    /// Each tile's fingerprint before the state that is kept.
    before: Vec<u64>,
    /// How often running each tile came back to that.
    returns: Vec<u8>,
    /// Tiles that damage touches.
    among: Vec<u8>,
}

impl Tracker {
    /// For frames of `height` x `width` pixels. A pixel has changed where its squared colour distance is above
    /// `threshold`; a tile blinks that came back to its state before last `blinks_after` times running, at least once.
    /// Fails with [`Error::Threshold`], [`Error::Blinks`] or, for a frame without pixels, [`Error::Layout`].
    pub fn new(
        height: usize,
        width: usize,
        threshold: u32,
        blinks_after: u8,
    ) -> Result<Self, Error> {
        Layout::packed(height, width, 4).size_bytes()?;
        if threshold > DISTANCE_MAX {
            return Err(Error::Threshold(threshold));
        }
        if blinks_after == 0 {
            return Err(Error::Blinks);
        }
        let (rows, columns) = crate::grid_shape(height, width);
        Ok(Self {
            size: (height, width),
            threshold,
            blinks_after,
            started: false,
            before: vec![0; rows * columns],
            returns: vec![0; rows * columns],
            among: vec![0; rows * columns],
        })
    }

    /// Takes a frame; `shown` is the state that is kept: what was applied last, its fourth bytes 0.
    ///
    /// A tile is compared where its fingerprint is not the one in `grid`, and replaced where a pixel in it changed: on
    /// lossy video it stays as it is shown until something in it exceeds the threshold. With `damage`, only tiles that
    /// one of its rectangles touches are looked at. The first frame is new as a whole: every tile is in `changed` and
    /// replaced, there are no counts and boxes. Fails, with nothing written, where a size is not the tracker's.
    pub fn apply(
        &mut self,
        frame: Frame<'_>,
        shown: FrameMut<'_>,
        tiles: Tiles<'_>,
        damage: Option<&[Damage]>,
    ) -> Result<Change, Error> {
        self.apply_at(Level::best(), frame, shown, tiles, damage)
    }

    /// [`Tracker::apply`] with the vector instructions of `level`.
    pub fn apply_at(
        &mut self,
        level: Level,
        frame: Frame<'_>,
        mut shown: FrameMut<'_>,
        mut tiles: Tiles<'_>,
        damage: Option<&[Damage]>,
    ) -> Result<Change, Error> {
        let (height, width) = self.size;
        for layout in [frame.layout(), shown.layout()] {
            Layout::packed(height, width, 4).check_size(&layout)?;
        }
        let cells = self.before.len();
        check("grid", tiles.grid.len(), cells)?;
        check("changed", tiles.changed.len(), cells)?;
        check("counts", tiles.counts.len(), cells)?;
        check("boxes", tiles.boxes.len(), 4 * cells)?;
        tiles.counts.fill(0);
        tiles.boxes.fill(0);
        if !self.started {
            return self.begin(level, frame, shown, tiles);
        }
        tiles.changed.fill(0);
        let shape = frame.layout().grid();
        let mut step = Step {
            level,
            frame,
            shown: &mut shown,
            tiles: &mut tiles,
            threshold: self.threshold,
            before: &mut self.before,
            returns: &mut self.returns,
        };
        let among = damage.map(|damage| {
            touch(&mut self.among, damage, shape);
            &self.among[..]
        });
        let mut pixels = 0;
        let mut dense = false;
        for strip in strips(shape, among) {
            let (moved, found) = step.take(strip, dense);
            dense = 100 * moved.each().count() > DENSE_PERCENT * strip.tiles;
            pixels += step.follow(moved, &found);
        }
        Ok(self.answer(&tiles, shape.1, pixels))
    }

    fn begin(
        &mut self,
        level: Level,
        frame: Frame<'_>,
        shown: FrameMut<'_>,
        tiles: Tiles<'_>,
    ) -> Result<Change, Error> {
        fingerprint_at(level, frame, tiles.grid, tiles.changed, None)?;
        crate::copy_tiles_at(level, frame, shown, None)?;
        tiles.changed.fill(1);
        self.before.copy_from_slice(tiles.grid);
        self.started = true;
        Ok(Change {
            tiles: tiles.grid.len(),
            pixels: self.size.0 as u64 * self.size.1 as u64,
            black: tiles
                .grid
                .iter()
                .all(|&fingerprint| fingerprint == ZERO_TILE),
            steady: vec![whole(&frame)],
            blinking: Vec::new(),
        })
    }

    /// The step's answer; `tiles` holds what it found.
    fn answer(&self, tiles: &Tiles<'_>, columns: usize, pixels: u64) -> Change {
        let changed = |cell: usize| tiles.changed[cell] != 0;
        let blinks = |cell: usize| self.returns[cell] >= self.blinks_after;
        let steady = |cell: usize| changed(cell) && !blinks(cell);
        let alternating = |cell: usize| changed(cell) && blinks(cell);
        let count = tiles.changed.iter().map(|&on| usize::from(on)).sum();
        let regions = |on: &dyn Fn(usize) -> bool| match count {
            0 => Vec::new(),
            _ => joined(tiles.boxes, columns, on),
        };
        Change {
            tiles: count,
            pixels,
            black: tiles
                .grid
                .iter()
                .all(|&fingerprint| fingerprint == ZERO_TILE),
            steady: regions(&steady),
            blinking: regions(&alternating),
        }
    }
}

/// Selects the tiles that a rectangle touches.
fn touch(among: &mut [u8], damage: &[Damage], shape: (usize, usize)) {
    among.fill(0);
    let tiles = |start: i64, length: i64, count: usize| {
        let end = start.saturating_add(length);
        let first = start.div_euclid(TILE as i64).clamp(0, count as i64);
        let beyond = end.saturating_add(TILE as i64 - 1).div_euclid(TILE as i64);
        first as usize..beyond.clamp(first, count as i64) as usize
    };
    for &(x, y, width, height) in damage {
        let columns = tiles(x, width, shape.1);
        for row in tiles(y, height, shape.0) {
            among[row * shape.1..][columns.clone()].fill(1);
        }
    }
}

/// What one step works on.
struct Step<'a, 's, 't> {
    level: Level,
    frame: Frame<'a>,
    shown: &'a mut FrameMut<'s>,
    tiles: &'a mut Tiles<'t>,
    threshold: u32,
    before: &'a mut [u64],
    returns: &'a mut [u8],
}

/// What is known of the tiles of a strip with another fingerprint than before.
#[derive(Clone, Copy, Default)]
struct Moved {
    /// Its pixels.
    found: Found,
    /// The fingerprint that `grid` had.
    before: u64,
}

impl Step<'_, '_, '_> {
    /// Fingerprints the strip's selected tiles, compares and keeps those that moved. Returns these as the strip's
    /// selection.
    fn take(&mut self, strip: Strip, dense: bool) -> (Strip, [Moved; STRIP]) {
        let mut states = [State::START; STRIP];
        let mut found = [Found::default(); STRIP];
        let lines = strip.lines(self.frame.layout().height);
        for y in strip.blocks() {
            absorb_block(self.level, &self.frame, strip, y, &mut states);
            if dense && y < lines.end {
                self.compare(strip, y, &mut found);
            }
        }
        let mut moved = Strip {
            selected: 0,
            ..strip
        };
        let mut answer = [Moved::default(); STRIP];
        for tile in strip.each() {
            let fingerprint = states[tile].finish();
            let before = std::mem::replace(&mut self.tiles.grid[strip.cell + tile], fingerprint);
            if before != fingerprint {
                moved.selected |= 1 << tile;
                answer[tile].before = before;
            }
        }
        if !dense && moved.selected != 0 {
            for y in lines.step_by(BLOCK_ROWS) {
                self.compare(moved, y, &mut found);
            }
        }
        for tile in moved.each() {
            answer[tile].found = found[tile];
        }
        (moved, answer)
    }

    /// Compares the block from row `y`, which lies in the frame, of the selected tiles; where every difference counts, it
    /// is kept at once.
    fn compare(&mut self, strip: Strip, y: usize, found: &mut [Found; STRIP]) {
        let (level, frame) = (self.level, &self.frame);
        let end = frame.layout().height.min(y + BLOCK_ROWS);
        if self.threshold > 0 {
            let shown = self.shown.frame();
            for y in y..end {
                compare_row(level, &shown, frame, self.threshold, strip, y, found);
            }
            return;
        }
        let whole = frame.whole_in_block(y).saturating_sub(strip.column);
        let row_stride = self.shown.layout().row_stride;
        for (start, beyond) in runs(strip.selected & lowest(whole)) {
            let (first, last) = (strip.column + start, strip.column + beyond);
            let after = frame.block(y, first, last);
            let mut kept = self.shown.rows(y, end, first * TILE..last * TILE);
            let (kept, after) = (&mut kept[..end - y], &after[..end - y]);
            let ahead_bytes = strip.ahead(y, start, beyond) * row_stride;
            simd::keep(
                level,
                &mut found[start..beyond],
                kept,
                after,
                y as u32,
                ahead_bytes,
            );
        }
        for (start, beyond) in runs(strip.selected & !lowest(whole)) {
            for tile in start..beyond {
                for y in y..end {
                    let (mut kept, mut after) = ([0; SPAN], [0; SPAN]);
                    frame.widen(y, strip.column + tile, &mut after);
                    let pixels = self.shown.tile(y, strip.column + tile);
                    kept[..pixels.len()].copy_from_slice(pixels);
                    let rows = (&mut [&mut kept[..]], &[&after[..]]);
                    simd::keep(level, &mut found[tile..=tile], rows.0, rows.1, y as u32, 0);
                    pixels.copy_from_slice(&kept[..pixels.len()]);
                }
            }
        }
    }

    /// Keeps the tiles of which a pixel changed, notes what is known of them and whether they came back to what they
    /// were. Returns the number of changed pixels.
    fn follow(&mut self, mut moved: Strip, answer: &[Moved; STRIP]) -> u64 {
        let mut pixels = 0;
        for tile in moved.each() {
            let Moved { found, before } = answer[tile];
            if found.count == 0 {
                moved.selected &= !(1 << tile);
                continue;
            }
            let cell = moved.cell + tile;
            pixels += u64::from(found.count);
            self.tiles.changed[cell] = 1;
            self.tiles.counts[cell] = found.count;
            self.tiles.boxes[4 * cell..][..4].copy_from_slice(&found.bounds(moved.column + tile));
            self.returns[cell] = if self.tiles.grid[cell] == self.before[cell] {
                self.returns[cell].saturating_add(1)
            } else {
                0
            };
            self.before[cell] = before;
        }
        if self.threshold > 0 {
            for y in moved.lines(self.frame.layout().height) {
                for tile in moved.each() {
                    let mut span = [0; SPAN];
                    self.frame.widen(y, moved.column + tile, &mut span);
                    copy::copy(self.shown.tile(y, moved.column + tile), &span);
                }
            }
        }
        pixels
    }
}
