//! The bits of a Bloom filter: whether a key was probably seen before, in a fixed amount of memory.
//!
//! ```
//! use ironcliw_dedup::{Bloom, key_of};
//!
//! let bloom = Bloom::new(1024, 7, 2)?;                  // 1024 blocks of 512 bits, twice: now and before
//! assert!(!bloom.check_and_add(key_of(b"a tile")));     // it was not there before
//! assert!(bloom.contains(key_of(b"a tile")));
//! bloom.turn();                                         // what is added from here on is a new generation
//! assert!(bloom.contains(key_of(b"a tile")));
//! # Ok::<(), ironcliw_dedup::Error>(())
//! ```
//!
//! A key is 64 bits; [`key_of`] makes one of bytes. Which bits it sets is said in `layout.rs`, and is the same in every
//! process, version and architecture. There is no clock here, no file and no rule about when to [`Bloom::turn`].

#![deny(unsafe_code)]

mod bloom;
mod cpu;
mod error;
mod hash;
mod keys;
mod layout;
mod memory;
mod turn;

pub use bloom::Bloom;
pub use error::{Error, Shape};
pub use hash::key_of;
pub use layout::{BLOCK_BITS, BLOCK_WORDS, HASHES_MAX};
pub use turn::forked;
