//! Native screen capture on Windows: by DXGI's desktop duplication, and by Graphics Capture where that is not to be had.
//!
//! [`WindowsCapture`] is only there on Windows. What it decides lies in [`status`], [`turned`] and [`mask`] and in
//! `ironcliw-capture`, which know of no system and are tested on all. **Type-checked for its target, not yet run.**

#[cfg(target_os = "windows")]
mod capture;
#[cfg(target_os = "windows")]
mod device;
#[cfg(target_os = "windows")]
mod duplication;
#[cfg(target_os = "windows")]
mod graphics;
pub mod mask;
#[cfg(target_os = "windows")]
mod pixels;
pub mod status;
pub mod turned;
#[cfg(target_os = "windows")]
mod windows_list;

#[cfg(target_os = "windows")]
pub use capture::{Exclusions, Options, WindowsCapture};
