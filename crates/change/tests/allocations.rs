//! No kernel allocates in proportion to the frame: every byte that a call asks for is counted.

use std::alloc::{GlobalAlloc, Layout as Memory, System};
use std::cell::Cell;

use ironcliw_change::{
    BINS, FEATURES, Frame, FrameMut, Layout, TILE_BYTES, Tiles, Tracker, copy_tiles, describe,
    difference, fingerprint, grid_shape, perceptual_hash, store_tiles,
};

thread_local! {
    /// Bytes that this thread asked for; the tests' own threads do not count each other's.
    static ASKED_FOR: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: everything is left to the system's allocator; counting neither allocates nor fails.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, memory: Memory) -> *mut u8 {
        let _ = ASKED_FOR.try_with(|asked_for| asked_for.set(asked_for.get() + memory.size()));
        // SAFETY: the caller's promise, passed on.
        unsafe { System.alloc(memory) }
    }

    unsafe fn dealloc(&self, start: *mut u8, memory: Memory) {
        // SAFETY: the caller's promise, passed on.
        unsafe { System.dealloc(start, memory) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Bytes allocated by `work`.
fn allocated<T>(work: impl FnOnce() -> T) -> usize {
    let before = ASKED_FOR.get();
    let answer = work();
    let after = ASKED_FOR.get();
    drop(answer);
    after - before
}

const SIZES: [(usize, usize); 3] = [(64, 64), (720, 1280), (1080, 1921)];

/// Regions are listed; there may be a few hundred of 16 bytes, in lists that double. The largest frame has 8 MB.
const LISTS_BYTES: usize = 64 * 1024;

#[test]
fn allocations_are_counted() {
    assert!(allocated(|| vec![1u8; 12_345]) >= 12_345);
    assert_eq!(allocated(|| 5), 0);
}

#[test]
fn kernels_without_a_list_as_answer_allocate_nothing() {
    for (height, width) in SIZES {
        for channels in [3, 4] {
            let layout = Layout::packed(height, width, channels);
            let (before, after) = (vec![1; height * width * 4], vec![2; height * width * 4]);
            let before = Frame::new(&before, layout).unwrap();
            let after = Frame::new(&after, layout).unwrap();
            let (rows, columns) = grid_shape(height, width);
            let cells = rows * columns;
            let (mut grid, mut changed) = (vec![0; cells], vec![0; cells]);
            let (mut counts, mut boxes) = (vec![0; cells], vec![0; 4 * cells]);
            let mut mask = vec![0; height * width];
            let mut target = vec![0; height * width * 4];
            let mut pool = vec![0; 2 * TILE_BYTES];
            let slots = vec![1; cells];
            let mut features = vec![0; FEATURES * cells];
            let mut histograms = vec![0; BINS * cells];
            let mut histogram = [0; BINS];
            // Whatever is found out once, about the processor for one, is found out before.
            fingerprint(before, &mut grid, &mut changed, None).unwrap();
            let every = allocated(|| {
                fingerprint(after, &mut grid, &mut changed, None).unwrap();
                let (counts, boxes) = (&mut counts, &mut boxes);
                difference(before, after, 0, None, counts, boxes, Some(&mut mask)).unwrap();
                let packed = Layout::packed(height, width, 4);
                let target = FrameMut::new(&mut target, packed).unwrap();
                copy_tiles(after, target, None).unwrap();
                store_tiles(after, None, &mut pool, &slots).unwrap();
                describe(after, None, &mut features, &mut histograms, &mut histogram).unwrap();
                perceptual_hash(&features, height, width).unwrap()
            });
            assert_eq!(every, 0, "{height} x {width} x {channels}");
        }
    }
}

#[test]
fn a_tracker_allocates_its_answer_only() {
    for (height, width) in SIZES {
        for threshold in [0, 1000] {
            let layout = Layout::packed(height, width, 4);
            let cells = layout.grid().0 * layout.grid().1;
            let mut bytes = vec![1; height * width * 4];
            let mut shown = vec![0; height * width * 4];
            let (mut grid, mut changed) = (vec![0; cells], vec![0; cells]);
            let (mut counts, mut boxes) = (vec![0; cells], vec![0; 4 * cells]);
            let mut tracker = Tracker::new(height, width, threshold, 1).unwrap();
            // The first frame, nothing, everything, every 5th tile by one pixel, nothing.
            for step in 0..5 {
                match step {
                    2 => bytes.fill(200),
                    3 => bytes.iter_mut().step_by(320).for_each(|byte| *byte = 9),
                    _ => {}
                }
                let frame = Frame::new(&bytes, layout).unwrap();
                let shown = FrameMut::new(&mut shown, layout).unwrap();
                let tiles = Tiles {
                    grid: &mut grid,
                    changed: &mut changed,
                    counts: &mut counts,
                    boxes: &mut boxes,
                };
                let damage = [(0, 0, width as i64, height as i64)];
                let damage = (step == 3).then_some(&damage[..]);
                let mut found = None;
                let apply = || found = Some(tracker.apply(frame, shown, tiles, damage).unwrap());
                let bytes = allocated(apply);
                let change = found.unwrap();
                assert_eq!(change.tiles > 0, ![1, 4].contains(&step));
                let most = if change.tiles == 0 { 0 } else { LISTS_BYTES };
                assert!(bytes <= most, "{height} x {width}, step {step}: {bytes}");
            }
        }
    }
}
