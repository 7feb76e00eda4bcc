//! Which tiles are worked on.

use ironcliw_change::Error;

/// The selected cells of a grid, in order.
pub(crate) struct Selection {
    /// Their numbers, row by row.
    pub cells: Vec<u32>,
    columns: usize,
}

impl Selection {
    /// Those of non-zero `tiles`; all where there is no mask.
    pub fn of(tiles: Option<&[u8]>, grid: (usize, usize)) -> Result<Self, Error> {
        let count = grid.0 * grid.1;
        let cells = match tiles {
            None => (0..count as u32).collect(),
            Some(tiles) => {
                if tiles.len() != count {
                    return Err(Error::Cells {
                        name: "tiles",
                        expected: count,
                        got: tiles.len(),
                    });
                }
                let on = tiles.iter().zip(0..).filter(|(tile, _)| **tile != 0);
                on.map(|(_, cell)| cell).collect()
            }
        };
        Ok(Self {
            cells,
            columns: grid.1,
        })
    }

    /// Neighbours side by side: row of the grid, first column, and one beyond the last.
    pub fn runs(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let columns = self.columns as u32;
        let together = move |a: &u32, b: &u32| b - a == 1 && !b.is_multiple_of(columns);
        self.cells.chunk_by(together).map(move |run| {
            let (row, first) = (run[0] / columns, run[0] % columns);
            (row as usize, first as usize, first as usize + run.len())
        })
    }

    /// Rows of the grid with selected tiles that follow one another: the first, and one beyond the last.
    pub fn bands(&self) -> Vec<(usize, usize)> {
        let mut bands: Vec<(usize, usize)> = Vec::new();
        for (row, _, _) in self.runs() {
            match bands.last_mut() {
                Some((_, end)) if *end == row + 1 => {}
                Some((_, end)) if *end == row => *end += 1,
                _ => bands.push((row, row + 1)),
            }
        }
        bands
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_taken_together_within_their_row() {
        let mask = [1, 1, 0, 0, 1, 1, 0, 0, 0, 9, 0, 1];
        let some = Selection::of(Some(&mask), (4, 3)).unwrap();
        assert_eq!(some.cells, [0, 1, 4, 5, 9, 11]);
        let runs: Vec<_> = some.runs().collect();
        assert_eq!(runs, [(0, 0, 2), (1, 1, 3), (3, 0, 1), (3, 2, 3)]);
        assert_eq!(some.bands(), [(0, 2), (3, 4)]);
        let all = Selection::of(None, (2, 2)).unwrap();
        assert_eq!(all.runs().collect::<Vec<_>>(), [(0, 0, 2), (1, 0, 2)]);
        assert!(Selection::of(Some(&mask), (2, 2)).is_err());
    }
}
