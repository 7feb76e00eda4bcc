//! What is captured from a compositor that does what none at hand does, and what that allocates.

#![cfg(target_os = "linux")]

mod compositor;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt as _;
use std::time::Duration;

use compositor::{Compositor, HEIGHT, Screen, WIDTH};
use ironcliw_wayland::{Error, Options, Update, WaylandCapture};
use rustix::fs::{MemfdFlags, ftruncate, memfd_create};

const FRAME: usize = WIDTH * HEIGHT * 4;
const SLOTS: usize = 4;
const CELL: (usize, usize) = (16, 16);
const CELLS: usize = WIDTH / 16 * (HEIGHT / 16);
const SECOND: Duration = Duration::from_secs(1);
const XRGB: u32 = 1;
const XBGR: u32 = u32::from_le_bytes(*b"XB24");

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: the system's allocator does the work; a counter without a destructor allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: passed on.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// A ring of four slots, and which cells of each lack what was captured last.
struct Ring {
    file: File,
    slot: usize,
    stale: [[u8; CELLS]; SLOTS],
}

impl Ring {
    fn new() -> Self {
        let file = memfd_create("test", MemfdFlags::CLOEXEC).unwrap();
        ftruncate(&file, (SLOTS * FRAME) as u64).unwrap();
        Self {
            file: file.into(),
            slot: 0,
            stale: [[1; CELLS]; SLOTS],
        }
    }

    fn pixels(&self, into: &mut [u8]) {
        self.file
            .read_exact_at(into, (self.slot * FRAME) as u64)
            .unwrap();
    }

    /// The next slot, after what is said to have changed.
    fn go_on(&mut self, capture: &mut WaylandCapture) {
        self.stale[self.slot] = [0; CELLS];
        for rect in capture.damage() {
            for row in rect.y / 16..=(rect.y + rect.height - 1) / 16 {
                for column in rect.x / 16..=(rect.x + rect.width - 1) / 16 {
                    let cell = row as usize * (WIDTH / 16) + column as usize;
                    for (slot, stale) in self.stale.iter_mut().enumerate() {
                        stale[cell] |= u8::from(slot != self.slot);
                    }
                }
            }
        }
        if capture.writes_parts() {
            // The caller's duty: bring the next slot up to date.
            let mut frame = [0; FRAME];
            self.pixels(&mut frame);
            self.slot = (self.slot + 1) % SLOTS;
            self.file
                .write_all_at(&frame, (self.slot * FRAME) as u64)
                .unwrap();
        } else {
            self.slot = (self.slot + 1) % SLOTS;
        }
        let stale = self.stale[self.slot];
        capture.go_on_at(self.slot * FRAME, &stale, CELL).unwrap();
    }
}

fn begin(compositor: &Compositor, ring: &Ring) -> WaylandCapture {
    let options = Options {
        display: Some(compositor.socket.to_str().unwrap().to_owned()),
        capture_interval: Duration::ZERO,
        ..Options::default()
    };
    let mut capture = WaylandCapture::connect(options).unwrap();
    capture.attach(ring.file.as_raw_fd(), 0).unwrap();
    capture
}

fn random(state: &mut u64, below: i32) -> i32 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 33) as i32 % below
}

/// Draws and captures again and again. How many captures did not show the screen, and what the last hundred allocated.
fn rounds(name: &str, screen: Screen, count: usize) -> (usize, u64) {
    let compositor = Compositor::start(name, screen);
    let mut ring = Ring::new();
    let mut capture = begin(&compositor, &ring);
    let (mut state, mut wrong, mut allocated) = (0x5EED_1234_u64, 0, 0);
    let (mut seen, mut expected) = (vec![0; FRAME], vec![0; FRAME]);
    for round in 0..count {
        {
            let mut screen = compositor.screen.lock().unwrap();
            let (x, y) = (random(&mut state, 60), random(&mut state, 28));
            let colour = [0, 1, 2].map(|_| random(&mut state, 256) as u8);
            screen.fill([x, y, 4, 4], [colour[0], colour[1], colour[2], 0]);
            expected.copy_from_slice(&screen.pixels);
        }
        let before = ALLOCATIONS.with(Cell::get);
        let update = capture.next(SECOND).unwrap();
        assert!(matches!(update, Update::Captured { .. }), "{update:?}");
        ring.pixels(&mut seen);
        wrong += usize::from(seen != expected);
        ring.go_on(&mut capture);
        if round >= count - 100 {
            allocated += ALLOCATIONS.with(Cell::get) - before;
        }
    }
    drop(capture);
    compositor.end();
    (wrong, allocated)
}

fn screen(image_copy: bool, format: u32, inverted: bool) -> Screen {
    Screen {
        image_copy,
        format,
        inverted,
        ..Screen::default()
    }
}

#[test]
fn slots_are_whole_and_captures_allocate_nothing() {
    for (name, image_copy) in [("screencopy", false), ("image-copy", true)] {
        assert_eq!(
            rounds(name, screen(image_copy, XRGB, false), 200),
            (0, 0),
            "{name}"
        );
    }
}

#[test]
fn a_compositor_that_does_not_write_what_a_slot_lacks_is_found_out() {
    let forgets = Screen {
        forgets: true,
        ..screen(true, XRGB, false)
    };
    assert!(
        rounds("forgets", forgets, 120).0 > 0,
        "the test sees nothing"
    );
}

#[test]
fn pixels_that_must_be_converted_are() {
    for (name, image_copy, format, inverted) in [
        ("red-first", false, XBGR, false),
        ("red-first-image-copy", true, XBGR, false),
        ("inverted", false, XRGB, true),
    ] {
        let (wrong, allocated) = rounds(name, screen(image_copy, format, inverted), 150);
        assert_eq!((wrong, allocated), (0, 0), "{name}");
    }
}

#[test]
fn a_copy_that_is_taken_back_writes_nothing_and_loses_nothing() {
    for image_copy in [false, true] {
        let compositor = Compositor::start("taken-back", screen(image_copy, XRGB, false));
        let ring = Ring::new();
        let mut capture = begin(&compositor, &ring);
        while capture.next(Duration::ZERO).unwrap() != (Update::Idle { verified: true }) {}
        let captures = compositor.screen.lock().unwrap().captures;
        compositor
            .screen
            .lock()
            .unwrap()
            .fill([3, 4, 5, 6], [9, 8, 7, 0]);
        std::thread::sleep(Duration::from_millis(30));
        assert_eq!(compositor.screen.lock().unwrap().captures, captures);
        let update = capture.next(SECOND).unwrap();
        assert!(
            matches!(update, Update::Captured { whole: false, .. }),
            "{update:?}"
        );
        assert_eq!(capture.damage(), [ironcliw_wayland::Rect::new(3, 4, 5, 6)]);
        drop(capture);
        compositor.end();
    }
}

#[test]
fn an_output_that_is_removed_is_told_as_unplugged() {
    for image_copy in [false, true] {
        let compositor = Compositor::start("removed", screen(image_copy, XRGB, false));
        let ring = Ring::new();
        let mut capture = begin(&compositor, &ring);
        capture.next(SECOND).unwrap();
        compositor.screen.lock().unwrap().removed = true;
        let lost = loop {
            match capture.next(Duration::from_millis(60)) {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert!(
            matches!(&lost, Error::Unplugged(output) if output == "output-0"),
            "{lost}"
        );
        drop(capture);
        compositor.end();
    }
}
