//! What there is to capture: displays, applications and windows, as the system lists them.

use std::sync::mpsc;
use std::time::Duration;

use block2::RcBlock;
use ironcliw_capture::Error;
use objc2::rc::Retained;
use objc2_foundation::{NSArray, NSError};
use objc2_screen_capture_kit::{SCDisplay, SCShareableContent, SCWindow};

use crate::exclusion::Window;

/// How long the system may take to list them, or to begin and end a stream.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// A value on its way from the system's thread to ours.
pub(crate) struct Sent<T>(pub T);

// SAFETY: lists and errors of the system are immutable, and may be used from any thread.
unsafe impl<T> Send for Sent<T> {}

/// The list as it is now.
pub(crate) fn content() -> Result<Retained<SCShareableContent>, Error> {
    let (sender, receiver) = mpsc::channel();
    let handler = RcBlock::new(
        move |content: *mut SCShareableContent, error: *mut NSError| {
            // SAFETY: the system hands over valid objects or null, and keeps its own hold on them while we are called.
            let answer = unsafe { Retained::retain(content) }.ok_or_else(|| unsafe { why(error) });
            let _ = sender.send(Sent(answer));
        },
    );
    // SAFETY: the handler takes what the method hands over, and may be called on any thread.
    unsafe {
        SCShareableContent::getShareableContentExcludingDesktopWindows_onScreenWindowsOnly_completionHandler(
            false, true, &handler,
        );
    }
    let answer = receiver
        .recv_timeout(PATIENCE)
        .map_err(|_| Error::NoReply(PATIENCE))?;
    answer.0.map_err(|(_, reason)| Error::Lost(reason))
}

/// Code and text of an error. The pointer is valid or null.
pub(crate) unsafe fn why(error: *mut NSError) -> (isize, String) {
    // SAFETY: as the caller says.
    match unsafe { error.as_ref() } {
        Some(error) => (error.code(), error.localizedDescription().to_string()),
        None => (0, "macOS did not say why".to_owned()),
    }
}

/// The display with this number, or in this place of the list, or the first.
pub(crate) fn display(
    content: &SCShareableContent,
    asked: Option<&str>,
) -> Result<Retained<SCDisplay>, Error> {
    // SAFETY: a list of the system's.
    let displays: Retained<NSArray<SCDisplay>> = unsafe { content.displays() };
    // SAFETY: reads a number.
    let number = |display: &SCDisplay| unsafe { display.displayID() };
    let place = asked.and_then(|asked| asked.parse::<usize>().ok());
    let mut all = displays.iter().enumerate();
    let found = all.find(|(at, display)| match asked {
        None => true,
        Some(asked) => Some(*at) == place || number(display).to_string() == asked,
    });
    found
        .map(|(_, display)| display)
        .ok_or_else(|| match asked {
            None => Error::NoDisplay("macOS lists no display".to_owned()),
            Some(asked) => Error::UnknownMonitor {
                asked: asked.to_owned(),
                available: displays
                    .iter()
                    .enumerate()
                    .map(|(at, display)| format!("{at} (display {})", number(&display)))
                    .collect(),
            },
        })
}

/// The windows on the screen, each with what it is known by.
pub(crate) fn windows(content: &SCShareableContent) -> Vec<(Window, Retained<SCWindow>)> {
    // SAFETY: a list of the system's.
    let windows: Retained<NSArray<SCWindow>> = unsafe { content.windows() };
    let known = |window: Retained<SCWindow>| {
        // SAFETY: reads what the list holds.
        let (id, title, owner) = unsafe {
            (
                window.windowID(),
                window.title(),
                window.owningApplication(),
            )
        };
        // SAFETY: as above.
        let owner = owner.map(|owner| unsafe { (owner.processID(), owner.bundleIdentifier()) });
        let (process, application) = owner.map_or((0, String::new()), |(process, bundle)| {
            (process, bundle.to_string())
        });
        let title = title.map_or_else(String::new, |title| title.to_string());
        (
            Window {
                id,
                process,
                application,
                title,
            },
            window,
        )
    };
    windows.iter().map(known).collect()
}
