//! Edges between the lines of a plane of luma, and how even the lines are.

/// Pixels along an edge that are summed.
pub const CELL: usize = 4;

/// The smallest step between two lines that is an edge, summed over a cell.
const STEP: i32 = 10;

/// From which difference on two neighbouring cells of a line are not alike.
const UNEVEN: i32 = 16;

/// What a step counts at the most: stronger edges are no better.
const STRENGTH_MAX: i32 = 8;

/// Cells without an edge that a segment may bridge.
const GAP: usize = 2;

/// Cells of other edges that a segment may bridge.
const BRIDGE: usize = 8;

/// Cells of one sign that begin a segment.
const RUN: usize = 3;

/// Segments that are kept, the longest ones.
const SEGMENTS_MAX: usize = 4096;

/// A stretch of an edge: between the lines `line - 1` and `line`, from cell `start` to before cell `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    pub line: usize,
    pub start: usize,
    pub end: usize,
}

/// What lies between two cells of a line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub edges: usize,
    pub strength: usize,
}

/// Sums, along each line, of edges and of uneven places; the frame's borders are edges.
pub(crate) struct Edges {
    pub lines: usize,
    pub cells: usize,
    signs: Vec<i8>,
    counts: Vec<u16>,
    strengths: Vec<u32>,
    uneven: Vec<u16>,
}

impl Edges {
    /// Of a plane of `lines` lines of `length` values.
    pub fn new(plane: &[u8], lines: usize, length: usize) -> Self {
        let cells = length / CELL;
        let mut found = Self {
            lines,
            cells,
            signs: vec![0; (lines + 1) * cells],
            counts: vec![0; (lines + 1) * (cells + 1)],
            strengths: vec![0; (lines + 1) * (cells + 1)],
            uneven: vec![0; lines * (cells + 1)],
        };
        let mut before = vec![0i32; cells];
        let mut sums = vec![0i32; cells];
        for (line, row) in plane.chunks_exact(length).enumerate() {
            for (sum, cell) in sums.iter_mut().zip(row.chunks_exact(CELL)) {
                *sum = cell.iter().map(|&value| i32::from(value)).sum();
            }
            found.add_uneven(line, &sums);
            if line == 0 {
                found.add_border(0);
            } else {
                found.add_edges(line, &before, &sums);
            }
            std::mem::swap(&mut before, &mut sums);
        }
        found.add_border(lines);
        found
    }

    fn add_uneven(&mut self, line: usize, sums: &[i32]) {
        let start = line * (self.cells + 1);
        let row = &mut self.uneven[start..start + self.cells + 1];
        let mut total = 0;
        for (place, pair) in row[2..].iter_mut().zip(sums.windows(2)) {
            total += u16::from((pair[1] - pair[0]).abs() >= UNEVEN);
            *place = total;
        }
    }

    fn add_edges(&mut self, line: usize, before: &[i32], sums: &[i32]) {
        let signs = &mut self.signs[line * self.cells..][..self.cells];
        let start = line * (self.cells + 1) + 1;
        let counts = &mut self.counts[start..start + self.cells];
        let strengths = &mut self.strengths[start..start + self.cells];
        let (mut count, mut strength) = (0, 0);
        for cell in 0..signs.len() {
            let step = sums[cell] - before[cell];
            if step.abs() >= STEP {
                signs[cell] = step.signum() as i8;
                count += 1;
                strength += (step.abs() / 4).min(STRENGTH_MAX) as u32;
            }
            counts[cell] = count;
            strengths[cell] = strength;
        }
    }

    fn add_border(&mut self, line: usize) {
        self.signs[line * self.cells..][..self.cells].fill(1);
        let start = line * (self.cells + 1);
        for cell in 0..=self.cells {
            self.counts[start + cell] = cell as u16;
            self.strengths[start + cell] = cell as u32 * STRENGTH_MAX as u32;
        }
    }

    /// The edges of `line` from cell `start` to before `end`.
    pub fn span(&self, line: usize, start: usize, end: usize) -> Span {
        let row = line * (self.cells + 1);
        Span {
            edges: usize::from(self.counts[row + end] - self.counts[row + start]),
            strength: (self.strengths[row + end] - self.strengths[row + start]) as usize,
        }
    }

    /// The fewest uneven places of the three lines inside of a border of a pixel: below the edge (`first`) or above.
    pub fn uneven(&self, line: usize, start: usize, end: usize, first: bool) -> usize {
        let begin = (start + 1).min(end);
        let of = |row: usize| {
            let row = row * (self.cells + 1);
            usize::from(self.uneven[row + end] - self.uneven[row + begin])
        };
        let places = (1..=3).map(|k| {
            if first {
                of((line + k).min(self.lines - 1))
            } else {
                of(line.saturating_sub(1 + k))
            }
        });
        places.min().unwrap_or(0)
    }

    /// Segments of at least `shortest` cells: those that can be the first side of something, and the last.
    pub fn segments(&self, shortest: usize) -> (Vec<Segment>, Vec<Segment>) {
        let mut all = Vec::new();
        let mut filled = vec![0i8; self.cells];
        for line in 0..=self.lines {
            self.fill(line, &mut filled);
            self.chain(line, &filled, shortest, &mut all);
        }
        let (mut first, mut last) = (Vec::new(), Vec::new());
        for segment in all {
            let Segment { line, start, end } = segment;
            let room = end - start + 4;
            if line + 4 < self.lines && self.uneven(line, start, end, true) * 4 <= room {
                first.push(segment);
            }
            if line > 4 && self.uneven(line, start, end, false) * 4 <= room {
                last.push(segment);
            }
        }
        (longest(first), longest(last))
    }

    /// The signs of a line, single cells between two of one sign closed.
    fn fill(&self, line: usize, filled: &mut [i8]) {
        let signs = &self.signs[line * self.cells..][..self.cells];
        filled.copy_from_slice(signs);
        for (cell, around) in signs.windows(3).enumerate() {
            if around[1] == 0 && around[0] == around[2] {
                filled[cell + 1] = around[0];
            }
        }
    }

    fn chain(&self, line: usize, filled: &[i8], shortest: usize, all: &mut Vec<Segment>) {
        let mut open: Option<Segment> = None;
        let mut start = 0;
        while start < filled.len() {
            let sign = filled[start];
            let mut end = start + 1;
            while end < filled.len() && filled[end] == sign {
                end += 1;
            }
            if sign != 0 && end - start >= RUN {
                open = Some(match open {
                    Some(before) if self.bridged(line, before.end, start) => {
                        Segment { end, ..before }
                    }
                    _ => {
                        self.close(open, shortest, all);
                        Segment { line, start, end }
                    }
                });
            }
            start = end;
        }
        self.close(open, shortest, all);
    }

    fn bridged(&self, line: usize, from: usize, to: usize) -> bool {
        let gap = to - from;
        gap <= BRIDGE && gap - self.span(line, from, to).edges <= GAP
    }

    /// Keeps a segment that is long enough, and no weaker than the same stretch of the edges beside it.
    fn close(&self, segment: Option<Segment>, shortest: usize, all: &mut Vec<Segment>) {
        let Some(Segment { line, start, end }) = segment else {
            return;
        };
        let own = self.span(line, start, end).strength;
        let beside = [line.saturating_sub(1), (line + 1).min(self.lines)];
        let strongest = beside
            .iter()
            .all(|&line| self.span(line, start, end).strength <= own);
        if end - start >= shortest && strongest {
            all.push(Segment { line, start, end });
        }
    }
}

fn longest(mut segments: Vec<Segment>) -> Vec<Segment> {
    segments.sort_by_key(|each| (usize::MAX - (each.end - each.start), each.line, each.start));
    segments.truncate(SEGMENTS_MAX);
    segments.sort_by_key(|each| (each.line, each.start));
    segments
}
