//! Frames of one screen in little memory, each rebuilt bit by bit: a [`Writer`] makes a segment of them, a [`Reader`]
//! draws any of its frames.
//!
//! ```
//! use ironcliw_change::{Frame, FrameMut, Layout};
//! use ironcliw_history::archive::{Reader, Times, Writer};
//!
//! let layout = Layout::packed(100, 150, 4);
//! let mut pixels = vec![0u8; layout.size_bytes()?];
//! let mut writer = Writer::new(100, 150, 0)?;
//! let times = Times { time_ns: 0, wall_ns: 0 };
//! let mut segment = writer.add(Frame::new(&pixels, layout)?, times, None, None)?.to_vec();
//! pixels[0] = 255;
//! segment.extend(writer.add(Frame::new(&pixels, layout)?, times, None, None)?);
//!
//! let mut reader = Reader::new(&segment)?;
//! let mut drawn = pixels.clone();
//! reader.draw(1, FrameMut::new(&mut drawn, layout)?, None)?;
//! assert_eq!(drawn, pixels);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A frame is made of the one before: parts of it moved (a scroll), tiles look as they once did (a caret, a window that
//! comes back), and rectangles are drawn anew. docs/reference/archive.md describes the bytes.

mod bytes;
mod canvas;
mod error;
mod known;
mod ops;
mod painting;
mod palette;
mod patches;
mod pieces;
mod reader;
mod sealing;
mod segment;
mod shift;
mod writer;

pub use error::Error;
pub use ops::Shape;
pub use reader::Reader;
pub use segment::{HEADER_BYTES, Header, Times};
pub use writer::Writer;
