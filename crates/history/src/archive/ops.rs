//! How a frame is made from the one before: what moved, what is drawn anew, and what was seen before.

use ironcliw_change::TILE;

use super::bytes::{Input, put, put_signed};

/// A rectangle, in pixels of the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: usize,
    /// Top edge.
    pub y: usize,
    /// Pixels across, at least 1.
    pub width: usize,
    /// Pixels down, at least 1.
    pub height: usize,
}

/// Takes the pixels `dx` to the left and `dy` above of `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// Where they go.
    pub to: Area,
    /// How far to the right they go.
    pub dx: isize,
    /// How far down they go.
    pub dy: isize,
}

/// How the pixels of a patch are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// All of one colour of a palette: one byte.
    Plain,
    /// A byte each, the place in a palette.
    Indexed,
    /// Three planes of differences.
    Planes,
    /// Blue, green and red of each.
    Colours,
}

impl Style {
    /// Whether its pixels are numbers of a palette.
    pub fn has_palette(self) -> bool {
        matches!(self, Self::Plain | Self::Indexed)
    }
}

/// A rectangle in one tile that is drawn anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patch {
    /// The tile.
    pub cell: u32,
    /// Left edge in the tile.
    pub x: u8,
    /// Top edge in the tile.
    pub y: u8,
    /// Pixels across, 1 to 64.
    pub width: u8,
    /// Pixels down, 1 to 64.
    pub height: u8,
    /// How its pixels are written.
    pub style: Style,
    /// The palette; 0 where there is none.
    pub palette: u16,
}

impl Patch {
    /// Bytes of its pixels before compression.
    pub fn size_bytes(&self) -> usize {
        let pixels = usize::from(self.width) * usize::from(self.height);
        match self.style {
            Style::Plain => 1,
            Style::Indexed => pixels,
            Style::Planes | Style::Colours => 3 * pixels,
        }
    }
}

/// Tiles that look as tiles once did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    /// The first tile.
    pub cell: u32,
    /// How many tiles, one after the other.
    pub count: u32,
    /// How many frames ago; 0: in this frame, once everything else is drawn.
    pub ago: u32,
    /// Where the first of them was.
    pub from: u32,
}

impl Again {
    /// Whether `next` is the tile after these, and looks like the one after what they look like.
    pub fn continues(&self, next: &Self) -> bool {
        self.ago == next.ago
            && self.ago > 0
            && (self.cell + self.count, self.from + self.count) == (next.cell, next.from)
    }
}

/// New colours of a palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colours {
    /// The palette.
    pub palette: u16,
    /// Blue, green and red of each.
    pub bgr: Vec<[u8; 3]>,
}

/// All of it, in the order in which it is done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ops {
    /// One after the other.
    pub moves: Vec<Move>,
    /// Before any patch.
    pub colours: Vec<Colours>,
    /// By tile.
    pub patches: Vec<Patch>,
    /// By tile.
    pub agains: Vec<Again>,
}

/// Colours that a palette has room for.
pub const PALETTE_MAX: usize = 256;

/// Palettes of a segment.
pub const PALETTES_MAX: usize = 1024;

/// The tiles of frames of one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Rows of pixels.
    pub height: usize,
    /// Pixels in a row.
    pub width: usize,
}

impl Shape {
    /// Tiles in a row of tiles.
    pub fn columns(&self) -> usize {
        self.width.div_ceil(TILE)
    }

    /// All tiles.
    pub fn cells(&self) -> usize {
        self.height.div_ceil(TILE) * self.columns()
    }

    /// The pixels of a tile that lie in the frame.
    pub fn area(&self, cell: usize) -> Area {
        let (row, column) = (cell / self.columns(), cell % self.columns());
        let (x, y) = (column * TILE, row * TILE);
        Area {
            x,
            y,
            width: TILE.min(self.width - x),
            height: TILE.min(self.height - y),
        }
    }

    /// The tiles that a rectangle of the frame touches.
    pub fn touched(&self, area: Area) -> impl Iterator<Item = usize> + use<> {
        let columns = self.columns();
        let across = area.x / TILE..(area.x + area.width).div_ceil(TILE);
        let down = area.y / TILE..(area.y + area.height).div_ceil(TILE);
        down.flat_map(move |row| across.clone().map(move |column| row * columns + column))
    }
}

impl Ops {
    /// Empties all lists, and keeps their memory.
    pub fn clear(&mut self) {
        self.moves.clear();
        self.colours.clear();
        self.patches.clear();
        self.agains.clear();
    }

    /// Appends it to `target`; see docs/reference/archive.md for the bytes.
    pub fn write(&self, shape: Shape, target: &mut Vec<u8>) {
        put(target, self.moves.len() as u64);
        for Move { to, dx, dy } in &self.moves {
            for side in [to.x, to.y, to.width, to.height] {
                put(target, side as u64);
            }
            put_signed(target, *dx as i64);
            put_signed(target, *dy as i64);
        }
        put(target, self.colours.len() as u64);
        for colours in &self.colours {
            put(target, u64::from(colours.palette));
            put(target, colours.bgr.len() as u64);
            target.extend_from_slice(colours.bgr.as_flattened());
        }
        put(target, self.patches.len() as u64);
        let mut cell = 0;
        for patch in &self.patches {
            put(target, u64::from(patch.cell - cell));
            cell = patch.cell;
            let area = shape.area(cell as usize);
            let whole =
                (usize::from(patch.width), usize::from(patch.height)) == (area.width, area.height);
            target.push(patch.style as u8 | u8::from(whole) << 2);
            if !whole {
                target.extend([patch.x, patch.y, patch.width - 1, patch.height - 1]);
            }
            if patch.style.has_palette() {
                put(target, u64::from(patch.palette));
            }
        }
        put(target, self.agains.len() as u64);
        let mut next = 0;
        for again in &self.agains {
            put(target, u64::from(again.cell - next));
            put(target, u64::from(again.count));
            put(target, u64::from(again.ago));
            put_signed(target, i64::from(again.from) - i64::from(again.cell));
            next = again.cell + again.count;
        }
    }

    /// Reads what `write` wrote for frame `number` of a segment; None where that is not what the bytes are.
    /// `palettes` says how many colours each palette has, and is kept up to date.
    pub fn read(
        bytes: &[u8],
        shape: Shape,
        number: usize,
        palettes: &mut Vec<usize>,
    ) -> Option<Self> {
        let mut input = Input(bytes);
        let mut ops = Self::default();
        for _ in 0..input.below(bytes.len())? {
            ops.moves.push(read_move(&mut input, shape)?);
        }
        for _ in 0..input.below(bytes.len())? {
            ops.colours.push(read_colours(&mut input, palettes)?);
        }
        let mut cell = 0;
        for _ in 0..input.below(bytes.len())? {
            cell += input.below(shape.cells())?;
            ops.patches
                .push(read_patch(&mut input, shape, cell, palettes)?);
        }
        let mut next = 0;
        for _ in 0..input.below(bytes.len())? {
            let again = read_again(&mut input, shape, number, next)?;
            next = (again.cell + again.count) as usize;
            ops.agains.push(again);
        }
        input.0.is_empty().then_some(ops)
    }
}

fn read_move(input: &mut Input<'_>, shape: Shape) -> Option<Move> {
    let to = Area {
        x: input.below(shape.width)?,
        y: input.below(shape.height)?,
        width: input.below(shape.width + 1)?,
        height: input.below(shape.height + 1)?,
    };
    let (dx, dy) = (input.signed()? as isize, input.signed()? as isize);
    let inside = |start: usize, length: usize, by: isize, limit: usize| {
        let from = (start as isize).checked_sub(by)?;
        let inside =
            length > 0 && start + length <= limit && from >= 0 && from as usize + length <= limit;
        inside.then_some(())
    };
    inside(to.x, to.width, dx, shape.width)?;
    inside(to.y, to.height, dy, shape.height)?;
    Some(Move { to, dx, dy })
}

fn read_colours(input: &mut Input<'_>, palettes: &mut Vec<usize>) -> Option<Colours> {
    let palette = input.below((palettes.len() + 1).min(PALETTES_MAX))?;
    if palette == palettes.len() {
        palettes.push(0);
    }
    let count = input.below(PALETTE_MAX - palettes[palette] + 1)?;
    palettes[palette] += count;
    let bgr = input.take(3 * count)?.as_chunks::<3>().0.to_vec();
    Some(Colours {
        palette: palette as u16,
        bgr,
    })
}

fn read_patch(
    input: &mut Input<'_>,
    shape: Shape,
    cell: usize,
    palettes: &[usize],
) -> Option<Patch> {
    if cell >= shape.cells() {
        return None;
    }
    let area = shape.area(cell);
    let flags = input.byte()?;
    let style = match flags & 3 {
        0 => Style::Plain,
        1 => Style::Indexed,
        2 => Style::Planes,
        _ => Style::Colours,
    };
    let (x, y, width, height) = match flags >> 2 {
        1 => (0, 0, area.width, area.height),
        0 => {
            let mut side = || input.byte().map(usize::from);
            (side()?, side()?, side()? + 1, side()? + 1)
        }
        _ => return None,
    };
    if x + width > area.width || y + height > area.height {
        return None;
    }
    let palette = if style.has_palette() {
        input.below(palettes.len())?
    } else {
        0
    };
    Some(Patch {
        cell: cell as u32,
        x: x as u8,
        y: y as u8,
        width: width as u8,
        height: height as u8,
        style,
        palette: palette as u16,
    })
}

fn read_again(input: &mut Input<'_>, shape: Shape, number: usize, next: usize) -> Option<Again> {
    let cell = next + input.below(shape.cells())?;
    let count = input.below(shape.cells() + 1)?;
    let ago = input.below(number + 1)?;
    let from = usize::try_from(cell as i64 + input.signed()?).ok()?;
    if count == 0 || cell + count > shape.cells() || from.checked_add(count)? > shape.cells() {
        return None;
    }
    let size = |cell: usize| (shape.area(cell).width, shape.area(cell).height);
    if (0..count).any(|i| size(cell + i) != size(from + i)) {
        return None;
    }
    Some(Again {
        cell: cell as u32,
        count: count as u32,
        ago: ago as u32,
        from: from as u32,
    })
}
