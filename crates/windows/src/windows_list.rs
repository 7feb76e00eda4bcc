//! Where the windows lie that are to be left out.

use std::mem::size_of;

use ironcliw_capture::{Error, Rect};
use windows::Win32::Foundation::{HWND, LPARAM, RECT};
use windows::Win32::Graphics::Dwm::{DWMWA_EXTENDED_FRAME_BOUNDS, DwmGetWindowAttribute};
use windows::Win32::UI::WindowsAndMessaging::{
    EnumWindows, GetWindowRect, GetWindowTextW, GetWindowThreadProcessId, IsIconic, IsWindowVisible,
};
use windows::core::BOOL;

use crate::device::lost;
use crate::duplication::rect;

/// Longest title that is looked at, in units of two bytes.
const TITLE_UNITS: usize = 512;

/// What is to be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exclusions {
    /// Windows by their handle's number.
    pub windows: Vec<isize>,
    /// All windows of these processes: ours and the terminal that runs us.
    pub processes: Vec<u32>,
    /// All windows whose title holds one of these texts, in upper or lower case.
    pub titles: Vec<String>,
}

struct Looking<'a> {
    exclusions: &'a Exclusions,
    found: Vec<Rect>,
}

impl Exclusions {
    /// Where such windows lie on the desktop. Fails where the list cannot be read: then nothing may be captured.
    pub(crate) fn rects(&self) -> Result<Vec<Rect>, Error> {
        if *self == Self::default() {
            return Ok(Vec::new());
        }
        let mut looking = Looking {
            exclusions: self,
            found: Vec::new(),
        };
        // SAFETY: `look` gets the pointer back while `looking` lives, on this thread.
        unsafe { EnumWindows(Some(look), LPARAM(&raw mut looking as isize)) }.map_err(lost)?;
        Ok(looking.found)
    }

    fn covers(&self, window: HWND) -> bool {
        let mut process = 0;
        // SAFETY: a place for a number.
        unsafe { GetWindowThreadProcessId(window, Some(&mut process)) };
        if self.windows.contains(&(window.0 as isize)) || self.processes.contains(&process) {
            return true;
        }
        let mut title = [0; TITLE_UNITS];
        // SAFETY: writes at most as much as there is room for.
        let length = unsafe { GetWindowTextW(window, &mut title) };
        let title =
            String::from_utf16_lossy(&title[..usize::try_from(length).unwrap_or(0)]).to_lowercase();
        self.titles
            .iter()
            .any(|each| !each.is_empty() && title.contains(&each.to_lowercase()))
    }
}

unsafe extern "system" fn look(window: HWND, looking: LPARAM) -> BOOL {
    // SAFETY: what `rects` handed over, which waits for us.
    let looking = unsafe { &mut *(looking.0 as *mut Looking<'_>) };
    // SAFETY: questions about a window, which may be gone: then it is not visible.
    let shown = unsafe { IsWindowVisible(window).as_bool() && !IsIconic(window).as_bool() };
    if shown && looking.exclusions.covers(window) {
        looking.found.extend(place(window));
    }
    true.into()
}

/// What a window covers, its shadow left out; without the compositor's answer what it says itself.
fn place(window: HWND) -> Option<Rect> {
    let mut place = RECT::default();
    let bytes = size_of::<RECT>() as u32;
    // SAFETY: a place of that many bytes.
    let known = unsafe {
        DwmGetWindowAttribute(
            window,
            DWMWA_EXTENDED_FRAME_BOUNDS,
            (&raw mut place).cast(),
            bytes,
        )
    };
    // SAFETY: a place for a rectangle.
    let known = known.or_else(|_| unsafe { GetWindowRect(window, &mut place) });
    known.is_ok().then(|| rect(&place))
}
