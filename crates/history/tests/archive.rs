//! Any frame of any sequence comes back bit by bit, whatever was drawn, moved, typed or put back.

use ironcliw_change::{Frame, FrameMut, Layout};
use ironcliw_history::archive::{Error, HEADER_BYTES, Reader, Times, Writer};
use proptest::prelude::*;

/// What is done to a screen between two frames.
#[derive(Debug, Clone)]
enum Edit {
    Nothing,
    Fill(Area, [u8; 3]),
    /// Every pixel another colour.
    Noise(Area, u32),
    /// Few colours, as text has them.
    Letters(Area, u32),
    Scroll(Area, isize),
    Sideways(Area, isize),
    /// As it was so many frames ago.
    Back(usize),
}

#[derive(Debug, Clone, Copy)]
struct Area {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

#[derive(Debug, Clone)]
struct Screen {
    height: usize,
    width: usize,
    pixels: Vec<u8>,
}

impl Screen {
    fn new(height: usize, width: usize) -> Self {
        let pixels = vec![0; 4 * height * width];
        Self {
            height,
            width,
            pixels,
        }
    }

    fn layout(&self) -> Layout {
        Layout::packed(self.height, self.width, 4)
    }

    fn set(&mut self, x: usize, y: usize, bgr: [u8; 3]) {
        let at = 4 * (y * self.width + x);
        // The fourth byte may be anything, and must not matter.
        self.pixels[at..at + 4].copy_from_slice(&[bgr[0], bgr[1], bgr[2], (x ^ y) as u8]);
    }

    fn get(&self, x: usize, y: usize) -> [u8; 3] {
        let at = 4 * (y * self.width + x);
        [self.pixels[at], self.pixels[at + 1], self.pixels[at + 2]]
    }

    fn colours(&self) -> Vec<[u8; 3]> {
        (0..self.height * self.width)
            .map(|i| self.get(i % self.width, i / self.width))
            .collect()
    }

    fn apply(&mut self, edit: &Edit, earlier: &[Screen]) {
        let clip = |area: &Area| Area {
            x: area.x % self.width,
            y: area.y % self.height,
            width: area.width.min(self.width - area.x % self.width),
            height: area.height.min(self.height - area.y % self.height),
        };
        let each = |area: &Area| {
            let area = clip(area);
            (0..area.height)
                .flat_map(move |y| (0..area.width).map(move |x| (area.x + x, area.y + y)))
        };
        let mix = |seed: u32, x: usize, y: usize| {
            let mixed = (seed ^ (x as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32) << 16)
                .wrapping_mul(0x85EB_CA77);
            (mixed ^ mixed >> 15).wrapping_mul(0xC2B2_AE3D)
        };
        match edit {
            Edit::Nothing => {}
            Edit::Fill(area, bgr) => each(area).for_each(|(x, y)| self.set(x, y, *bgr)),
            Edit::Noise(area, seed) => each(area).for_each(|(x, y)| {
                let [blue, green, red, _] = mix(*seed, x, y).to_le_bytes();
                self.set(x, y, [blue, green, red]);
            }),
            Edit::Letters(area, seed) => each(area).for_each(|(x, y)| {
                let shade = (mix(*seed, x / 2, y / 3) >> 29) as u8 * 31;
                self.set(x, y, [shade, shade, shade]);
            }),
            Edit::Scroll(area, by) => {
                let (area, old) = (clip(area), self.clone());
                for (x, y) in each(&area) {
                    let from = y as isize - by;
                    if from >= area.y as isize && from < (area.y + area.height) as isize {
                        self.set(x, y, old.get(x, from as usize));
                    }
                }
            }
            Edit::Sideways(area, by) => {
                let (area, old) = (clip(area), self.clone());
                for (x, y) in each(&area) {
                    let from = x as isize - by;
                    if from >= area.x as isize && from < (area.x + area.width) as isize {
                        self.set(x, y, old.get(from as usize, y));
                    }
                }
            }
            Edit::Back(ago) => {
                if let Some(screen) = earlier.iter().rev().nth(*ago) {
                    self.pixels.copy_from_slice(&screen.pixels);
                }
            }
        }
    }
}

fn area() -> impl Strategy<Value = Area> {
    let side = prop_oneof![1usize..20, 60usize..70, 100usize..320];
    (0usize..320, 0usize..320, side.clone(), side).prop_map(|(x, y, width, height)| Area {
        x,
        y,
        width,
        height,
    })
}

fn edit() -> impl Strategy<Value = Edit> {
    let by = prop_oneof![-3isize..4, -70isize..70];
    prop_oneof![
        1 => Just(Edit::Nothing),
        4 => (area(), any::<[u8; 3]>()).prop_map(|(area, bgr)| Edit::Fill(area, bgr)),
        2 => (area(), any::<u32>()).prop_map(|(area, seed)| Edit::Noise(area, seed)),
        4 => (area(), any::<u32>()).prop_map(|(area, seed)| Edit::Letters(area, seed)),
        4 => (area(), by.clone()).prop_map(|(area, by)| Edit::Scroll(area, by)),
        2 => (area(), by).prop_map(|(area, by)| Edit::Sideways(area, by)),
        2 => (0usize..6).prop_map(Edit::Back),
    ]
}

/// A page of letters, then the edits; only frames in which a pixel changed.
fn shown(height: usize, width: usize, edits: &[Edit]) -> Vec<Screen> {
    let mut screen = Screen::new(height, width);
    let page = Area {
        x: 0,
        y: 0,
        width,
        height,
    };
    screen.apply(&Edit::Letters(page, 7), &[]);
    let mut screens = vec![screen.clone()];
    for edit in edits {
        screen.apply(edit, &screens);
        screens.push(screen.clone());
    }
    screens
}

fn times(number: usize) -> Times {
    Times {
        time_ns: 100 * number as i64,
        wall_ns: 7000 - 30 * number as i64,
    }
}

/// What writes a segment, the segment, and the screens that it has as frames.
type Written = (Writer, Vec<u8>, Vec<(usize, Screen)>);

fn written(screens: &[Screen]) -> Result<Written, Error> {
    let mut writer = Writer::new(screens[0].height, screens[0].width, 3)?;
    let mut kept: Vec<(usize, Screen)> = Vec::new();
    let mut segment = Vec::new();
    for (number, screen) in screens.iter().enumerate() {
        let frame = Frame::new(&screen.pixels, screen.layout())?;
        let grew = writer.add(frame, times(number), None, None)?;
        segment.extend(grew);
        let same = kept
            .last()
            .is_some_and(|(_, last)| last.colours() == screen.colours());
        assert_eq!(grew.is_empty(), same);
        if !same {
            kept.push((number, screen.clone()));
        }
    }
    Ok((writer, segment, kept))
}

fn drawn(
    reader: &mut Reader,
    frame: usize,
    out: &mut Screen,
    before: Option<usize>,
) -> Result<(), Error> {
    let layout = out.layout();
    reader.draw(frame, FrameMut::new(&mut out.pixels, layout)?, before)?;
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_frame_comes_back(
        height in 1usize..200,
        width in 1usize..200,
        edits in prop::collection::vec(edit(), 0..30),
        order in prop::collection::vec(any::<prop::sample::Index>(), 8),
    ) {
        let screens = shown(height, width, &edits);
        let (mut writer, mut segment, kept) = written(&screens)?;
        segment.extend(writer.end(times(screens.len()).time_ns)?);
        let mut reader = Reader::new(&segment)?;
        prop_assert_eq!(reader.frames(), kept.len());
        prop_assert_eq!(reader.held_ns(), Some(times(screens.len()).time_ns));
        let mut out = Screen::new(height, width);
        for index in order {
            let frame = index.index(kept.len());
            out.pixels.fill(9);
            drawn(&mut reader, frame, &mut out, None)?;
            prop_assert_eq!(reader.times(frame), Some(times(kept[frame].0)));
            prop_assert!(out.colours() == kept[frame].1.colours());
            prop_assert!(out.pixels.iter().skip(3).step_by(4).all(|&byte| byte == 0));
        }
        let mut before = None;
        for (frame, (_, screen)) in kept.iter().enumerate() {
            drawn(&mut reader, frame, &mut out, before)?;
            prop_assert!(out.colours() == screen.colours());
            before = Some(frame);
        }
    }

    #[test]
    fn a_reader_follows_a_writer(edits in prop::collection::vec(edit(), 1..25)) {
        let screens = shown(200, 150, &edits);
        let mut writer = Writer::new(200, 150, 0)?;
        let mut reader: Option<Reader> = None;
        let mut out = Screen::new(200, 150);
        for (number, screen) in screens.iter().enumerate() {
            let frame = Frame::new(&screen.pixels, screen.layout())?;
            let grew = writer.add(frame, times(number), None, None)?;
            match &mut reader {
                Some(reader) => reader.extend(grew)?,
                None => reader = Some(Reader::new(grew)?),
            }
            if let Some(reader) = &mut reader {
                let last = reader.frames() - 1;
                drawn(reader, last, &mut out, None)?;
                prop_assert!(out.colours() == screen.colours());
            }
        }
    }

    #[test]
    fn damage_is_found(
        edits in prop::collection::vec(edit(), 1..6),
        at in any::<prop::sample::Index>(),
        bits in 1u8..,
        cut in any::<prop::sample::Index>(),
    ) {
        let (mut writer, mut whole, _) = written(&shown(80, 70, &edits))?;
        whole.extend(writer.end(1_000_000)?);
        let mut flipped = whole.clone();
        flipped[at.index(whole.len())] ^= bits;
        prop_assert!(Reader::new(&flipped).is_err());
        let short = &whole[..cut.index(whole.len())];
        match Reader::new(short) {
            Err(Error::Truncated { whole: good }) => {
                prop_assert!(good <= short.len());
                prop_assert!(good == 0 || good == HEADER_BYTES || Reader::new(&whole[..good]).is_ok());
            }
            Ok(reader) => prop_assert!(reader.held_ns().is_none()),
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}

#[test]
fn equal_fingerprints_are_not_believed() -> Result<(), Error> {
    let areas = |seed| {
        Edit::Letters(
            Area {
                x: 64,
                y: 0,
                width: 64,
                height: 64,
            },
            seed,
        )
    };
    let screens = shown(128, 192, &[areas(1), areas(2), areas(3), areas(1)]);
    let fingerprints = [5u64; 6];
    let mut wrong = [0, 0];
    for (verified, wrong) in [true, false].into_iter().zip(&mut wrong) {
        let mut writer = Writer::with_verification(128, 192, 0, verified)?;
        let mut segment = Vec::new();
        for (number, screen) in screens.iter().enumerate() {
            let frame = Frame::new(&screen.pixels, screen.layout())?;
            segment.extend(writer.add(frame, times(number), None, Some(&fingerprints))?);
        }
        let mut reader = Reader::new(&segment)?;
        let mut out = Screen::new(128, 192);
        for (frame, screen) in screens.iter().enumerate() {
            drawn(&mut reader, frame, &mut out, None)?;
            *wrong += usize::from(out.colours() != screen.colours());
        }
    }
    // The control: without the second hash, pixels are wrong, so the fingerprints did collide.
    assert_eq!(wrong[0], 0);
    assert!(wrong[1] > 0);
    Ok(())
}

#[test]
fn what_cannot_be_added() -> Result<(), Error> {
    let screen = Screen::new(64, 64);
    let frame = Frame::new(&screen.pixels, screen.layout())?;
    let mut writer = Writer::new(64, 64, 0)?;
    assert_eq!(writer.end(0), Err(Error::Ended));
    let mut segment = writer.add(frame, times(5), None, None)?.to_vec();
    let back = writer.add(frame, times(4), None, None);
    assert_eq!(
        back,
        Err(Error::Time {
            last: 500,
            got: 400
        })
    );
    assert!(matches!(
        writer.add(frame, times(6), None, Some(&[1, 2])),
        Err(Error::Frame(_))
    ));
    segment.extend(writer.end(600)?);
    assert_eq!(writer.add(frame, times(7), None, None), Err(Error::Ended));
    assert!(matches!(
        Reader::new(b"something else"),
        Err(Error::Foreign)
    ));
    let mut newer = segment.clone();
    newer[8] = 2;
    assert_eq!(Reader::new(&newer).err(), Some(Error::Version(2)));
    let mut out = screen.clone();
    let mut reader = Reader::new(&segment)?;
    assert_eq!(
        drawn(&mut reader, 1, &mut out, None),
        Err(Error::NoFrame { frames: 1, got: 1 })
    );
    Ok(())
}
