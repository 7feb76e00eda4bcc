//! The frame as the segment has it so far, the one that is added, and where they differ.

use ironcliw_change::{Frame, FrameMut, Layout, TILE, copy_tiles, difference};

use super::Error;
use super::ops::{Move, Shape};
use super::patches::{Rect, drawn_anew};
use super::shift;

/// Where less than one pixel of so many is wrong, nothing scrolled.
const MUCH: usize = 32;

/// Two pictures, packed rows of B, G, R, 0, and per tile what is known of their difference.
pub struct Canvas {
    shape: Shape,
    /// As far as the frame's moves have made it.
    before: Vec<u8>,
    after: Vec<u8>,
    /// Tiles that are not as they were in the frame before.
    pub changed: Vec<u8>,
    /// Those and what moves have touched.
    pub dirty: Vec<u8>,
    counts: Vec<u32>,
    boxes: Vec<i32>,
    /// Tiles in which `after` is behind `before` until the next frame.
    stale: Vec<u8>,
    among: Vec<u8>,
}

impl Canvas {
    /// Two black pictures.
    pub fn new(shape: Shape) -> Result<Self, Error> {
        let size_bytes = layout(shape).size_bytes()?;
        let cells = shape.cells();
        Ok(Self {
            shape,
            before: vec![0; size_bytes],
            after: vec![0; size_bytes],
            changed: vec![0; cells],
            dirty: vec![0; cells],
            counts: vec![0; cells],
            boxes: vec![0; 4 * cells],
            stale: vec![0; cells],
            among: vec![0; cells],
        })
    }

    /// Bytes that are held.
    pub fn memory_bytes(&self) -> usize {
        self.before.len() + self.after.len() + 24 * self.shape.cells()
    }

    /// Takes over a first frame: every tile has changed.
    pub fn begin(&mut self, frame: Frame<'_>) -> Result<(), Error> {
        copy_tiles(
            frame,
            FrameMut::new(&mut self.after, layout(self.shape))?,
            None,
        )?;
        self.changed.fill(1);
        self.dirty.fill(1);
        self.counts.fill(1);
        Ok(())
    }

    /// Takes over the tiles that changed, of non-zero cells in `among`, and says whether any did. Those that `differs`
    /// is sure of are not compared, and all of their pixels are taken for wrong.
    pub fn compare(
        &mut self,
        frame: Frame<'_>,
        among: Option<&[u8]>,
        differs: impl Fn(usize) -> bool,
    ) -> Result<bool, Error> {
        let cells = self.shape.cells();
        if among.is_some_and(|among| among.len() != cells) {
            return Err(Error::Frame(ironcliw_change::Error::Cells {
                name: "changed",
                got: among.map_or(0, <[u8]>::len),
                expected: cells,
            }));
        }
        for cell in 0..cells {
            let asked = among.is_none_or(|among| among[cell] != 0);
            self.changed[cell] = u8::from(asked && differs(cell));
            self.among[cell] = u8::from(asked) ^ self.changed[cell];
        }
        let shown = Frame::new(&self.before, layout(self.shape))?;
        let (counts, boxes) = (&mut self.counts, &mut self.boxes);
        difference(shown, frame, 0, Some(&self.among), counts, boxes, None)?;
        for (cell, changed) in self.changed.iter_mut().enumerate() {
            if *changed != 0 {
                counts[cell] = (TILE * TILE) as u32;
            }
            *changed = u8::from(counts[cell] > 0);
        }
        if self.changed.iter().all(|&changed| changed == 0) {
            return Ok(false);
        }
        self.dirty.copy_from_slice(&self.changed);
        for (stale, &changed) in self.stale.iter_mut().zip(&self.changed) {
            *stale &= 1 ^ changed;
        }
        let target = FrameMut::new(&mut self.after, layout(self.shape))?;
        copy_tiles(shown, target, Some(&self.stale))?;
        let target = FrameMut::new(&mut self.after, layout(self.shape))?;
        copy_tiles(frame, target, Some(&self.changed))?;
        Ok(true)
    }

    /// Whether the tile is what it must become.
    pub fn is_right(&self, cell: usize) -> bool {
        self.counts[cell] == 0
    }

    /// Pixels that are wrong.
    pub fn wrong(&self) -> u64 {
        self.counts.iter().map(|&count| u64::from(count)).sum()
    }

    /// Notes in `cells` which changed tiles are wrong in many pixels.
    pub fn note_wrong(&self, cells: &mut [u8]) {
        for (cell, much) in cells.iter_mut().enumerate() {
            let area = self.shape.area(cell);
            let wrong = self.counts[cell] as usize > area.width * area.height / MUCH;
            *much = u8::from(wrong && self.changed[cell] != 0);
        }
    }

    /// What moved among tiles of non-zero `cells`.
    pub fn find_move(&self, cells: &[u8]) -> Option<Move> {
        shift::find(&self.before, &self.after, self.shape, cells)
    }

    /// Makes the move, and compares what it made.
    pub fn shift(&mut self, step: &Move) -> Result<(), Error> {
        move_pixels(&mut self.before, self.shape.width, step);
        for cell in self.shape.touched(step.to) {
            self.dirty[cell] = 1;
        }
        let before = Frame::new(&self.before, layout(self.shape))?;
        let after = Frame::new(&self.after, layout(self.shape))?;
        let among = Some(&self.dirty[..]);
        difference(
            before,
            after,
            0,
            among,
            &mut self.counts,
            &mut self.boxes,
            None,
        )?;
        Ok(())
    }

    /// The frame is in the segment now.
    pub fn settle(&mut self) {
        std::mem::swap(&mut self.before, &mut self.after);
        std::mem::swap(&mut self.stale, &mut self.dirty);
    }

    /// The tile's rows, as they must become.
    pub fn rows(&self, cell: usize) -> impl Iterator<Item = &[u8]> {
        let area = self.shape.area(cell);
        let start = 4 * (area.y * self.shape.width + area.x);
        let rows = self.after[start..].chunks(4 * self.shape.width);
        rows.take(area.height)
            .map(move |row| &row[..4 * area.width])
    }

    /// The parts of a tile that are wrong.
    pub fn wrong_parts(&self, cell: usize) -> Vec<Rect> {
        drawn_anew(
            &self.before,
            &self.after,
            self.shape.width,
            self.shape.area(cell),
        )
    }

    /// Copies part of a tile as it must become.
    pub fn copy(&self, cell: usize, part: Rect, target: &mut Vec<[u8; 4]>) {
        target.clear();
        for row in self.rows(cell).skip(part.y).take(part.height) {
            let pixels = row.as_chunks().0;
            target.extend_from_slice(&pixels[part.x..part.x + part.width]);
        }
    }
}

fn layout(shape: Shape) -> Layout {
    Layout::packed(shape.height, shape.width, 4)
}

/// Moves pixels within a picture of packed rows.
fn move_pixels(pixels: &mut [u8], width: usize, step: &Move) {
    let to = step.to;
    let mut copy = |i: usize| {
        let y = to.y + i;
        let from = (y as isize - step.dy) as usize * width + (to.x as isize - step.dx) as usize;
        pixels.copy_within(4 * from..4 * (from + to.width), 4 * (y * width + to.x));
    };
    if step.dy > 0 {
        (0..to.height).rev().for_each(&mut copy);
    } else {
        (0..to.height).for_each(&mut copy);
    }
}
