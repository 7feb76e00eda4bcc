//! Joins the boxes of changed tiles into regions: what belongs together is read and told of together.
//!
//! Neighbours closer than a letter or two belong together, unless their common rectangle would be mostly unchanged
//! pixels: a status line and a scroll bar are two regions, not the whole screen.

use crate::Frame;

/// Boxes closer than this many pixels may be joined.
const NEAR: i64 = 24;

/// A common rectangle may hold this share of what its parts cover, in tenths, and a strip of `NEAR` pixels besides.
const WASTE_TENTHS: i64 = 13;

/// A rectangle of a frame in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// First column.
    pub x: i32,
    /// First row.
    pub y: i32,
    /// Columns.
    pub width: i32,
    /// Rows.
    pub height: i32,
}

/// Left, top, right, bottom, the last two exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Box {
    x0: i32,
    y0: i32,
    x1: i32,
    y1: i32,
}

impl Box {
    fn area(&self) -> i64 {
        i64::from(self.x1 - self.x0) * i64::from(self.y1 - self.y0)
    }

    /// The rectangle around both where they belong together.
    fn joined(&self, other: &Self) -> Option<Self> {
        let apart = |end: i32, start: i32| i64::from(start) - i64::from(end) >= NEAR;
        if apart(other.x1, self.x0)
            || apart(self.x1, other.x0)
            || apart(other.y1, self.y0)
            || apart(self.y1, other.y0)
        {
            return None;
        }
        let both = Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        };
        let shared_width = self.x1.min(other.x1) - self.x0.max(other.x0);
        let shared_height = self.y1.min(other.y1) - self.y0.max(other.y0);
        let shared = i64::from(shared_width.max(0)) * i64::from(shared_height.max(0));
        let covered = self.area() + other.area() - shared;
        let narrower = i64::from((self.x1 - self.x0).min(other.x1 - other.x0));
        let lower = i64::from((self.y1 - self.y0).min(other.y1 - other.y0));
        let allowed = WASTE_TENTHS * covered + 10 * NEAR * (narrower + lower);
        (10 * both.area() <= allowed).then_some(both)
    }
}

/// Joins the boxes of chosen tiles into regions, ordered by their top and then by their left edges.
///
/// `boxes` holds x0, y0, x1, y1 (the last two exclusive) of each of `columns` tiles of each row; those that are `on` are
/// not empty.
pub(crate) fn joined(boxes: &[i32], columns: usize, on: impl Fn(usize) -> bool) -> Vec<Region> {
    let (mut open, mut done): (Vec<Box>, Vec<Box>) = (Vec::new(), Vec::new());
    let mut runs: Vec<Box> = Vec::new();
    for (row, cells) in boxes.chunks_exact(4 * columns).enumerate() {
        runs.clear();
        for (column, corner) in cells.chunks_exact(4).enumerate() {
            if !on(row * columns + column) {
                continue;
            }
            let tile = Box {
                x0: corner[0],
                y0: corner[1],
                x1: corner[2],
                y1: corner[3],
            };
            match runs.last_mut().map(|last| (last.joined(&tile), last)) {
                Some((Some(both), last)) => *last = both,
                _ => runs.push(tile),
            }
        }
        let Some(top) = runs.iter().map(|run| run.y0).min() else {
            continue;
        };
        // What ends too far above this row is joined with nothing any more.
        open.retain(|region| {
            let reaches = i64::from(region.y1) + NEAR >= i64::from(top);
            if !reaches {
                done.push(*region);
            }
            reaches
        });
        for run in &runs {
            let mut whole = *run;
            open.retain(|region| match region.joined(&whole) {
                Some(both) => {
                    whole = both;
                    false
                }
                None => true,
            });
            open.push(whole);
        }
    }
    done.append(&mut open);
    done.sort_by_key(|region| (region.y0, region.x0));
    done.iter()
        .map(|found| Region {
            x: found.x0,
            y: found.y0,
            width: found.x1 - found.x0,
            height: found.y1 - found.y0,
        })
        .collect()
}

/// The whole of a frame.
pub(crate) fn whole(frame: &Frame<'_>) -> Region {
    let layout = frame.layout();
    Region {
        x: 0,
        y: 0,
        width: layout.width as i32,
        height: layout.height as i32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regions(boxes: &[[i32; 4]], columns: usize) -> Vec<[i32; 4]> {
        let found = joined(boxes.as_flattened(), columns, |cell| boxes[cell] != [0; 4]);
        found
            .iter()
            .map(|region| [region.x, region.y, region.width, region.height])
            .collect()
    }

    #[test]
    fn a_line_across_tiles_is_one_region() {
        let line = [[50, 10, 64, 20], [64, 10, 128, 20], [128, 10, 140, 20]];
        assert_eq!(regions(&line, 3), [[50, 10, 90, 10]]);
    }

    #[test]
    fn far_apart_stays_apart_in_reading_order() {
        let corners = [[0; 4], [100, 3, 110, 9], [2, 100, 9, 110], [0; 4]];
        assert_eq!(regions(&corners, 2), [[100, 3, 10, 6], [2, 100, 7, 10]]);
    }

    #[test]
    fn a_status_line_and_a_scroll_bar_stay_two() {
        let edges = [
            [0; 4],
            [120, 0, 128, 64],
            [0, 110, 64, 128],
            [64, 110, 119, 128],
        ];
        assert_eq!(regions(&edges, 2), [[120, 0, 8, 64], [0, 110, 119, 18]]);
    }

    #[test]
    fn no_boxes_no_regions() {
        assert_eq!(regions(&[[0; 4]; 6], 3), Vec::<[i32; 4]>::new());
    }
}
