//! A ring of frames in shared memory: one writer, any number of readers that it never waits for.
//!
//! What is here: [`protocol`], how the words of a slot say whether its pixels are whole; [`Header`], those words in a
//! memory file that is mapped; [`layout`], where they stand. `docs/reference/ring.md` describes the layout byte by byte.

pub mod layout;
pub mod protocol;

#[cfg(all(target_os = "linux", not(loom)))]
mod header;
#[cfg(all(target_os = "linux", not(loom)))]
mod mapping;
#[cfg(all(test, not(loom)))]
mod properties;

#[cfg(all(target_os = "linux", not(loom)))]
pub use self::header::{Constant, Header, Shown, Taken};
