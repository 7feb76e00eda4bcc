//! The kernels on a graphics processor: Vulkan on Linux, Metal on macOS, DX12 on Windows.
//!
//! [`Gpu::difference`], [`Gpu::describe`] and [`Gpu::process_batch`] answer bit for bit what `ironcliw-change` answers:
//! there are only whole numbers in the shaders. Pixels are copied once by the processor, from where they lie into memory
//! that the card reads; while it works on one frame of a batch, the next is copied. Buffers and pipelines are kept.
//!
//! ```no_run
//! use ironcliw_change::{Frame, Layout};
//! use ironcliw_gpu::{Gpu, Options};
//!
//! let gpu = Gpu::open(&Options::default())?;
//! let pixels = vec![0u8; 1080 * 1920 * 4];
//! let frame = Frame::new(&pixels, Layout::packed(1080, 1920, 4))?;
//! let (mut counts, mut boxes) = (vec![0; 17 * 30], vec![0; 17 * 30 * 4]);
//! assert_eq!(gpu.difference(frame, frame, 0, None, &mut counts, &mut boxes, None)?, 0);
//! # Ok::<(), ironcliw_gpu::Error>(())
//! ```
//!
//! A [`Surface`] of a system's screen capture is read by the card as it lies where that can be, and copied where not.
//!
//! Nothing is written where an [`Error`] is returned, so whoever called can have the same answer from the CPU at once.
//! Nothing here decides whether the card is worth it; that is measured, by `ironcliw.kernels.gpu`.

#![deny(unsafe_code)]

mod adapter;
mod answer;
mod batch;
mod device;
mod error;
mod gpu;
#[cfg(target_os = "macos")]
mod metal;
mod room;
mod selection;
mod speed;
mod staging;
mod surface;

pub use adapter::{Adapter, Options};
pub use batch::Batch;
pub use error::Error;
pub use gpu::Gpu;
pub use speed::Speed;
pub use surface::{BGRA, Input, Shape, Surface, Taken, Texture};

/// The source of all shaders, in WGSL.
pub const SHADERS: &str = include_str!("shaders/kernels.wgsl");
