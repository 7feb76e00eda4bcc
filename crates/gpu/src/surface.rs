//! Frames in memory that a system's own screen capture owns: brought to the card as they lie there, or copied first.

use ironcliw_change::{Frame, Layout};

use crate::{Error, Gpu};

/// The pixel format that can be read as it lies: B, G, R and a byte that does not count.
pub const BGRA: u32 = u32::from_be_bytes(*b"BGRA");

/// Rows of surfaces begin at multiples of this, and of more. Metal is not offered others: it may end the process over them.
const PITCH_BYTES: usize = 16;

/// How a surface's pixels lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Rows of pixels.
    pub height: usize,
    /// Pixels of a row.
    pub width: usize,
    /// Bytes from one row to the next.
    pub pitch: usize,
    /// The format's four letters, as in [`BGRA`].
    pub format: u32,
    /// Planes that the parts of a pixel lie in; 0 or 1 where they lie together.
    pub planes: usize,
}

impl Shape {
    /// Whether a card whose textures have sides of `side_max` pixels at most can read this as it lies.
    pub fn check(&self, side_max: u32) -> Result<(), Error> {
        if self.format != BGRA || self.planes > 1 {
            let letters = self.format.to_be_bytes().escape_ascii().to_string();
            let planes = self.planes.max(1);
            return Err(Error::Surface(format!(
                "its pixels are {letters} in {planes} plane(s), and only BGRA in one is read as it lies"
            )));
        }
        if self.height == 0 || self.width == 0 {
            return Err(Error::Surface("it has no pixels".to_owned()));
        }
        if self.pitch / 4 < self.width || !self.pitch.is_multiple_of(PITCH_BYTES) {
            return Err(Error::Surface(format!(
                "its rows of {} pixels are {} bytes apart",
                self.width, self.pitch
            )));
        }
        let side = self.height.max(self.width) as u64;
        if side > u64::from(side_max) {
            return Err(Error::Limits {
                what: "a texture's side",
                needed: side,
                has: u64::from(side_max),
            });
        }
        Ok(())
    }
}

/// A frame in memory of a system's.
pub trait Surface {
    /// How its pixels lie.
    fn shape(&self) -> Shape;

    /// The same memory as a texture, where [`Shape::check`] has nothing against it.
    fn import(&self, gpu: &Gpu) -> Result<Texture, Error>;

    /// Copies its pixels: rows of 4 bytes a pixel, without gaps.
    fn copy(&self, into: &mut [u8]) -> Result<(), Error>;
}

/// A frame that the card reads as it lies, in whosever memory.
pub struct Texture {
    pub(crate) raw: wgpu::Texture,
}

impl Texture {
    /// Rows and columns of pixels.
    pub fn size(&self) -> (usize, usize) {
        (self.raw.height() as usize, self.raw.width() as usize)
    }
}

/// A frame for the card.
#[derive(Clone, Copy)]
pub enum Input<'a> {
    /// In this process's memory: it is copied once by the processor.
    Memory(Frame<'a>),
    /// The card reads it as it lies.
    Texture(&'a Texture),
}

impl Input<'_> {
    /// Rows and columns of pixels.
    pub fn size(&self) -> (usize, usize) {
        match self {
            Self::Memory(frame) => (frame.layout().height, frame.layout().width),
            Self::Texture(texture) => texture.size(),
        }
    }
}

impl<'a> From<Frame<'a>> for Input<'a> {
    fn from(frame: Frame<'a>) -> Self {
        Self::Memory(frame)
    }
}

impl<'a> From<&'a Texture> for Input<'a> {
    fn from(texture: &'a Texture) -> Self {
        Self::Texture(texture)
    }
}

/// A surface that was taken up.
pub enum Taken {
    /// As it lies; nothing was copied.
    Imported(Texture),
    /// Its pixels, copied.
    Copied {
        /// Rows of 4 bytes a pixel, without gaps.
        pixels: Vec<u8>,
        /// Rows and columns of pixels.
        size: (usize, usize),
        /// Why it could not be imported.
        why: Error,
    },
}

impl Taken {
    /// Rows and columns of pixels.
    pub fn size(&self) -> (usize, usize) {
        match self {
            Self::Imported(texture) => texture.size(),
            Self::Copied { size, .. } => *size,
        }
    }

    /// Why it was copied, where it was.
    pub fn why_copied(&self) -> Option<&Error> {
        match self {
            Self::Imported(_) => None,
            Self::Copied { why, .. } => Some(why),
        }
    }

    /// For the kernels.
    pub fn input(&self) -> Result<Input<'_>, Error> {
        match self {
            Self::Imported(texture) => Ok(texture.into()),
            Self::Copied {
                pixels,
                size: (height, width),
                ..
            } => Ok(Frame::new(pixels, Layout::packed(*height, *width, 4))?.into()),
        }
    }
}

impl Gpu {
    /// Takes a surface up as it lies, or copies it where that cannot be. Fails where the card is lost, or the copy fails.
    pub fn take(&self, surface: &impl Surface) -> Result<Taken, Error> {
        let shape = surface.shape();
        let side_max = self.device.device.limits().max_texture_dimension_2d;
        let why = match shape.check(side_max).and_then(|()| surface.import(self)) {
            Ok(texture) => return Ok(Taken::Imported(texture)),
            Err(lost @ Error::Lost(_)) => return Err(lost),
            Err(why) => why,
        };
        let mut pixels = vec![0; 4 * shape.height * shape.width];
        surface.copy(&mut pixels)?;
        let size = (shape.height, shape.width);
        Ok(Taken::Copied { pixels, size, why })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;
    use ironcliw_change::{BINS, FEATURES, grid_shape};
    use wgpu::{Extent3d, TextureFormat, TextureUsages};

    fn open() -> Gpu {
        Gpu::open(&Options {
            software: true,
            ..Options::default()
        })
        .expect("these tests need an adapter; on Debian the package mesa-vulkan-drivers has one")
    }

    /// Bytes that look like nothing, the same each time.
    fn noise(bytes: usize, seed: u64) -> Vec<u8> {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        };
        (0..bytes).map(|_| next()).collect()
    }

    /// A frame as macOS would hand it over: rows with gaps, and a texture that the card has of it without our doing.
    struct Drawn {
        rows: Vec<u8>,
        shape: Shape,
        refused: Option<Error>,
    }

    impl Drawn {
        fn new(height: usize, width: usize, seed: u64) -> Self {
            let pitch = (4 * width).next_multiple_of(64) + 64;
            Self {
                rows: noise(pitch * height, seed),
                shape: Shape {
                    height,
                    width,
                    pitch,
                    format: BGRA,
                    planes: 0,
                },
                refused: None,
            }
        }

        /// For the kernels of the CPU.
        fn frame(&self) -> Frame<'_> {
            let layout = Layout {
                row_stride: self.shape.pitch,
                ..Layout::packed(self.shape.height, self.shape.width, 4)
            };
            Frame::new(&self.rows, layout).unwrap()
        }
    }

    impl Surface for Drawn {
        fn shape(&self) -> Shape {
            self.shape
        }

        fn import(&self, gpu: &Gpu) -> Result<Texture, Error> {
            if let Some(refused) = &self.refused {
                return Err(refused.clone());
            }
            gpu.turn(|| {
                let size = Extent3d {
                    width: self.shape.width as u32,
                    height: self.shape.height as u32,
                    depth_or_array_layers: 1,
                };
                let raw = gpu.device.device.create_texture(&wgpu::TextureDescriptor {
                    label: None,
                    size,
                    mip_level_count: 1,
                    sample_count: 1,
                    dimension: wgpu::TextureDimension::D2,
                    format: TextureFormat::Bgra8Unorm,
                    usage: TextureUsages::COPY_SRC | TextureUsages::COPY_DST,
                    view_formats: &[],
                });
                gpu.device.queue.write_texture(
                    raw.as_image_copy(),
                    &self.rows,
                    wgpu::TexelCopyBufferLayout {
                        offset: 0,
                        bytes_per_row: Some(self.shape.pitch as u32),
                        rows_per_image: None,
                    },
                    size,
                );
                Ok(Texture { raw })
            })
        }

        fn copy(&self, into: &mut [u8]) -> Result<(), Error> {
            let rows = self.rows.chunks(self.shape.pitch);
            for (row, into) in rows.zip(into.chunks_exact_mut(4 * self.shape.width)) {
                into.copy_from_slice(&row[..into.len()]);
            }
            Ok(())
        }
    }

    #[derive(Debug, PartialEq, Eq)]
    struct Answer {
        total: u64,
        counts: Vec<u32>,
        boxes: Vec<i32>,
        mask: Vec<u8>,
        features: Vec<u32>,
        histograms: Vec<u16>,
        histogram: Vec<u32>,
    }

    impl Answer {
        /// Of a card where there is one, of the CPU where not.
        fn of<'a>(
            gpu: Option<(&Gpu, Input<'a>, Input<'a>)>,
            before: Frame<'_>,
            after: Frame<'_>,
            tiles: Option<&[u8]>,
        ) -> Self {
            let layout = before.layout();
            let cells = layout.grid().0 * layout.grid().1;
            let mut answer = Self {
                total: 0,
                counts: vec![7; cells],
                boxes: vec![7; 4 * cells],
                mask: vec![7; layout.height * layout.width],
                features: vec![3; FEATURES * cells],
                histograms: vec![5; BINS * cells],
                histogram: vec![u32::MAX; BINS],
            };
            let (counts, boxes) = (&mut answer.counts, &mut answer.boxes);
            let mask = Some(&mut answer.mask[..]);
            let (features, histograms) = (&mut answer.features, &mut answer.histograms);
            let histogram = &mut answer.histogram;
            if let Some((gpu, before, after)) = gpu {
                let total = gpu.difference(before, after, 9_000, tiles, counts, boxes, mask);
                answer.total = total.unwrap();
                gpu.describe(after, tiles, features, histograms, histogram)
                    .unwrap();
            } else {
                let total =
                    ironcliw_change::difference(before, after, 9_000, tiles, counts, boxes, mask);
                answer.total = total.unwrap();
                ironcliw_change::describe(after, tiles, features, histograms, histogram).unwrap();
            }
            answer
        }
    }

    #[test]
    fn textures_are_as_the_cpu_says() {
        let gpu = open();
        for (height, width) in [
            (1, 1),
            (1, 200),
            (63, 65),
            (64, 64),
            (65, 63),
            (130, 129),
            (2, 4300),
            (300, 500),
        ] {
            let (rows, columns) = grid_shape(height, width);
            let some: Vec<u8> = noise(rows * columns, 9).iter().map(|on| on & 1).collect();
            let bands: Vec<u8> = (0..rows * columns)
                .map(|cell| u8::from(cell / columns % 2 == 1))
                .collect();
            let (one, two) = (Drawn::new(height, width, 1), Drawn::new(height, width, 2));
            let taken = [&one, &two].map(|drawn| gpu.take(drawn).unwrap());
            let [one_there, two_there] = taken.each_ref().map(|taken| {
                assert_eq!((taken.why_copied(), taken.size()), (None, (height, width)));
                taken.input().unwrap()
            });
            // Frames of memory before and after: what these leave in the buffers must not be seen.
            for tiles in [Some(&bands[..]), None, Some(&some[..])] {
                let expected = Answer::of(None, one.frame(), two.frame(), tiles);
                for (before, after) in [
                    (one.frame().into(), two.frame().into()),
                    (one_there, two_there),
                    (one.frame().into(), two_there),
                    (one_there, two.frame().into()),
                ] {
                    let card = Some((&gpu, before, after));
                    assert_eq!(Answer::of(card, one.frame(), two.frame(), tiles), expected);
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_imported_is_copied_and_says_why() {
        let gpu = open();
        let (one, mut two) = (Drawn::new(70, 90, 1), Drawn::new(70, 90, 2));
        two.refused = Some(Error::Surface("Metal makes no texture of it".to_owned()));
        let taken = gpu.take(&two).unwrap();
        assert_eq!(
            (taken.why_copied(), taken.size()),
            (two.refused.as_ref(), (70, 90))
        );
        let expected = Answer::of(None, one.frame(), two.frame(), None);
        let card = Some((&gpu, one.frame().into(), taken.input().unwrap()));
        assert_eq!(Answer::of(card, one.frame(), two.frame(), None), expected);
        two.refused = None;
        two.shape.format = u32::from_be_bytes(*b"420v");
        two.shape.planes = 2;
        let taken = gpu.take(&two).unwrap();
        let why = taken.why_copied();
        assert!(
            matches!(why, Some(Error::Surface(why)) if why.contains("420v in 2")),
            "{why:?}"
        );
    }

    #[test]
    fn a_lost_card_takes_nothing_up() {
        let gpu = open();
        let drawn = Drawn::new(64, 64, 1);
        let taken = gpu.take(&drawn).unwrap();
        assert!(matches!(taken, Taken::Imported(_)));
        gpu.destroy();
        for _ in 0..2 {
            // The first one may still be made of a card that has not told yet that it is gone.
            let answer = gpu.take(&drawn).and_then(|taken| {
                let (mut counts, mut boxes) = ([7], [7; 4]);
                let input = taken.input()?;
                gpu.difference(input, input, 0, None, &mut counts, &mut boxes, None)
            });
            assert!(matches!(answer, Err(Error::Lost(_))), "{answer:?}");
        }
    }

    #[test]
    fn two_sizes_are_refused() {
        let gpu = open();
        let (one, two) = (Drawn::new(64, 64, 1), Drawn::new(64, 65, 1));
        let (one, two) = (gpu.take(&one).unwrap(), gpu.take(&two).unwrap());
        let (mut counts, mut boxes) = ([7], [7; 4]);
        let (one, two) = (one.input().unwrap(), two.input().unwrap());
        let answer = gpu.difference(one, two, 0, None, &mut counts, &mut boxes, None);
        assert!(matches!(answer, Err(Error::Argument(_))), "{answer:?}");
        assert_eq!(counts, [7]);
    }

    #[test]
    fn shapes() {
        let good = Shape {
            height: 1080,
            width: 1920,
            pitch: 7680,
            format: BGRA,
            planes: 0,
        };
        assert_eq!(good.check(16_384), Ok(()));
        assert_eq!(Shape { planes: 1, ..good }.check(1920), Ok(()));
        let limits = Error::Limits {
            what: "a texture's side",
            needed: 1920,
            has: 1919,
        };
        assert_eq!(good.check(1919), Err(limits));
        let format = u32::from_be_bytes(*b"l10r");
        for bad in [
            Shape { format, ..good },
            Shape { planes: 2, ..good },
            Shape { height: 0, ..good },
            Shape { width: 0, ..good },
            Shape { pitch: 0, ..good },
            Shape {
                pitch: 7664,
                ..good
            },
            Shape {
                pitch: 7688,
                ..good
            },
        ] {
            assert!(
                matches!(bad.check(16_384), Err(Error::Surface(_))),
                "{bad:?}"
            );
        }
    }
}
