//! The kernels beside one read and one copy of the same frame: `cargo bench -p ironcliw-change`.
//!
//! Frames of 1080p take turns over more than 130 MB, so that none is in a cache. What the project quotes is measured by
//! `ironcliw bench`, whose candidates take turns; here one comes after the other, for a quick look while working on one.

use std::alloc::{Layout as Room, alloc_zeroed, dealloc};
use std::hint::black_box;
use std::ops::{Deref, DerefMut};

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use ironcliw_change::{
    BINS, FEATURES, Frame, FrameMut, Layout, Level, TILE_BYTES, Tiles, Tracker, copy_tiles,
    describe, difference, fingerprint_at, grid_shape, perceptual_hash, store_tiles,
};

mod aes;

const HEIGHT: usize = 1080;
const WIDTH: usize = 1920;
const LAYOUT: Layout = Layout::packed(HEIGHT, WIDTH, 4);
const SIZE: usize = HEIGHT * WIDTH * 4;
const FRAMES: usize = 16;
/// No frame has a byte of this value.
const ABSENT: u8 = 255;

/// Zeroed bytes that begin at a page, as what a source captures into does.
struct Pages(*mut u8, usize);

impl Pages {
    fn new(size: usize) -> Self {
        // SAFETY: the size is not zero.
        Self(unsafe { alloc_zeroed(Self::room(size)) }, size)
    }

    fn room(size: usize) -> Room {
        Room::from_size_align(size, 4096).expect("a size that memory has")
    }
}

impl Deref for Pages {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the memory is ours, of this size, and zeroed at first.
        unsafe { std::slice::from_raw_parts(self.0, self.1) }
    }
}

impl DerefMut for Pages {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and borrowed for writing.
        unsafe { std::slice::from_raw_parts_mut(self.0, self.1) }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: allocated with the same room.
        unsafe { dealloc(self.0, Self::room(self.1)) }
    }
}

/// Frames of made-up letters that differ only in the rows and columns given; they take turns.
struct Reel {
    frames: Vec<Pages>,
    next: usize,
}

impl Reel {
    fn new(rows: std::ops::Range<usize>, columns: std::ops::Range<usize>) -> Self {
        let frame = |number: usize| {
            let mut pixels = Pages::new(SIZE);
            for (at, pixel) in pixels.chunks_exact_mut(4).enumerate() {
                let (y, x) = (at / WIDTH, at % WIDTH);
                let moving = rows.contains(&y) && columns.contains(&x);
                let seed =
                    y / 2 * 7919 + x / 2 * 104_729 + if moving { number * 15_485_863 } else { 0 };
                let noise = (seed as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
                let letter = y % 16 / 3 % 4 != 0 && x % 8 != 0 && noise % 5 < 3;
                let shade = if letter {
                    30 + (noise >> 8) as u8 % 64
                } else {
                    30
                };
                pixel[..3].fill(shade);
            }
            pixels
        };
        Self {
            frames: (0..FRAMES).map(frame).collect(),
            next: 0,
        }
    }

    fn take(&mut self) -> Frame<'_> {
        self.next = (self.next + 7) % FRAMES;
        Frame::new(&self.frames[self.next], LAYOUT).expect("a frame that fits its memory")
    }

    fn bytes(&mut self) -> &[u8] {
        self.next = (self.next + 7) % FRAMES;
        &self.frames[self.next]
    }
}

fn cells() -> usize {
    let (rows, columns) = grid_shape(HEIGHT, WIDTH);
    rows * columns
}

/// Two rows of twelve tiles.
fn typed() -> Vec<u8> {
    let columns = grid_shape(HEIGHT, WIDTH).1;
    let on =
        |cell: usize| (7..9).contains(&(cell / columns)) && (3..15).contains(&(cell % columns));
    (0..cells()).map(|cell| u8::from(on(cell))).collect()
}

fn group<'c>(
    criterion: &'c mut Criterion,
    name: &str,
) -> BenchmarkGroup<'c, criterion::measurement::WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(SIZE as u64));
    group
}

fn floors(criterion: &mut Criterion) {
    let mut reel = Reel::new(0..0, 0..0);
    let mut target = Pages::new(SIZE);
    let mut group = group(criterion, "floors");
    group.bench_function("one read (memchr)", |bencher| {
        bencher.iter(|| assert_eq!(memchr::memchr(ABSENT, reel.bytes()), None));
    });
    group.bench_function("memcpy", |bencher| {
        bencher.iter(|| target.copy_from_slice(reel.bytes()));
    });
    group.finish();
}

fn hashes(criterion: &mut Criterion) {
    let mut reel = Reel::new(0..0, 0..0);
    let (mut grid, mut changed) = (vec![0; cells()], vec![0; cells()]);
    let mut group = group(criterion, "still");
    for level in Level::available() {
        group.bench_function(format!("fingerprint, {level}"), |bencher| {
            bencher.iter(|| fingerprint_at(level, reel.take(), &mut grid, &mut changed, None));
        });
    }
    if let Some(rounds) = aes::Rounds::detected() {
        group.bench_function("tiles hashed by AES rounds", |bencher| {
            bencher.iter(|| rounds.fingerprint(reel.bytes(), HEIGHT, WIDTH, &mut grid));
        });
    }
    group.finish();
}

fn steps(criterion: &mut Criterion) {
    let scenes = [
        ("still", 0..0, 0..0),
        ("typing", 496..528, 192..960),
        ("scroll", 320..768, 0..WIDTH),
        ("all new", 0..HEIGHT, 0..WIDTH),
    ];
    let mut group = group(criterion, "tracker");
    for (name, rows, columns) in scenes {
        let mut reel = Reel::new(rows, columns);
        let mut tracker = Tracker::new(HEIGHT, WIDTH, 0, 2).expect("a threshold in range");
        let mut shown = Pages::new(SIZE);
        let (mut grid, mut changed) = (vec![0; cells()], vec![0; cells()]);
        let (mut counts, mut boxes) = (vec![0; cells()], vec![0; 4 * cells()]);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let tiles = Tiles {
                    grid: &mut grid,
                    changed: &mut changed,
                    counts: &mut counts,
                    boxes: &mut boxes,
                };
                let shown =
                    FrameMut::new(&mut shown, LAYOUT).expect("a frame that fits its memory");
                tracker.apply(reel.take(), shown, tiles, None)
            });
        });
    }
    group.finish();
}

fn others(criterion: &mut Criterion) {
    let mut reel = Reel::new(0..HEIGHT, 0..WIDTH);
    let other = Reel::new(0..0, 0..0);
    let before = Frame::new(&other.frames[0], LAYOUT).expect("a frame that fits its memory");
    let (mut counts, mut boxes) = (vec![0; cells()], vec![0; 4 * cells()]);
    let (mut features, mut bins) = (vec![0; FEATURES * cells()], vec![0; BINS * cells()]);
    let mut histogram = [0; BINS];
    let (mut pool, mut target) = (Pages::new(TILE_BYTES * cells()), Pages::new(SIZE));
    let slots: Vec<i32> = (0..cells() as i32).collect();
    let typed = typed();
    let mut group = group(criterion, "others");
    for threshold in [0, 300] {
        group.bench_function(format!("difference, threshold {threshold}"), |bencher| {
            bencher.iter(|| {
                let frame = reel.take();
                difference(
                    before,
                    frame,
                    threshold,
                    None,
                    &mut counts,
                    &mut boxes,
                    None,
                )
            });
        });
    }
    group.bench_function("copy_tiles", |bencher| {
        bencher.iter(|| {
            let target = FrameMut::new(&mut target, LAYOUT).expect("a frame that fits its memory");
            copy_tiles(reel.take(), target, None)
        });
    });
    group.bench_function("store_tiles", |bencher| {
        bencher.iter(|| store_tiles(reel.take(), None, &mut pool, &slots));
    });
    for (name, tiles) in [("all", None), ("24 tiles", Some(&typed[..]))] {
        group.bench_function(format!("describe, {name}"), |bencher| {
            bencher.iter(|| describe(reel.take(), tiles, &mut features, &mut bins, &mut histogram));
        });
    }
    group.bench_function("perceptual_hash", |bencher| {
        bencher.iter(|| perceptual_hash(black_box(&features), HEIGHT, WIDTH));
    });
    group.finish();
}

criterion_group!(benches, floors, hashes, steps, others);
criterion_main!(benches);
