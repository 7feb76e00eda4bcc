//! What came before.
//!
//! What is here: [`ring`], frames in memory that other processes read without a copy.

#![deny(unsafe_code)]

mod error;
pub mod ring;

pub use self::error::Error;
