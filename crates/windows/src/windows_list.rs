//! Where the windows lie that are to be left out.

use std::mem::size_of;

use ironcliw_capture::{Error, Rect, Titles};
use windows::Win32::Foundation::{CloseHandle, HWND, LPARAM, RECT};
use windows::Win32::Graphics::Dwm::{DWMWA_EXTENDED_FRAME_BOUNDS, DwmGetWindowAttribute};
use windows::Win32::System::Threading::{
    OpenProcess, PROCESS_NAME_WIN32, PROCESS_QUERY_LIMITED_INFORMATION, QueryFullProcessImageNameW,
};
use windows::Win32::UI::WindowsAndMessaging::{
    EnumWindows, GetWindowRect, GetWindowTextW, GetWindowThreadProcessId, IsIconic, IsWindowVisible,
};
use windows::core::{BOOL, PWSTR};

use crate::device::lost;
use crate::duplication::rect;
use crate::status::file_stem;

/// Longest title that is looked at, in units of two bytes.
const TITLE_UNITS: usize = 512;

/// Longest path of a program, likewise.
const PATH_UNITS: usize = 4096;

/// What is to be left out.
#[derive(Debug, Clone, Default)]
pub struct Exclusions {
    /// Windows by their handle's number.
    pub windows: Vec<isize>,
    /// All windows of these processes: ours and the terminal that runs us.
    pub processes: Vec<u32>,
    /// All windows of programs, by the name of their file without `.exe`, in upper or lower case.
    pub applications: Vec<String>,
    /// All windows whose title meets one of these.
    pub titles: Titles,
}

struct Looking<'a> {
    exclusions: &'a Exclusions,
    found: Vec<Rect>,
}

impl Exclusions {
    fn is_empty(&self) -> bool {
        self.windows.is_empty()
            && self.processes.is_empty()
            && self.applications.is_empty()
            && self.titles.is_empty()
    }

    /// Where such windows lie on the desktop. Fails where the list cannot be read: then nothing may be captured.
    pub(crate) fn rects(&self) -> Result<Vec<Rect>, Error> {
        if self.is_empty() {
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
        // A program whose name is not to be had may be one of them.
        let is_one = |name: String| {
            self.applications
                .iter()
                .any(|each| each.eq_ignore_ascii_case(&name))
        };
        if !self.applications.is_empty() && program(process).is_none_or(is_one) {
            return true;
        }
        let mut title = [0; TITLE_UNITS];
        // SAFETY: writes at most as much as there is room for.
        let length = unsafe { GetWindowTextW(window, &mut title) };
        let title = String::from_utf16_lossy(&title[..usize::try_from(length).unwrap_or(0)]);
        self.titles.are_met_by(&title)
    }
}

/// The name of a process's file, without folder and `.exe`.
fn program(process: u32) -> Option<String> {
    let mut path = [0; PATH_UNITS];
    let mut length = PATH_UNITS as u32;
    // SAFETY: a process that was asked for is closed below; the path has room for as much as is said.
    let named = unsafe {
        let handle = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, false, process).ok()?;
        let text = PWSTR(path.as_mut_ptr());
        let named = QueryFullProcessImageNameW(handle, PROCESS_NAME_WIN32, text, &mut length);
        let _ = CloseHandle(handle);
        named
    };
    named.ok()?;
    Some(file_stem(&String::from_utf16_lossy(&path[..length as usize])).to_owned())
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
