//! Native capture of a Wayland compositor's outputs: the compositor writes straight into memory that the caller owns.
//!
//! What is here: [`WaylandCapture`] (zwlr_screencopy_manager_v1 and ext_image_copy_capture_manager_v1), [`Rect`] and
//! [`Error`]. The protocol is spoken here and not by a library: `docs/decisions/0023-wayland.md` says why.
//!
//! ```no_run
//! use ironcliw_wayland::{Options, Update, WaylandCapture};
//! use std::time::Duration;
//!
//! # fn frame_memory(_: i32, _: i32) -> i32 { 0 }
//! let mut capture = WaylandCapture::connect(Options::default())?;
//! let output = capture.output();
//! capture.attach(frame_memory(output.rect.width, output.rect.height), 0)?; // a memfd of width * height * 4 bytes
//! if let Update::Captured { whole: false, .. } = capture.next(Duration::from_secs(1))? {
//!     println!("changed: {:?}", capture.damage());
//! }
//! # Ok::<(), ironcliw_wayland::Error>(())
//! ```

#![cfg(target_os = "linux")]

mod capture;
mod connection;
mod convert;
mod error;
mod frames;
mod memory;
mod outputs;
mod pipewire;
mod rect;
mod shot;
mod wire;

pub use capture::{Options, Update, WaylandCapture};
pub use connection::Alarm;
pub use error::Error;
pub use outputs::Output;
pub use pipewire::{PipeWireCapture, StreamUpdate};
pub use rect::Rect;
