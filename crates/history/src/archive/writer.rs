//! Writes a segment, frame by frame.

use crc32fast::Hasher;
use ironcliw_change::{Frame, FrameMut, Layout, TILE, copy_tiles, difference, fingerprint};
use zstd::bulk::Compressor;

use super::Error;
use super::known::Known;
use super::ops::{Again, Move, Ops, Patch, Shape, Style};
use super::palette::{Palettes, put_planes};
use super::patches::{Rect, drawn_anew};
use super::pieces::Grid;
use super::segment::{END, FRAME, Header, Times, write_frame_head, write_record};
use super::shift;

const LEVEL: i32 = 1;

/// A tile of more pieces is written as a whole: it bounds what drawing it takes.
const PIECES_MAX: usize = 32;

/// With fewer unknown tiles, nothing scrolled that would be worth looking for.
const SCROLLED_TILES_MIN: usize = 4;

/// Moves in one frame.
const MOVES_MAX: usize = 3;

/// Shorter bytes are not compressed.
const COMPRESSED_MIN: usize = 48;

/// Takes the frames of one screen, all of one size, and makes a segment of them.
pub struct Writer {
    shape: Shape,
    first: u64,
    bytes: Vec<u8>,
    check: Hasher,
    frames: u32,
    last: Times,
    ended: bool,
    /// The frame as it is in the segment so far, while one is added: as far as its moves make it.
    before: Vec<u8>,
    /// The frame that is added, its fourth bytes 0.
    after: Vec<u8>,
    grid: Grid,
    patches: u32,
    known: Known,
    palettes: Palettes,
    ops: Ops,
    pixels: Vec<u8>,
    scratch: Scratch,
    compressor: Compressor<'static>,
}

/// Per tile, and used anew for each frame.
struct Scratch {
    changed: Vec<u8>,
    dirty: Vec<u8>,
    counts: Vec<u32>,
    boxes: Vec<i32>,
    fingerprints: Vec<u64>,
    moved: Vec<u8>,
    steps: Vec<u8>,
    head: Vec<u8>,
    packed: [Vec<u8>; 2],
    square: Vec<[u8; 4]>,
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
        let size_bytes = Layout::packed(height, width, 4).size_bytes()?;
        let shape = Shape { height, width };
        let cells = shape.cells();
        let compressor =
            Compressor::new(LEVEL).map_err(|error| Error::Compression(error.to_string()))?;
        Ok(Self {
            shape,
            first,
            bytes: Vec::new(),
            check: Hasher::new(),
            frames: 0,
            last: Times {
                time_ns: 0,
                wall_ns: 0,
            },
            ended: false,
            before: vec![0; size_bytes],
            after: vec![0; size_bytes],
            grid: Grid::new(shape),
            patches: 0,
            known: Known::new(verified),
            palettes: Palettes::new(),
            ops: Ops::default(),
            pixels: Vec::new(),
            scratch: Scratch {
                changed: vec![0; cells],
                dirty: vec![0; cells],
                counts: vec![0; cells],
                boxes: vec![0; 4 * cells],
                fingerprints: vec![0; cells],
                moved: vec![0; cells],
                steps: Vec::new(),
                head: Vec::new(),
                packed: [Vec::new(), Vec::new()],
                square: Vec::with_capacity(TILE * TILE),
            },
            compressor,
        })
    }

    /// The segment so far: a header and whole records, nothing before the first frame.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Frames in it.
    pub fn frames(&self) -> usize {
        self.frames as usize
    }

    /// Bytes that are held beside the segment, about.
    pub fn memory_bytes(&self) -> usize {
        let scratch = &self.scratch;
        let lists =
            scratch.packed.iter().map(Vec::capacity).sum::<usize>() + self.pixels.capacity();
        let pieces: usize = (0..self.shape.cells())
            .map(|cell| 12 * self.grid.pieces(cell).len() + 32)
            .sum();
        self.before.len()
            + self.after.len()
            + lists
            + pieces
            + 64 * self.shape.cells()
            + self.known.memory_bytes()
            + self.palettes.memory_bytes()
            + (self.bytes.capacity() - self.bytes.len())
    }

    /// Adds a frame and returns by how many bytes the segment grew: 0 where no pixel changed, and there is no such frame
    /// then.
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
    ) -> Result<usize, Error> {
        if self.ended {
            return Err(Error::Ended);
        }
        if self.frames > 0 && times.time_ns < self.last.time_ns {
            return Err(Error::Time {
                last: self.last.time_ns,
                got: times.time_ns,
            });
        }
        let cells = self.shape.cells();
        if let Some(given) = fingerprints.filter(|given| given.len() != cells) {
            return Err(Error::Frame(ironcliw_change::Error::Cells {
                name: "fingerprints",
                got: given.len(),
                expected: cells,
            }));
        }
        if !self.compare(frame, changed)? {
            return Ok(0);
        }
        // Whatever fails from here on leaves what cannot be gone on with.
        self.ended = true;
        let size_bytes = self.put(frame, times, fingerprints)?;
        self.ended = false;
        Ok(size_bytes)
    }

    /// Adds the frame that `compare` took over.
    fn put(
        &mut self,
        frame: Frame<'_>,
        times: Times,
        fingerprints: Option<&[u64]>,
    ) -> Result<usize, Error> {
        let scratch = &mut self.scratch;
        match fingerprints {
            Some(given) => scratch.fingerprints.copy_from_slice(given),
            None => {
                let among = Some(&scratch.changed[..]);
                fingerprint(frame, &mut scratch.fingerprints, &mut scratch.moved, among)?;
            }
        }
        self.ops.clear();
        self.pixels.clear();
        if self.frames > 0 {
            self.find_moves()?;
        }
        self.draw();
        let size_bytes = self.bytes.len();
        self.record(times)?;
        self.patches += self.ops.patches.len() as u32;
        self.frames += 1;
        let (shape, scratch) = (self.shape, &mut self.scratch);
        let source = Frame::new(&self.after, layout(shape))?;
        copy_tiles(
            source,
            FrameMut::new(&mut self.before, layout(shape))?,
            Some(&scratch.dirty),
        )?;
        Ok(self.bytes.len() - size_bytes)
    }

    /// Ends the segment; its last frame was shown until `held_ns` at least.
    pub fn end(&mut self, held_ns: i64) -> Result<(), Error> {
        if self.ended || self.frames == 0 {
            return Err(Error::Ended);
        }
        let head = &mut self.scratch.head;
        head.clear();
        super::bytes::put(
            head,
            held_ns.saturating_sub(self.last.time_ns).max(0) as u64,
        );
        super::bytes::put(head, u64::from(self.frames));
        write_record(&mut self.bytes, END, &[head], &mut self.check);
        self.ended = true;
        Ok(())
    }

    /// Takes over the tiles that changed, and says whether any did.
    fn compare(&mut self, frame: Frame<'_>, among: Option<&[u8]>) -> Result<bool, Error> {
        let (shape, scratch) = (self.shape, &mut self.scratch);
        if self.frames == 0 {
            let size = FrameMut::new(&mut self.after, layout(shape))?;
            copy_tiles(frame, size, None)?;
            scratch.changed.fill(1);
            scratch.dirty.fill(1);
            return Ok(true);
        }
        let shown = Frame::new(&self.before, layout(shape))?;
        let (counts, boxes) = (&mut scratch.counts, &mut scratch.boxes);
        let pixels = difference(shown, frame, 0, among, counts, boxes, None)?;
        for (changed, &count) in scratch.changed.iter_mut().zip(&*counts) {
            *changed = u8::from(count > 0);
        }
        scratch.dirty.copy_from_slice(&scratch.changed);
        if pixels > 0 {
            let target = FrameMut::new(&mut self.after, layout(shape))?;
            copy_tiles(frame, target, Some(&scratch.changed))?;
        }
        Ok(pixels > 0)
    }

    /// Looks for what scrolled, as long as that makes fewer tiles wrong.
    fn find_moves(&mut self) -> Result<(), Error> {
        let shape = self.shape;
        while self.ops.moves.len() < MOVES_MAX {
            let scratch = &mut self.scratch;
            let mut unknown = 0;
            for cell in 0..shape.cells() {
                let on = scratch.counts[cell] > 0 && scratch.changed[cell] != 0;
                // Where nearly every pixel is right already, there is nothing left to find.
                let area = shape.area(cell);
                let much = on && scratch.counts[cell] as usize > area.width * area.height / 32;
                scratch.moved[cell] = u8::from(much);
                unknown += usize::from(much && !self.known.has(scratch.fingerprints[cell]));
            }
            if unknown < SCROLLED_TILES_MIN {
                return Ok(());
            }
            let wrong: u64 = scratch.counts.iter().map(|&count| u64::from(count)).sum();
            let Some(step) = shift::find(&self.before, &self.after, shape, &scratch.moved) else {
                return Ok(());
            };
            self.shift(&step)?;
            let left: u64 = self
                .scratch
                .counts
                .iter()
                .map(|&count| u64::from(count))
                .sum();
            self.ops.moves.push(step);
            if 2 * left > wrong {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Makes the move, and compares what it made.
    fn shift(&mut self, step: &Move) -> Result<(), Error> {
        let shape = self.shape;
        move_pixels(&mut self.before, shape.width, step);
        self.grid.shift(step);
        let scratch = &mut self.scratch;
        for cell in shape.touched(step.to) {
            scratch.dirty[cell] = 1;
        }
        let before = Frame::new(&self.before, layout(shape))?;
        let after = Frame::new(&self.after, layout(shape))?;
        let among = Some(&scratch.dirty[..]);
        difference(
            before,
            after,
            0,
            among,
            &mut scratch.counts,
            &mut scratch.boxes,
            None,
        )?;
        Ok(())
    }

    /// Draws every tile that is not right yet: as it was once, where it was seen, else what is wrong in it.
    fn draw(&mut self) {
        for cell in 0..self.shape.cells() {
            let scratch = &self.scratch;
            if scratch.dirty[cell] == 0 {
                continue;
            }
            let area = self.shape.area(cell);
            let right = self.frames > 0 && scratch.counts[cell] == 0;
            let many = self.grid.pieces(cell).len() > PIECES_MAX;
            // A tile that a move has touched and did not change has no new fingerprint, and needs none.
            if scratch.changed[cell] == 0 {
                if !right || many {
                    self.patch(cell, right || many);
                }
                continue;
            }
            let start = 4 * (area.y * self.shape.width + area.x);
            let rows = self.after[start..]
                .chunks(4 * self.shape.width)
                .take(area.height);
            let check = self.known.check(rows.map(|row| &row[..4 * area.width]));
            let fingerprint = scratch.fingerprints[cell];
            if right && !many {
                self.note(cell, fingerprint, check);
                continue;
            }
            let seen = self.known.find(fingerprint, check).filter(|seen| {
                let from = self.shape.area(seen.cell as usize);
                (from.width, from.height) == (area.width, area.height)
            });
            if let Some(seen) = seen {
                let again = Again {
                    cell: cell as u32,
                    count: 1,
                    ago: self.frames - seen.frame,
                    from: seen.cell,
                };
                self.grid.set(cell, seen.pieces.clone());
                again_after(&mut self.ops.agains, again);
                continue;
            }
            self.patch(cell, self.frames == 0 || many);
            self.note(cell, fingerprint, check);
        }
    }

    fn note(&mut self, cell: usize, fingerprint: u64, check: u64) {
        let pieces = self.grid.pieces(cell).clone();
        self.known
            .add(fingerprint, check, self.frames, cell as u32, pieces);
    }

    /// Draws what is wrong in a tile, or all of it.
    fn patch(&mut self, cell: usize, whole: bool) {
        let area = self.shape.area(cell);
        let all = Rect::of(area);
        let pieces = self.grid.pieces(cell).len();
        let mut rects = if whole {
            vec![all]
        } else {
            drawn_anew(&self.before, &self.after, self.shape.width, area)
        };
        if pieces + rects.len() > PIECES_MAX {
            rects = vec![all];
        }
        for rect in rects {
            self.write_patch(cell, rect);
        }
    }

    fn write_patch(&mut self, cell: usize, rect: Rect) {
        let area = self.shape.area(cell);
        let square = &mut self.scratch.square;
        square.clear();
        let (pixels, _) = self.after.as_chunks::<4>();
        for y in rect.y..rect.y + rect.height {
            let start = (area.y + y) * self.shape.width + area.x + rect.x;
            square.extend_from_slice(&pixels[start..start + rect.width]);
        }
        let found = self
            .palettes
            .index(square, &mut self.ops.colours, &mut self.pixels);
        let (style, palette) = match found {
            Some((palette, true)) => (Style::Plain, palette),
            Some((palette, false)) => (Style::Indexed, palette),
            None => {
                put_planes(square, &mut self.pixels);
                (Style::Full, 0)
            }
        };
        let patch = Patch {
            cell: cell as u32,
            x: rect.x as u8,
            y: rect.y as u8,
            width: rect.width as u8,
            height: rect.height as u8,
            style,
            palette,
        };
        self.grid
            .draw(self.patches + self.ops.patches.len() as u32, &patch);
        self.ops.patches.push(patch);
    }

    /// Appends the frame's record, and before the first one the header.
    fn record(&mut self, times: Times) -> Result<(), Error> {
        let scratch = &mut self.scratch;
        scratch.steps.clear();
        self.ops.write(self.shape, &mut scratch.steps);
        let mut sizes = [(0, 0); 2];
        let [steps, pixels] = &mut scratch.packed;
        for ((raw, packed), size) in [(&scratch.steps, steps), (&self.pixels, pixels)]
            .into_iter()
            .zip(&mut sizes)
        {
            pack(&mut self.compressor, raw, packed)?;
            *size = (raw.len(), packed.len());
        }
        if self.frames == 0 {
            let header = Header {
                shape: self.shape,
                first: self.first,
                times,
            };
            header.write(&mut self.bytes, &mut self.check);
            self.last = times;
        }
        let passed = times.time_ns.wrapping_sub(self.last.time_ns);
        let step = Times {
            time_ns: passed,
            wall_ns: times
                .wall_ns
                .wrapping_sub(self.last.wall_ns)
                .wrapping_sub(passed),
        };
        scratch.head.clear();
        write_frame_head(&mut scratch.head, step, sizes);
        let body = [&scratch.head[..], &scratch.packed[0], &scratch.packed[1]];
        write_record(&mut self.bytes, FRAME, &body, &mut self.check);
        self.last = times;
        Ok(())
    }
}

fn layout(shape: Shape) -> Layout {
    Layout::packed(shape.height, shape.width, 4)
}

/// Compresses, or copies where that is not shorter.
fn pack(compressor: &mut Compressor<'_>, raw: &[u8], packed: &mut Vec<u8>) -> Result<(), Error> {
    packed.clear();
    if raw.len() >= COMPRESSED_MIN {
        packed.reserve(zstd::zstd_safe::compress_bound(raw.len()));
        compressor
            .compress_to_buffer(raw, packed)
            .map_err(|error| Error::Compression(error.to_string()))?;
        if packed.len() < raw.len() {
            return Ok(());
        }
        packed.clear();
    }
    packed.extend_from_slice(raw);
    Ok(())
}

/// Appends it, as part of the one before where it continues that.
fn again_after(agains: &mut Vec<Again>, again: Again) {
    if let Some(last) = agains.last_mut()
        && last.ago == again.ago
        && again.ago > 0
        && last.cell + last.count == again.cell
        && last.from + last.count == again.from
    {
        last.count += 1;
        return;
    }
    agains.push(again);
}

/// Moves pixels within a picture of packed rows.
fn move_pixels(pixels: &mut [u8], width: usize, step: &Move) {
    let to = step.to;
    let row = |i: usize| {
        let y = to.y + i;
        let from = (y as isize - step.dy) as usize * width + (to.x as isize - step.dx) as usize;
        let target = 4 * (y * width + to.x);
        (4 * from..4 * (from + to.width), target)
    };
    let mut copy = |i: usize| {
        let (from, target) = row(i);
        pixels.copy_within(from, target);
    };
    if step.dy > 0 {
        (0..to.height).rev().for_each(&mut copy);
    } else {
        (0..to.height).for_each(&mut copy);
    }
}
