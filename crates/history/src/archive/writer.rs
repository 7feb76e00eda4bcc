//! Writes a segment, frame by frame.

use ironcliw_change::{Frame, TILE, fingerprint};

use super::Error;
use super::canvas::Canvas;
use super::known::Known;
use super::ops::{Again, Ops, Patch, Shape};
use super::palette::Palettes;
use super::patches::Rect;
use super::pieces::Grid;
use super::sealing::Sealer;
use super::segment::{Header, Times};

/// A tile of more pieces is written as a whole: it bounds what drawing it takes.
const PIECES_MAX: usize = 32;

/// With fewer unknown tiles, nothing scrolled that would be worth looking for.
const SCROLLED_TILES_MIN: usize = 4;

/// So many tiles that changed are compared with what was there.
const FEW_TILES: usize = 32;

/// Where fewer pixels are wrong, drawing them anew costs less than looking for where they came from.
const WRONG_MIN: u64 = 4096;

/// Where less than one in so many of the wrong pixels are left, they came into view and not from elsewhere.
const LEFT: u64 = 16;

/// Moves in one frame.
const MOVES_MAX: usize = 3;

/// Takes the frames of one screen, all of one size, and makes a segment of them.
pub struct Writer {
    shape: Shape,
    first: u64,
    frames: u32,
    patches: u32,
    ended: bool,
    canvas: Canvas,
    grid: Grid,
    known: Known,
    palettes: Palettes,
    sealer: Sealer,
    fingerprints: Vec<u64>,
    cells: Vec<u8>,
    /// Tiles that moves have made right, which are noted only where they stay: most go on moving.
    moving: Vec<usize>,
    square: Vec<[u8; 4]>,
    ops: Ops,
    pixels: Vec<u8>,
    /// What the last call has made.
    bytes: Vec<u8>,
}

impl Writer {
    /// For frames of `height` x `width` pixels; `first` frames were in the segments before.
    pub fn new(height: usize, width: usize, first: u64) -> Result<Self, Error> {
        Self::with_verification(height, width, first, true)
    }

    /// [`Writer::new`], for tests: with `verified` false, fingerprints are believed.
    pub fn with_verification(
        height: usize,
        width: usize,
        first: u64,
        verified: bool,
    ) -> Result<Self, Error> {
        let shape = Shape { height, width };
        Ok(Self {
            shape,
            first,
            frames: 0,
            patches: 0,
            ended: false,
            canvas: Canvas::new(shape)?,
            grid: Grid::new(shape),
            known: Known::new(verified),
            palettes: Palettes::new(),
            sealer: Sealer::new()?,
            fingerprints: vec![0; shape.cells()],
            cells: vec![0; shape.cells()],
            moving: Vec::new(),
            square: Vec::with_capacity(TILE * TILE),
            ops: Ops::default(),
            pixels: Vec::new(),
            bytes: Vec::new(),
        })
    }

    /// Frames in it.
    pub fn frames(&self) -> usize {
        self.frames as usize
    }

    /// Bytes that are held, about.
    pub fn memory_bytes(&self) -> usize {
        let lists = self.pixels.capacity() + self.bytes.capacity() + 4 * self.square.capacity();
        self.canvas.memory_bytes()
            + lists
            + 9 * self.shape.cells()
            + self.grid.memory_bytes()
            + self.known.memory_bytes()
            + self.palettes.memory_bytes()
            + self.sealer.memory_bytes()
    }

    /// Adds a frame and returns what the segment grows by: a record, after a header for the first one; nothing where no
    /// pixel changed, and there is no such frame then.
    ///
    /// With `changed`, only its non-zero tiles may have changed. `fingerprints` are those of all tiles, where they are
    /// known already; that tiles look alike is never believed of them alone. Fails, with nothing added, for another size,
    /// a time before the last frame's, or a segment that has ended.
    pub fn add(
        &mut self,
        frame: Frame<'_>,
        times: Times,
        changed: Option<&[u8]>,
        fingerprints: Option<&[u64]>,
    ) -> Result<&[u8], Error> {
        self.bytes.clear();
        if self.ended {
            return Err(Error::Ended);
        }
        let last = self.sealer.last().time_ns;
        if self.frames > 0 && times.time_ns < last {
            let got = times.time_ns;
            return Err(Error::Time { last, got });
        }
        let cells = self.shape.cells();
        if let Some(given) = fingerprints.filter(|given| given.len() != cells) {
            return Err(Error::Frame(ironcliw_change::Error::Cells {
                name: "fingerprints",
                got: given.len(),
                expected: cells,
            }));
        }
        if self.frames == 0 {
            self.canvas.begin(frame)?;
        } else if !self.compare(frame, changed, fingerprints)? {
            return Ok(&[]);
        }
        // Whatever fails from here on leaves what cannot be gone on with.
        self.ended = true;
        self.put(frame, times, fingerprints)?;
        self.ended = false;
        Ok(&self.bytes)
    }

    /// Ends the segment and returns its last record; its last frame was shown until `held_ns` at least.
    pub fn end(&mut self, held_ns: i64) -> Result<&[u8], Error> {
        self.bytes.clear();
        if self.ended || self.frames == 0 {
            return Err(Error::Ended);
        }
        self.sealer.end(held_ns, self.frames, &mut self.bytes);
        self.ended = true;
        Ok(&self.bytes)
    }

    /// Adds the frame that the canvas has taken over.
    fn put(
        &mut self,
        frame: Frame<'_>,
        times: Times,
        fingerprints: Option<&[u64]>,
    ) -> Result<(), Error> {
        match fingerprints {
            Some(given) => self.fingerprints.copy_from_slice(given),
            None => {
                let among = Some(&self.canvas.changed[..]);
                fingerprint(frame, &mut self.fingerprints, &mut self.cells, among)?;
            }
        }
        self.note_what_stayed();
        self.ops.clear();
        self.pixels.clear();
        if self.frames > 0 {
            self.find_moves()?;
        }
        self.draw();
        if self.frames == 0 {
            let header = Header {
                shape: self.shape,
                first: self.first,
                times,
            };
            self.sealer.header(&header, &mut self.bytes);
        }
        self.sealer
            .frame(times, &self.ops, self.shape, &self.pixels, &mut self.bytes)?;
        self.patches += self.ops.patches.len() as u32;
        self.frames += 1;
        self.canvas.settle();
        Ok(())
    }

    /// Whether anything changed, which the canvas takes over.
    fn compare(
        &mut self,
        frame: Frame<'_>,
        changed: Option<&[u8]>,
        fingerprints: Option<&[u64]>,
    ) -> Result<bool, Error> {
        // Equal fingerprints prove nothing, but others do. Of a few tiles it is better to know how they differ.
        let shown = &self.fingerprints;
        let sure = fingerprints
            .filter(|given| given.iter().zip(shown).filter(|(a, b)| a != b).count() > FEW_TILES);
        let differs = |cell: usize| sure.is_some_and(|given| given[cell] != shown[cell]);
        self.canvas.compare(frame, changed, differs)
    }

    /// Looks for what scrolled, as long as that makes fewer pixels wrong.
    fn find_moves(&mut self) -> Result<(), Error> {
        let mut wrong = self.canvas.wrong();
        while self.ops.moves.len() < MOVES_MAX && wrong >= WRONG_MIN {
            self.canvas.note_wrong(&mut self.cells);
            let unknown = |&(cell, &much): &(usize, &u8)| {
                much != 0 && !self.known.has(self.fingerprints[cell])
            };
            if self.cells.iter().enumerate().filter(unknown).count() < SCROLLED_TILES_MIN {
                return Ok(());
            }
            let Some(step) = self.canvas.find_move(&self.cells) else {
                return Ok(());
            };
            self.canvas.shift(&step)?;
            self.grid.shift(&step);
            self.ops.moves.push(step);
            let left = self.canvas.wrong();
            if 2 * left > wrong || LEFT * left < wrong {
                return Ok(());
            }
            wrong = left;
        }
        Ok(())
    }

    /// Draws every tile that is not right yet: as it was once, where it was seen, else what is wrong in it.
    fn draw(&mut self) {
        for cell in 0..self.shape.cells() {
            if self.canvas.dirty[cell] == 0 {
                continue;
            }
            let deep = self.grid.pieces(cell).len() > PIECES_MAX;
            let wrong = deep || !self.canvas.is_right(cell);
            // A tile that a move has touched and that did not change has no new fingerprint, and needs none.
            if self.canvas.changed[cell] == 0 {
                if wrong {
                    self.patch(cell, deep);
                }
                continue;
            }
            if !wrong {
                self.moving.push(cell);
                continue;
            }
            let check = self.known.check(self.canvas.rows(cell));
            if self.is_known(cell, check) {
                continue;
            }
            self.patch(cell, deep || self.frames == 0);
            let pieces = self.grid.pieces(cell).clone();
            self.known.add(
                self.fingerprints[cell],
                check,
                self.frames,
                cell as u32,
                pieces,
            );
        }
    }

    /// Notes the tiles that moved in the frame before and have not changed since.
    fn note_what_stayed(&mut self) {
        for cell in std::mem::take(&mut self.moving) {
            if self.canvas.changed[cell] == 0 {
                let check = self.known.check(self.canvas.rows(cell));
                let pieces = self.grid.pieces(cell).clone();
                let fingerprint = self.fingerprints[cell];
                self.known
                    .add(fingerprint, check, self.frames - 1, cell as u32, pieces);
            }
        }
    }

    /// Whether the tile was shown before; then it is said to look like that again.
    fn is_known(&mut self, cell: usize, check: u64) -> bool {
        let size = |cell: usize| {
            let area = self.shape.area(cell);
            (area.width, area.height)
        };
        let seen = self.known.find(self.fingerprints[cell], check);
        let Some(seen) = seen.filter(|seen| size(seen.cell as usize) == size(cell)) else {
            return false;
        };
        let again = Again {
            cell: cell as u32,
            count: 1,
            ago: self.frames - seen.frame,
            from: seen.cell,
        };
        self.grid.set(cell, seen.pieces.clone());
        match self.ops.agains.last_mut() {
            Some(last) if last.continues(&again) => last.count += 1,
            _ => self.ops.agains.push(again),
        }
        true
    }

    /// Draws what is wrong in a tile, or all of it.
    fn patch(&mut self, cell: usize, whole: bool) {
        let all = Rect::of(self.shape.area(cell));
        let mut parts = match whole {
            true => vec![all],
            false => self.canvas.wrong_parts(cell),
        };
        if self.grid.pieces(cell).len() + parts.len() > PIECES_MAX {
            parts = vec![all];
        }
        for part in parts {
            self.canvas.copy(cell, part, &mut self.square);
            let (style, palette) =
                self.palettes
                    .write(&self.square, &mut self.ops.colours, &mut self.pixels);
            let patch = Patch {
                cell: cell as u32,
                x: part.x as u8,
                y: part.y as u8,
                width: part.width as u8,
                height: part.height as u8,
                style,
                palette,
            };
            let number = self.patches + self.ops.patches.len() as u32;
            self.grid.draw(number, &patch);
            self.ops.patches.push(patch);
        }
    }
}
