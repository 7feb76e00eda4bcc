//! What came before.
//!
//! What is here: [`ring`], frames in memory that other processes read without a copy, and [`archive`], every distinct
//! frame in segments from which any comes back bit by bit.

#![deny(unsafe_code)]

pub mod archive;
mod error;
pub mod ring;

pub use self::error::Error;
