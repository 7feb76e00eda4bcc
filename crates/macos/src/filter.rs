//! What of a display the system hands over.

use ironcliw_capture::Error;
use objc2::AllocAnyThread;
use objc2::rc::Retained;
use objc2_foundation::NSArray;
use objc2_screen_capture_kit::{
    SCContentFilter, SCDisplay, SCRunningApplication, SCShareableContent, SCWindow,
};

use crate::exclusion::{Exclusions, Window};
use crate::shareable;

/// A filter without what is left out, and the numbers of the windows that are.
///
/// Where only applications are left out, windows that they open later are, too; of the others, those that are there now.
pub(crate) fn of(
    content: &SCShareableContent,
    display: &SCDisplay,
    exclusions: &Exclusions,
) -> Result<(Retained<SCContentFilter>, Vec<u32>), Error> {
    if exclusions.only_applications() {
        let applications = NSArray::from_retained_slice(&applications(content, exclusions));
        let none = NSArray::<SCWindow>::from_retained_slice(&[]);
        // SAFETY: display and applications come from the list.
        let filter = unsafe {
            SCContentFilter::initWithDisplay_excludingApplications_exceptingWindows(
                SCContentFilter::alloc(),
                display,
                &applications,
                &none,
            )
        };
        return Ok((filter, Vec::new()));
    }
    let windows = shareable::windows(content);
    let known: Vec<Window> = windows.iter().map(|(window, _)| window.clone()).collect();
    let chosen = exclusions
        .chosen(Some(&known))
        .map_err(|reason| Error::Lost(reason.to_owned()))?;
    let handles: Vec<Retained<SCWindow>> = windows
        .into_iter()
        .filter_map(|(window, handle)| chosen.contains(&window.id).then_some(handle))
        .collect();
    let handles = NSArray::from_retained_slice(&handles);
    // SAFETY: display and windows come from the list.
    let filter = unsafe {
        SCContentFilter::initWithDisplay_excludingWindows(
            SCContentFilter::alloc(),
            display,
            &handles,
        )
    };
    Ok((filter, chosen))
}

fn applications(
    content: &SCShareableContent,
    exclusions: &Exclusions,
) -> Vec<Retained<SCRunningApplication>> {
    // SAFETY: a list of the system's.
    let all: Retained<NSArray<SCRunningApplication>> = unsafe { content.applications() };
    let covered = |each: &Retained<SCRunningApplication>| {
        // SAFETY: reads what the list holds.
        let (process, bundle) = unsafe { (each.processID(), each.bundleIdentifier()) };
        exclusions.covers_application(process, &bundle.to_string())
    };
    all.iter().filter(covered).collect()
}
