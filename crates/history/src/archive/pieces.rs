//! Which patches a tile is put together from, so that any frame can be drawn without drawing those before.
//!
//! A tile is a list of pieces of patches, painted one over the other. A move takes pieces along and cuts them; what is
//! drawn over is dropped. So a page that scrolled by a hundred times is still made of patches, each found at once.

use std::sync::Arc;

use ironcliw_change::TILE;

use super::ops::{Again, Area, Move, Ops, Patch, Shape};

/// Part of a patch, and where in a tile it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The patch, counted from the segment's first.
    pub patch: u32,
    /// Left edge in the patch.
    pub from_x: u8,
    /// Top edge in the patch.
    pub from_y: u8,
    /// Left edge in the tile.
    pub x: u8,
    /// Top edge in the tile.
    pub y: u8,
    /// Pixels across.
    pub width: u8,
    /// Pixels down.
    pub height: u8,
}

/// What a tile is painted from, in this order.
pub type Pieces = Arc<[Piece]>;

/// Every tile of a frame.
#[derive(Debug, Clone)]
pub struct Grid {
    shape: Shape,
    tiles: Vec<Pieces>,
    /// Used anew for each tile.
    list: Vec<Piece>,
}

impl Grid {
    /// Nothing anywhere.
    pub fn new(shape: Shape) -> Self {
        let nothing: Pieces = Arc::from([]);
        Self {
            shape,
            tiles: vec![nothing; shape.cells()],
            list: Vec::new(),
        }
    }

    /// Bytes that are held, about; what several frames share is counted in each.
    pub fn memory_bytes(&self) -> usize {
        let pieces: usize = self.tiles.iter().map(|pieces| pieces.len()).sum();
        32 * self.tiles.len() + pieces * size_of::<Piece>()
    }

    /// The tile's pieces.
    pub fn pieces(&self, cell: usize) -> &Pieces {
        &self.tiles[cell]
    }

    /// Makes the tile look as it once did.
    pub fn set(&mut self, cell: usize, pieces: Pieces) {
        self.tiles[cell] = pieces;
    }

    /// Whether no pixel of the tile is without a piece, given that this holds as long as moves only move such tiles.
    pub fn is_whole(&self, cell: usize) -> bool {
        let area = self.shape.area(cell);
        self.tiles[cell].first().is_some_and(|piece| {
            let size = (usize::from(piece.width), usize::from(piece.height));
            (piece.x, piece.y, size) == (0, 0, (area.width, area.height))
        })
    }

    /// Takes one patch, number `patch` of the segment.
    pub fn draw(&mut self, number: u32, patch: &Patch) {
        let cell = patch.cell as usize;
        self.list.clear();
        self.list.extend_from_slice(&self.tiles[cell]);
        self.list.push(Piece {
            patch: number,
            from_x: 0,
            from_y: 0,
            x: patch.x,
            y: patch.y,
            width: patch.width,
            height: patch.height,
        });
        self.tiles[cell] = visible(&mut self.list);
    }

    /// Takes the pieces along.
    pub fn shift(&mut self, step: &Move) {
        let before = self.tiles.clone();
        for cell in self.shape.touched(step.to) {
            let area = self.shape.area(cell);
            let part = common(area, step.to);
            self.list.clear();
            if part != area {
                self.list.extend_from_slice(&before[cell]);
            }
            let source = Area {
                x: (part.x as isize - step.dx) as usize,
                y: (part.y as isize - step.dy) as usize,
                ..part
            };
            for from in self.shape.touched(source) {
                let corner = self.shape.area(from);
                for piece in before[from].iter() {
                    self.list.extend(taken(piece, corner, source, step, area));
                }
            }
            self.tiles[cell] = visible(&mut self.list);
        }
    }

    /// Does all of a frame's steps. `first_patch` counts the segment's patches before; `look_up` knows how a tile of an
    /// earlier frame looked, by how many frames ago and where, and is not asked about this frame.
    pub fn apply<E>(
        &mut self,
        ops: &Ops,
        first_patch: u32,
        mut look_up: impl FnMut(u32, usize) -> Result<Pieces, E>,
    ) -> Result<(), E> {
        for step in &ops.moves {
            self.shift(step);
        }
        for (number, patch) in (first_patch..).zip(&ops.patches) {
            self.draw(number, patch);
        }
        for again in &ops.agains {
            for (cell, from) in tiles_of(again) {
                let pieces = match again.ago {
                    0 => self.tiles[from].clone(),
                    ago => look_up(ago, from)?,
                };
                self.tiles[cell] = pieces;
            }
        }
        Ok(())
    }
}

/// Each tile with where it looked so.
pub fn tiles_of(again: &Again) -> impl Iterator<Item = (usize, usize)> + use<> {
    let (cell, from) = (again.cell as usize, again.from as usize);
    (0..again.count as usize).map(move |i| (cell + i, from + i))
}

/// What two rectangles that touch have in common.
fn common(a: Area, b: Area) -> Area {
    let (x, y) = (a.x.max(b.x), a.y.max(b.y));
    Area {
        x,
        y,
        width: (a.x + a.width).min(b.x + b.width).saturating_sub(x),
        height: (a.y + a.height).min(b.y + b.height).saturating_sub(y),
    }
}

/// The part of a piece of the tile at `corner` that lies in `source`, as a piece of the tile `area` it moves to.
fn taken(piece: &Piece, corner: Area, source: Area, step: &Move, area: Area) -> Option<Piece> {
    let lies = Area {
        x: corner.x + usize::from(piece.x),
        y: corner.y + usize::from(piece.y),
        width: piece.width.into(),
        height: piece.height.into(),
    };
    let part = common(lies, source);
    if part.width == 0 || part.height == 0 {
        return None;
    }
    Some(Piece {
        patch: piece.patch,
        from_x: piece.from_x + (part.x - lies.x) as u8,
        from_y: piece.from_y + (part.y - lies.y) as u8,
        x: ((part.x as isize + step.dx) as usize - area.x) as u8,
        y: ((part.y as isize + step.dy) as usize - area.y) as u8,
        width: part.width as u8,
        height: part.height as u8,
    })
}

/// Without what is painted over as a whole, and with pieces joined that continue each other.
fn visible(list: &mut [Piece]) -> Pieces {
    let mut kept = 0;
    for i in 0..list.len() {
        let piece = list[i];
        if list[i + 1..].iter().any(|later| covers(later, &piece)) {
            continue;
        }
        if kept > 0 && continues(&list[kept - 1], &piece) {
            list[kept - 1].height += piece.height;
        } else {
            list[kept] = piece;
            kept += 1;
        }
    }
    Arc::from(&list[..kept])
}

fn covers(over: &Piece, under: &Piece) -> bool {
    over.x <= under.x
        && over.y <= under.y
        && over.x + over.width >= under.x + under.width
        && over.y + over.height >= under.y + under.height
}

fn continues(upper: &Piece, lower: &Piece) -> bool {
    upper.patch == lower.patch
        && (upper.x, upper.from_x, upper.width) == (lower.x, lower.from_x, lower.width)
        && upper.y + upper.height == lower.y
        && upper.from_y + upper.height == lower.from_y
        && usize::from(upper.height) + usize::from(lower.height) <= TILE
}
