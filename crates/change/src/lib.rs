//! Tile fingerprints and pixel differences of screen frames.
//!
//! A frame is cut into tiles of 64 x 64 pixels ([`TILE`]). The passes over it:
//!
//! - [`fingerprint`] reads every pixel once and says which tiles are not what they were,
//! - [`difference`] counts and boxes the pixels that differ between two frames, tile by tile,
//! - [`copy_tiles`] copies chosen tiles, [`store_tiles`] puts them into a pool,
//! - [`Tracker`] does all of it in one walk over the frame, and joins what changed to regions.
//!
//! [`describe`] says in a few numbers what tiles look like, and [`perceptual_hash`] how alike whole frames are.
//!
//! ```
//! use ironcliw_change::{Frame, Layout, fingerprint, grid_shape};
//!
//! let pixels = vec![0u8; 720 * 1280 * 4];
//! let frame = Frame::new(&pixels, Layout::packed(720, 1280, 4))?;
//! let (rows, columns) = grid_shape(720, 1280);
//! let mut grid = vec![0u64; rows * columns];
//! let mut changed = vec![0u8; rows * columns];
//! assert_eq!(fingerprint(frame, &mut grid, &mut changed, None)?, rows * columns);
//! assert_eq!(fingerprint(frame, &mut grid, &mut changed, None)?, 0);
//! # Ok::<(), ironcliw_change::Error>(())
//! ```
//!
//! Pixels are bytes B, G, R and sometimes a fourth, which is never looked at. All arithmetic is on integers, so every
//! [`Level`] of vector instructions gives the same answer. Nothing here allocates in proportion to a frame.

#![deny(unsafe_code)]

mod copy;
mod describe;
mod difference;
mod error;
mod fingerprint;
mod frame;
mod grid;
mod level;
mod perceptual;
mod regions;
mod simd;
mod store;
mod tracker;
mod xxh3;

pub use copy::{copy_tiles, copy_tiles_at};
pub use describe::{BINS, FEATURES, describe, describe_at};
pub use difference::{DISTANCE_MAX, difference, difference_at};
pub use error::Error;
pub use fingerprint::{fingerprint, fingerprint_at};
pub use frame::{Frame, FrameMut, Layout};
pub use grid::{TILE, grid_shape};
pub use level::Level;
pub use perceptual::{SIDE_MAX, perceptual_hash};
pub use regions::Region;
pub use store::{TILE_BYTES, store_tiles, store_tiles_at};
pub use tracker::{Change, Damage, Tiles, Tracker};
