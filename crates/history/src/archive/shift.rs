//! Finds what scrolled: the lines of a band of tiles that are now elsewhere.
//!
//! Whether it is right need not be sure, because what a move gets wrong is drawn anew; it should only be worth it.

use std::ops::Range;

use ironcliw_change::TILE;

use super::ops::{Area, Move, Shape};

/// Bands that are looked at.
const BANDS: usize = 4;

/// Lines that must have gone the same way.
const LINES_MIN: u32 = 24;

/// Where so many have, no other band is looked at.
const LINES_ENOUGH: u32 = 4 * LINES_MIN;

/// Lines that are asked how far to the sides they went along.
const ASKED: usize = 40;

/// Of those, this share may not have gone along, in percent.
const ODD_PERCENT: usize = 20;

const FACTOR: u64 = 0x9E37_79B1_85EB_CA87;

/// Two pictures of one size, seen by rows or by columns.
#[derive(Clone, Copy)]
struct Pair<'a> {
    before: &'a [[u8; 4]],
    after: &'a [[u8; 4]],
    /// How far apart lines are, and pixels in a line.
    apart: (usize, usize),
    /// Lines, and pixels in one.
    size: (usize, usize),
}

impl Pair<'_> {
    fn same(&self, line: usize, from: usize, i: usize) -> bool {
        let (far, near) = self.apart;
        self.after[line * far + i * near] == self.before[from * far + i * near]
    }

    /// A hash of the pixels of each line of `range` in a band; 0 where they are all the same.
    fn digests(&self, pixels: &[[u8; 4]], range: &Range<usize>, band: &Range<usize>) -> Vec<u64> {
        let (far, near) = self.apart;
        if near == 1 {
            let line = |line: usize| &pixels[line * far + band.start..line * far + band.end];
            return range.clone().map(|number| digest(line(number))).collect();
        }
        // Columns, all of them a row at a time: as the pixels lie in memory.
        let row = |number: usize| &pixels[number * near + range.start..number * near + range.end];
        let (mut sums, mut others) = (vec![0u32; range.len()], vec![0u32; range.len()]);
        let first = row(band.start);
        for number in band.clone() {
            let states = sums.iter_mut().zip(&mut others);
            for ((sum, other), (pixel, start)) in states.zip(row(number).iter().zip(first)) {
                let pixel = u32::from_le_bytes(*pixel);
                // Of 32 bits, so that several columns are mixed at once.
                let mixed = (*sum ^ pixel).wrapping_mul(FACTOR as u32);
                *sum = mixed ^ mixed >> 15;
                *other |= pixel ^ u32::from_le_bytes(*start);
            }
        }
        let seal = |(sum, other): (u32, u32)| match other {
            0 => 0,
            _ => u64::from(sum).wrapping_mul(FACTOR) | 1,
        };
        sums.into_iter().zip(others).map(seal).collect()
    }
}

/// A hash of pixels; 0 where they are all the same.
fn digest(pixels: &[[u8; 4]]) -> u64 {
    let pair = |two: &[[u8; 4]; 2]| {
        let [first, second] = two.map(u32::from_le_bytes);
        u64::from(first) | u64::from(second) << 32
    };
    let first = pair(&[pixels[0]; 2]);
    // Four sums side by side: the processor need not wait for one to go on with the others.
    let (mut sums, mut other) = ([0u64; 4], 0);
    let mut mix = |lane: usize, value: u64| {
        other |= value ^ first;
        let sum = &mut sums[lane];
        *sum = (*sum ^ value).wrapping_mul(FACTOR).rotate_left(29);
    };
    let (eights, rest) = pixels.as_chunks::<8>();
    for eight in eights {
        for (lane, two) in eight.as_chunks().0.iter().enumerate() {
            mix(lane, pair(two));
        }
    }
    for &pixel in rest {
        mix(0, pair(&[pixel; 2]));
    }
    let sum = sums.iter().fold(0u64, |all, sum| {
        (all ^ sum).wrapping_mul(FACTOR).rotate_left(31)
    });
    if other == 0 { 0 } else { sum | 1 }
}

/// What moved up or down, or else to a side, among the tiles of non-zero `cells`. Both pictures are B, G, R, 0.
pub fn find(before: &[u8], after: &[u8], shape: Shape, cells: &[u8]) -> Option<Move> {
    let (before, after) = (before.as_chunks().0, after.as_chunks().0);
    let (height, width) = (shape.height, shape.width);
    let rows = Pair {
        before,
        after,
        apart: (width, 1),
        size: (height, width),
    };
    let columns = shape.columns();
    let by_rows = |line: usize, band: usize| cells[line * columns + band] != 0;
    if let Some((to, by)) = along(rows, by_rows) {
        return Some(Move { to, dx: 0, dy: by });
    }
    let turned = Pair {
        apart: (1, width),
        size: (width, height),
        ..rows
    };
    let by_columns = |line: usize, band: usize| cells[band * columns + line] != 0;
    let (to, by) = along(turned, by_columns)?;
    let to = Area {
        x: to.y,
        y: to.x,
        width: to.height,
        height: to.width,
    };
    Some(Move { to, dx: by, dy: 0 })
}

/// One band: its pixels across, the lines that changed in it, and those of them that went by `by`.
struct Band {
    across: Range<usize>,
    lines: Vec<usize>,
}

/// The area whose lines went elsewhere, and how far; lines are its rows.
fn along(pair: Pair<'_>, changed: impl Fn(usize, usize) -> bool) -> Option<(Area, isize)> {
    let (lines, length) = pair.size;
    let tiles = lines.div_ceil(TILE);
    let count = |band: usize| (0..tiles).filter(|&line| changed(line, band)).count();
    let mut bands: Vec<(usize, usize)> = (0..length.div_ceil(TILE))
        .map(|band| (count(band), band))
        .collect();
    bands.sort_by_key(|&(count, band)| (std::cmp::Reverse(count), band));
    let mut votes = vec![0u32; 2 * lines + 1];
    let mut most = 0;
    let mut matches = Vec::with_capacity(BANDS);
    for &(count, band) in bands.iter().take(BANDS) {
        if count == 0 {
            break;
        }
        let first = (0..tiles).find(|&line| changed(line, band))?;
        let last = (0..tiles).rfind(|&line| changed(line, band))?;
        let range = first * TILE..lines.min((last + 1) * TILE);
        let across = band * TILE..length.min((band + 1) * TILE);
        let found = matched(&pair, &across, range);
        for &(line, from) in &found {
            let votes = &mut votes[lines + line - from];
            *votes += 1;
            most = most.max(*votes);
        }
        matches.push((across, found));
        if most >= LINES_ENOUGH {
            break;
        }
    }
    if most < LINES_MIN {
        return None;
    }
    let at = votes.iter().rposition(|&votes| votes == most)?;
    let by = at as isize - lines as isize;
    let went = |&&(line, from): &&(usize, usize)| line as isize - from as isize == by;
    let best = matches
        .into_iter()
        .map(|(across, found)| Band {
            across,
            lines: found.iter().filter(went).map(|&(line, _)| line).collect(),
        })
        .max_by_key(|band| band.lines.len())?;
    Some((grown(&pair, &best, by), by))
}

/// Lines of a band with where they were: those that are unlike all others, and not where they were.
fn matched(pair: &Pair<'_>, across: &Range<usize>, range: Range<usize>) -> Vec<(usize, usize)> {
    let slots = (4 * range.len()).next_power_of_two();
    let place = |digest: u64| (digest >> 32) as usize & (slots - 1);
    // A digest, and the line that has it or none where several have.
    let mut known: Vec<(u64, u32)> = vec![(0, 0); slots];
    let find = |known: &[(u64, u32)], digest: u64| {
        let mut at = place(digest);
        while known[at].0 != 0 && known[at].0 != digest {
            at = (at + 1) & (slots - 1);
        }
        at
    };
    let here = pair.digests(pair.before, &range, across);
    for (line, &digest) in range.clone().zip(&here) {
        if digest != 0 {
            let at = find(&known, digest);
            let only = if known[at].0 == 0 {
                line as u32
            } else {
                u32::MAX
            };
            known[at] = (digest, only);
        }
    }
    let mut found = Vec::new();
    let there = pair.digests(pair.after, &range, across);
    for ((line, digest), stayed) in range.zip(there).zip(here) {
        if digest == 0 || digest == stayed {
            continue;
        }
        let (same, from) = known[find(&known, digest)];
        if same == digest && from != u32::MAX {
            found.push((line, from as usize));
        }
    }
    found
}

/// The area around a band's lines that went along.
fn grown(pair: &Pair<'_>, band: &Band, by: isize) -> Area {
    let (lines, length) = pair.size;
    let (mut first, mut beyond) = (band.lines[0], band.lines[band.lines.len() - 1] + 1);
    let goes = |line: usize| {
        let from = line as isize - by;
        (0..lines as isize).contains(&from)
            && band
                .across
                .clone()
                .all(|i| pair.same(line, from as usize, i))
    };
    while first > 0 && goes(first - 1) {
        first -= 1;
    }
    while beyond < lines && goes(beyond) {
        beyond += 1;
    }
    let step = band.lines.len().div_ceil(ASKED);
    let (mut lefts, mut rights) = (Vec::new(), Vec::new());
    for &line in band.lines.iter().step_by(step) {
        let from = (line as isize - by) as usize;
        let odd = (0..band.across.start).rfind(|&i| !pair.same(line, from, i));
        lefts.push(odd.map_or(0, |i| i + 1));
        let odd = (band.across.end..length).find(|&i| !pair.same(line, from, i));
        rights.push(odd.unwrap_or(length));
    }
    lefts.sort_unstable_by(|a, b| b.cmp(a));
    rights.sort_unstable();
    let allowed = lefts.len() * ODD_PERCENT / 100;
    let (left, right) = (lefts[allowed], rights[allowed]);
    Area {
        x: left,
        y: first,
        width: right - left,
        height: beyond - first,
    }
}
