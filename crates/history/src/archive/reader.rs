//! Reads a segment, and draws any frame of it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crc32fast::Hasher;
use ironcliw_change::FrameMut;
use zstd::bulk::Decompressor;

use super::Error;
use super::ops::{Ops, Shape};
use super::painting::Paint;
use super::pieces::{Grid, Pieces, tiles_of};
use super::segment::{END, FRAME, Header, Part, Times, read_frame, read_record};

/// Frames between those of which all tiles are kept.
const MARK_EVERY: usize = 16;

/// What one frame's record says.
#[derive(Debug)]
struct Step {
    times: Times,
    ops: Ops,
    pixels: Part,
    /// The segment's patches before its own.
    first_patch: u32,
    /// Where its record begins.
    at: usize,
}

/// A segment that was checked as a whole.
pub struct Reader {
    bytes: Vec<u8>,
    header: Header,
    check: Hasher,
    /// Up to where the records were read.
    read: usize,
    held_ns: Option<i64>,
    steps: Vec<Step>,
    paint: Paint,
    /// How many colours each palette has.
    colours: Vec<usize>,
    /// Made once: it is larger than most of what it unpacks.
    unpacker: Decompressor<'static>,
    /// Tiles of earlier frames that later ones look like, by frame, and how many these are.
    wanted: HashMap<u32, HashSet<u32>>,
    wanted_tiles: usize,
    kept: HashMap<(u32, u32), Pieces>,
    /// Every so many frames, as far as anybody asked.
    marks: Vec<Grid>,
}

impl Reader {
    /// Reads all of `bytes`, which begin with the segment's header. Fails with [`Error::Foreign`], [`Error::Version`],
    /// [`Error::Truncated`] or [`Error::Damaged`].
    pub fn new(bytes: &[u8]) -> Result<Self, Error> {
        let (header, check) = Header::read(bytes)?;
        let mut reader = Self {
            bytes: Vec::new(),
            header,
            check,
            read: super::segment::HEADER_BYTES,
            held_ns: None,
            steps: Vec::new(),
            paint: Paint::default(),
            colours: Vec::new(),
            unpacker: Decompressor::new().map_err(|error| Error::Compression(error.to_string()))?,
            wanted: HashMap::new(),
            wanted_tiles: 0,
            kept: HashMap::new(),
            marks: Vec::new(),
        };
        reader.extend(bytes)?;
        Ok(reader)
    }

    /// Reads what was appended since; whole records. Fails like [`Reader::new`], and the reader is of no use then.
    pub fn extend(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.bytes.extend_from_slice(bytes);
        let mut again = false;
        while let Some(record) = read_record(&self.bytes, self.read, &mut self.check)? {
            let damaged = |what| Error::Damaged {
                at: record.at,
                what,
            };
            if self.held_ns.is_some() {
                return Err(damaged("a record after the end"));
            }
            match record.kind {
                FRAME => again |= self.take(&record).ok_or_else(|| damaged("a frame"))?,
                END => self.finish(&record).ok_or_else(|| damaged("the end"))?,
                _ => return Err(damaged("a record of an unknown kind")),
            }
            self.read = record.end;
        }
        if again {
            // A frame that was passed by is looked back to.
            self.marks.clear();
            self.kept.clear();
        }
        Ok(())
    }

    /// Takes a frame's record; whether it looks back to where everybody has passed.
    fn take(&mut self, record: &super::segment::Record) -> Option<bool> {
        let number = self.steps.len();
        let before = self
            .steps
            .last()
            .map_or(self.header.times, |step| step.times);
        let (times, [steps, pixels]) = read_frame(&self.bytes, record, before)?;
        let ops = Ops::read(
            &steps.unpacked(&self.bytes, &mut self.unpacker)?,
            self.header.shape,
            number,
            &mut self.colours,
        )?;
        let first_patch = u32::try_from(self.paint.patches()).ok()?;
        let size_bytes = self.paint.add(number as u32, &ops.colours, &ops.patches);
        let mut again = false;
        for seen in ops.agains.iter().filter(|seen| seen.ago > 0) {
            let frame = number as u32 - seen.ago;
            let wanted = self.wanted.entry(frame).or_default();
            for (_, from) in tiles_of(seen) {
                let new = wanted.insert(from as u32);
                self.wanted_tiles += usize::from(new);
                again |= new && (frame as usize) < self.marks.len() * MARK_EVERY;
            }
        }
        let covers = number > 0 || covers_all(&ops, self.header.shape);
        self.steps.push(Step {
            times,
            ops,
            pixels,
            first_patch,
            at: record.at,
        });
        (covers && size_bytes == self.steps[number].pixels.raw_bytes).then_some(again)
    }

    fn finish(&mut self, record: &super::segment::Record) -> Option<()> {
        let mut input = super::bytes::Input(&self.bytes[record.body.clone()]);
        let last = self.steps.last()?.times;
        self.held_ns = Some(last.time_ns.checked_add_unsigned(input.number()?)?);
        (input.number()? == self.steps.len() as u64 && input.0.is_empty()).then_some(())
    }

    /// What the segment says of itself.
    pub fn header(&self) -> Header {
        self.header
    }

    /// Frames in it.
    pub fn frames(&self) -> usize {
        self.steps.len()
    }

    /// When a frame was shown, if there is one of that number.
    pub fn times(&self, frame: usize) -> Option<Times> {
        self.steps.get(frame).map(|step| step.times)
    }

    /// Until when the last frame was shown at least; None where the segment has not ended.
    pub fn held_ns(&self) -> Option<i64> {
        self.held_ns
    }

    /// Bytes that are held, about.
    pub fn memory_bytes(&self) -> usize {
        let ops: usize = self
            .steps
            .iter()
            .map(|step| 128 + 12 * step.ops.patches.len() + 16 * step.ops.agains.len())
            .sum();
        self.bytes.capacity()
            + ops
            + self.paint.memory_bytes()
            + self.wanted_tiles * 48
            + self.marks.iter().map(Grid::memory_bytes).sum::<usize>()
    }

    /// Draws frame number `frame`, all of it or, where `out` holds frame number `before` already, what is different.
    /// Returns the number of tiles that were drawn. Fails with [`Error::NoFrame`], for an `out` of another size, and for a
    /// frame whose compressed pixels are damaged although their checksum is right.
    pub fn draw(
        &mut self,
        frame: usize,
        mut out: FrameMut<'_>,
        before: Option<usize>,
    ) -> Result<usize, Error> {
        let shape = self.header.shape;
        let size = (out.layout().height, out.layout().width);
        if size != (shape.height, shape.width) {
            return Err(Error::Frame(ironcliw_change::Error::Size {
                height: shape.height,
                width: shape.width,
                got_height: size.0,
                got_width: size.1,
            }));
        }
        let shown = before.map(|before| self.grid(before)).transpose()?;
        let grid = self.grid(frame)?;
        let differs = |cell: &usize| {
            let same = |shown: &Grid| Arc::ptr_eq(shown.pieces(*cell), grid.pieces(*cell));
            !shown.as_ref().is_some_and(same)
        };
        let cells: Vec<usize> = (0..shape.cells()).filter(differs).collect();
        self.unpack(&grid, &cells)?;
        for &cell in &cells {
            let area = shape.area(cell);
            for piece in grid.pieces(cell).iter() {
                self.paint.paint(piece, area, &mut out);
            }
        }
        let all = (0..shape.cells()).flat_map(|cell| grid.pieces(cell).iter());
        self.paint.forget(all);
        Ok(cells.len())
    }

    /// All tiles of a frame, walked to from the last mark before it.
    fn grid(&mut self, frame: usize) -> Result<Grid, Error> {
        if frame >= self.steps.len() {
            return Err(Error::NoFrame {
                frames: self.steps.len(),
                got: frame,
            });
        }
        let mark = (frame / MARK_EVERY + 1).min(self.marks.len());
        let (mut grid, mut next) = match mark.checked_sub(1) {
            Some(mark) => (self.marks[mark].clone(), mark * MARK_EVERY + 1),
            None => (Grid::new(self.header.shape), 0),
        };
        while next <= frame {
            self.walk(&mut grid, next)?;
            if next % MARK_EVERY == 0 && next / MARK_EVERY == self.marks.len() {
                self.marks.push(grid.clone());
            }
            next += 1;
        }
        Ok(grid)
    }

    /// Makes the tiles of frame `number` of those of the frame before.
    fn walk(&mut self, grid: &mut Grid, number: usize) -> Result<(), Error> {
        let step = &self.steps[number];
        let lost = Error::Damaged {
            at: step.at,
            what: "a tile that was never shown",
        };
        let kept = &self.kept;
        grid.apply(&step.ops, step.first_patch, |ago, from| {
            let key = (number as u32 - ago, from as u32);
            kept.get(&key).cloned().ok_or_else(|| lost.clone())
        })?;
        for &cell in self.wanted.get(&(number as u32)).into_iter().flatten() {
            let pieces = grid.pieces(cell as usize).clone();
            self.kept.insert((number as u32, cell), pieces);
        }
        Ok(())
    }

    /// Unpacks the pixels that these tiles are painted from.
    fn unpack(&mut self, grid: &Grid, cells: &[usize]) -> Result<(), Error> {
        for piece in cells.iter().flat_map(|&cell| grid.pieces(cell).iter()) {
            if let Some(frame) = self.paint.missing(piece) {
                let step = &self.steps[frame as usize];
                let raw = step.pixels.unpacked(&self.bytes, &mut self.unpacker);
                let done = raw.and_then(|raw| self.paint.unpack(frame, raw, &step.ops.patches));
                done.ok_or(Error::Damaged {
                    at: step.at,
                    what: "pixels",
                })?;
            }
        }
        Ok(())
    }
}

/// Whether the first frame says of every pixel what it is.
fn covers_all(ops: &Ops, shape: Shape) -> bool {
    let mut grid = Grid::new(shape);
    let drawn = grid.apply(ops, 0, |_, _| Err(()));
    ops.moves.is_empty() && drawn.is_ok() && (0..shape.cells()).all(|cell| grid.is_whole(cell))
}
