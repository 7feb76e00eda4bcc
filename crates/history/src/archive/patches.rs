//! Which parts of a tile are drawn anew: bands of rows in which something changed, each as wide as that.

use super::ops::Area;

/// Unchanged rows that two bands have between them at least.
const APART: usize = 6;

/// Where more than this share of a tile would be drawn, in percent, all of what changed is drawn in one piece.
const MOST_PERCENT: usize = 70;

/// A rectangle in a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rect {
    /// Left edge.
    pub x: usize,
    /// Top edge.
    pub y: usize,
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
}

impl Rect {
    /// All of a tile.
    pub fn of(area: Area) -> Self {
        Self {
            x: 0,
            y: 0,
            width: area.width,
            height: area.height,
        }
    }

    fn pixels(&self) -> usize {
        self.width * self.height
    }
}

/// Rectangles around all pixels of the tile `area` that differ, at least one where any does.
pub fn drawn_anew(before: &[u8], after: &[u8], width: usize, area: Area) -> Vec<Rect> {
    let mut rects: Vec<Rect> = Vec::new();
    let (before, after) = (before.as_chunks::<4>().0, after.as_chunks::<4>().0);
    for y in 0..area.height {
        let start = (area.y + y) * width + area.x;
        let (old, new) = (
            &before[start..start + area.width],
            &after[start..start + area.width],
        );
        if old == new {
            continue;
        }
        let differs = |(a, b): (&[u8; 4], &[u8; 4])| a != b;
        let first = old.iter().zip(new).position(differs).unwrap_or(0);
        let last = old.iter().zip(new).rposition(differs).unwrap_or(0);
        match rects.last_mut() {
            Some(band) if y < band.y + band.height + APART => {
                let beyond = (band.x + band.width).max(last + 1);
                band.x = band.x.min(first);
                band.width = beyond - band.x;
                band.height = y + 1 - band.y;
            }
            _ => rects.push(Rect {
                x: first,
                y,
                width: last + 1 - first,
                height: 1,
            }),
        }
    }
    let whole = Rect::of(area);
    if rects.iter().map(Rect::pixels).sum::<usize>() * 100 > whole.pixels() * MOST_PERCENT {
        rects = vec![whole];
    }
    rects
}
