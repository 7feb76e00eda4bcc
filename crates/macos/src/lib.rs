//! Native screen capture on macOS, by ScreenCaptureKit: frames when something changed, with what changed.
//!
//! [`MacCapture`] is only there on macOS. What it decides lies in [`status`], [`permission`] and [`exclusion`] and in
//! `ironcliw-capture`, which know of no system and are tested on all. **Type-checked for its target, not yet run.**

#[cfg(target_os = "macos")]
mod delegate;
pub mod exclusion;
#[cfg(target_os = "macos")]
mod filter;
pub mod permission;
#[cfg(target_os = "macos")]
mod picture;
#[cfg(target_os = "macos")]
mod shareable;
pub mod status;
#[cfg(target_os = "macos")]
mod stream;

#[cfg(target_os = "macos")]
pub use picture::Picture;
#[cfg(target_os = "macos")]
pub use stream::{MacCapture, Options, permitted, request_permission};
