//! What a screen showed before.

#![deny(unsafe_code)]

pub mod archive;
