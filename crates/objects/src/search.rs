//! Pairs of edges that enclose something.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use ironcliw_change::Frame;

use crate::edges::{CELL, Edges, Segment};

/// Pixels that are looked at, at the most; of larger frames every second pixel is, or every fourth, ...
const PIXELS_MAX: usize = 12_000_000;

/// The shortest side of a frame that is searched.
const SIDE_MIN: usize = 16;

/// How far the ends of two sides may be apart.
const APART: usize = 14;

/// How far a side may be from where the other two end.
const REACH: usize = 12;

/// Sides of a rectangle are at least this long.
const LENGTH_MIN: usize = 12;

/// Pairs that are looked into, each way.
const PAIRS_MAX: usize = 60_000;

/// Rectangles whose sides are no farther apart are one.
const SAME: i32 = 4;

/// Rectangles that are returned at the most.
const FOUND_MAX: usize = 1024;

/// Of 256, what all sides but the worst must have of edges.
const COVERED_MIN: usize = 205;

/// Four sides that are edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rectangle {
    /// Left, top, right and bottom in pixels, the last two exclusive.
    pub sides: [i32; 4],
    /// How much of the top, left, bottom and right side is an edge, of 256.
    pub covered: [i32; 4],
    /// Where sides go on beyond the corners: two bits for each side, from the lowest on: before it and after it.
    pub beyond: i32,
}

/// A side that was found: which line, how much of it is an edge of 256, and how strong it is.
#[derive(Debug, Clone, Copy)]
struct Side {
    line: usize,
    covered: usize,
    strength: usize,
}

/// What is known of a place, and how good it is.
type Known = BTreeMap<[i32; 4], ([i32; 4], usize)>;

/// The rectangles of a frame, the best first, at most 1024.
pub fn rectangles(frame: Frame<'_>) -> Vec<Rectangle> {
    let layout = frame.layout();
    let mut step = 1;
    while layout.height.div_ceil(step) * layout.width.div_ceil(step) > PIXELS_MAX {
        step *= 2;
    }
    let (height, width) = (layout.height.div_ceil(step), layout.width.div_ceil(step));
    if height < SIDE_MIN || width < SIDE_MIN {
        return Vec::new();
    }
    let plane = luma(frame, height, width, step);
    let rows = Edges::new(&plane, height, width);
    let columns = Edges::new(&transposed(&plane, height, width), width, height);
    let mut known = Known::new();
    search(
        &rows,
        &columns,
        5,
        &mut known,
        |[first, low, last, high]| [low, first, high, last],
    );
    search(&columns, &rows, 4, &mut known, |sides| sides);
    let mut found = best(known);
    for each in &mut found {
        each.beyond = beyond(&rows, &columns, each.sides);
        let ends = [layout.width, layout.height, layout.width, layout.height];
        for (side, end) in each.sides.iter_mut().zip(ends) {
            *side = (*side * step as i32).min(end as i32);
        }
    }
    found
}

fn luma(frame: Frame<'_>, height: usize, width: usize, step: usize) -> Vec<u8> {
    let stride = frame.layout().pixel_stride * step;
    let mut plane = vec![0u8; height * width];
    for (y, line) in plane.chunks_exact_mut(width).enumerate() {
        let row = frame.row(y * step);
        for (value, pixel) in line.iter_mut().zip(row.chunks(stride)) {
            let [blue, green, red] = [0, 1, 2].map(|channel| u32::from(pixel[channel]));
            *value = ((29 * blue + 150 * green + 77 * red) >> 8) as u8;
        }
    }
    plane
}

fn transposed(plane: &[u8], height: usize, width: usize) -> Vec<u8> {
    const BLOCK: usize = 32;
    let mut turned = vec![0u8; plane.len()];
    for top in (0..height).step_by(BLOCK) {
        for left in (0..width).step_by(BLOCK) {
            for x in left..(left + BLOCK).min(width) {
                for y in top..(top + BLOCK).min(height) {
                    turned[x * height + y] = plane[y * width + x];
                }
            }
        }
    }
    turned
}

/// Pairs the edges `along`, and looks for the other two sides in `across`. `order` makes left, top, right and bottom of
/// first, low, last and high.
fn search(
    along: &Edges,
    across: &Edges,
    shortest: usize,
    known: &mut Known,
    order: impl Fn([i32; 4]) -> [i32; 4],
) {
    let (firsts, lasts) = along.segments(shortest);
    let mut pairs = 0;
    for &first in &firsts {
        for &last in &lasts {
            if !facing(first, last) {
                continue;
            }
            for [low, high] in ends(first, last) {
                if high < low + LENGTH_MIN || !joined(along, first.line, last.line, low, high) {
                    continue;
                }
                pairs += 1;
                if pairs > PAIRS_MAX {
                    return;
                }
                if let Some((sides, covered, strength)) =
                    enclose(along, across, [first.line, last.line], [low, high])
                {
                    // Top, left, bottom, right: the rows' sides and the columns' trade places as `order` says.
                    let [left, top, right, bottom] = order(covered);
                    known.insert(order(sides), ([top, left, bottom, right], strength));
                }
            }
        }
    }
}

fn facing(first: Segment, last: Segment) -> bool {
    let starts = (first.start * CELL).abs_diff(last.start * CELL);
    let ends = (first.end * CELL).abs_diff(last.end * CELL);
    let shared = first.end.min(last.end) * CELL;
    last.line >= first.line + LENGTH_MIN
        && (starts <= APART || ends <= APART)
        && shared >= first.start.max(last.start) * CELL + LENGTH_MIN
}

/// Where the other two sides may be, in pixels.
fn ends(first: Segment, last: Segment) -> impl Iterator<Item = [usize; 2]> {
    let either = |a: usize, b: usize| {
        let (a, b) = (a * CELL, b * CELL);
        if a.abs_diff(b) <= APART {
            [Some(a.midpoint(b)), None]
        } else {
            [Some(a), Some(b)]
        }
    };
    let highs = either(first.end, last.end);
    let lows = either(first.start, last.start);
    lows.into_iter()
        .flatten()
        .flat_map(move |low| highs.into_iter().flatten().map(move |high| [low, high]))
}

/// Whether both lines are edges for at least half of the way.
fn joined(along: &Edges, first: usize, last: usize, low: usize, high: usize) -> bool {
    let (start, end) = (low / CELL + 2, (high / CELL).saturating_sub(2));
    end <= start
        || [first, last]
            .iter()
            .all(|&line| along.span(line, start, end).edges * 2 >= end - start)
}

/// First, low, last and high side, how much of each is an edge, and how strong they are together.
fn enclose(
    along: &Edges,
    across: &Edges,
    [first, last]: [usize; 2],
    [low, high]: [usize; 2],
) -> Option<([i32; 4], [i32; 4], usize)> {
    let low = nearest(across, low, first, last, true)?;
    let high = nearest(across, high, first, last, false)?;
    if high.line < low.line + 10 {
        return None;
    }
    let first = at(along, first, low.line, high.line, true)?;
    let last = at(along, last, low.line, high.line, false)?;
    let sides = [first, low, last, high];
    let mut covered = sides.map(|side| side.covered);
    covered.sort_unstable();
    if covered[1] < COVERED_MIN {
        return None;
    }
    let strength = sides.iter().map(|side| side.covered + side.strength).sum();
    Some((
        sides.map(|side| side.line as i32),
        sides.map(|side| side.covered as i32),
        strength,
    ))
}

/// The best edge near the line where one is expected: strong and near.
fn nearest(edges: &Edges, expected: usize, from: usize, to: usize, first: bool) -> Option<Side> {
    let mut best: Option<(i32, Side)> = None;
    for line in expected.saturating_sub(REACH)..=(expected + REACH).min(edges.lines) {
        if let Some(side) = at(edges, line, from, to, first) {
            let worth = side.strength as i32 - line.abs_diff(expected) as i32;
            if best.is_none_or(|(most, _)| worth > most) {
                best = Some((worth, side));
            }
        }
    }
    best.map(|(_, side)| side)
}

/// The line as a side from pixel `from` to `to`, but for the corners, which may be round.
fn at(edges: &Edges, line: usize, from: usize, to: usize, first: bool) -> Option<Side> {
    let corner = ((to - from) / 4).min(8);
    let start = (from + corner).div_ceil(CELL);
    let end = ((to - corner) / CELL).min(edges.cells);
    if end <= start {
        return None;
    }
    let cells = end - start;
    let span = edges.span(line, start, end);
    if span.edges * 2 < cells || edges.uneven(line, start, end, first) * 6 > cells + 8 {
        return None;
    }
    Some(Side {
        line,
        covered: span.edges * 256 / cells,
        strength: span.strength * 4 / cells,
    })
}

/// The strongest first, without those that are nearly the same as a stronger one.
fn best(known: Known) -> Vec<Rectangle> {
    let mut all: Vec<_> = known.into_iter().collect();
    all.sort_by_key(|&(sides, (_, strength))| (Reverse(strength), sides));
    let mut found: Vec<Rectangle> = Vec::new();
    for (sides, (covered, _)) in all {
        let same = |other: &Rectangle| {
            let apart = |k: usize| (sides[k] - other.sides[k]).abs() <= SAME;
            (0..4).all(apart)
        };
        if !found.iter().any(same) {
            found.push(Rectangle {
                sides,
                covered,
                beyond: 0,
            });
        }
        if found.len() == FOUND_MAX {
            break;
        }
    }
    found
}

fn beyond(rows: &Edges, columns: &Edges, sides: [i32; 4]) -> i32 {
    let [left, top, right, bottom] = sides.map(|side| side as usize);
    on(rows, top, left, right)
        | on(columns, left, top, bottom) << 2
        | on(rows, bottom, left, right) << 4
        | on(columns, right, top, bottom) << 6
}

/// Whether a line goes on before (1) and after (2) what lies between two pixels of it.
fn on(edges: &Edges, line: usize, from: usize, to: usize) -> i32 {
    let goes_on =
        |start: usize, end: usize| end > start && edges.span(line, start, end).edges == end - start;
    let (start, end) = (from / CELL, to.div_ceil(CELL));
    let before = goes_on(start.saturating_sub(9), start.saturating_sub(2));
    let after = goes_on(end + 2, (end + 9).min(edges.cells));
    i32::from(before) | i32::from(after) << 1
}
