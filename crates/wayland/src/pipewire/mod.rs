//! Video streams of PipeWire, as the screen-cast portal hands them out.
//!
//! What is here: [`PipeWireCapture`]. libpipewire is opened when the first stream is, and needs to be there for nothing else:
//! what of its interface is used is written down in `library`.

mod library;
mod pod;
mod stream;

pub use stream::{PipeWireCapture, StreamUpdate};
