//! The rectangles of a screen frame, by their edges.
//!
//! ```
//! use ironcliw_change::{Frame, Layout};
//! use ironcliw_objects::rectangles;
//!
//! let mut pixels = vec![200u8; 120 * 200 * 4];
//! for y in 30..90 {
//!     pixels[(y * 200 + 40) * 4..(y * 200 + 160) * 4].fill(90);
//! }
//! let found = rectangles(Frame::new(&pixels, Layout::packed(120, 200, 4))?);
//! assert!(found.iter().any(|each| each.sides == [40, 30, 160, 90]));
//! # Ok::<(), ironcliw_change::Error>(())
//! ```
//!
//! Edges are steps of luma, summed over [`CELL`] pixels along the edge, so that low contrast counts and noise does not.
//! Long edges with something even beside them are paired; a pair becomes a rectangle where the two sides between them
//! are edges as well. All arithmetic is on integers. Time and memory are bounded, whatever the frame shows.

#![deny(unsafe_code)]

mod edges;
mod search;

pub use edges::CELL;
pub use search::{Rectangle, rectangles};
