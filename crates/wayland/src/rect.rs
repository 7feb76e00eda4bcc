//! Rectangles of pixels.

use crate::Error;

/// A rectangle of pixels; coordinates are the frame's unless said otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rect {
    /// First column.
    pub x: i32,
    /// First row.
    pub y: i32,
    /// Columns.
    pub width: i32,
    /// Rows.
    pub height: i32,
}

impl Rect {
    /// A rectangle from its corner and size.
    pub const fn new(x: i32, y: i32, width: i32, height: i32) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// The part that lies in a frame of this size, or `None`. What a compositor sends need not make sense.
    pub(crate) fn within(self, width: i32, height: i32) -> Option<Self> {
        let (x, y) = (self.x.max(0), self.y.max(0));
        let right = self.x.saturating_add(self.width).min(width);
        let bottom = self.y.saturating_add(self.height).min(height);
        (right > x && bottom > y).then(|| Self::new(x, y, right - x, bottom - y))
    }
}

/// Calls `each` with the marked cells (not zero) of a frame, those beside each other as one rectangle. `cell` is their
/// width and height.
pub(crate) fn marked(
    cells: &[u8],
    cell: (usize, usize),
    frame: (i32, i32),
    mut each: impl FnMut(Rect),
) -> Result<(), Error> {
    let columns = (frame.0 as usize).div_ceil(cell.0.max(1));
    let rows = (frame.1 as usize).div_ceil(cell.1.max(1));
    if cell.0 == 0 || cell.1 == 0 || columns == 0 || cells.len() != rows * columns {
        return Err(Error::Memory(format!(
            "{} cells were marked or not where the frame has {rows} x {columns}",
            cells.len()
        )));
    }
    for (row, cells) in cells.chunks_exact(columns).enumerate() {
        let mut column = 0;
        for run in cells.chunk_by(|a, b| (*a == 0) == (*b == 0)) {
            let [x, y, width, height] =
                [column * cell.0, row * cell.1, run.len() * cell.0, cell.1].map(|n| n as i32);
            if run[0] != 0
                && let Some(rect) = Rect::new(x, y, width, height).within(frame.0, frame.1)
            {
                each(rect);
            }
            column += run.len();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_is_cut_off_and_nonsense_is_nothing() {
        assert_eq!(
            Rect::new(-5, -5, 20, 8).within(10, 10),
            Some(Rect::new(0, 0, 10, 3))
        );
        assert_eq!(Rect::new(10, 0, 5, 5).within(10, 10), None);
        assert_eq!(Rect::new(0, 0, -5, 5).within(10, 10), None);
        assert_eq!(
            Rect::new(5, 5, i32::MAX, i32::MAX).within(10, 10),
            Some(Rect::new(5, 5, 5, 5))
        );
    }

    #[test]
    fn marked_cells_become_rectangles_along_their_rows() {
        let mut rects = Vec::new();
        marked(&[1, 1, 0, 0, 1, 7], (64, 16), (150, 30), |rect| {
            rects.push(rect)
        })
        .unwrap();
        assert_eq!(rects, [Rect::new(0, 0, 128, 16), Rect::new(64, 16, 86, 14)]);
        assert!(marked(&[1; 5], (64, 16), (150, 30), |_| ()).is_err());
        assert!(marked(&[1; 6], (0, 16), (150, 30), |_| ()).is_err());
    }
}
