//! The card that a display hangs on.

use ironcliw_capture::Error;
use windows::Win32::Foundation::HMODULE;
use windows::Win32::Graphics::Direct3D::D3D_DRIVER_TYPE_UNKNOWN;
use windows::Win32::Graphics::Direct3D11::{
    D3D11_CREATE_DEVICE_BGRA_SUPPORT, D3D11_SDK_VERSION, D3D11CreateDevice, ID3D11Device,
    ID3D11DeviceContext,
};
use windows::Win32::Graphics::Dxgi::{
    CreateDXGIFactory1, DXGI_OUTPUT_DESC, IDXGIAdapter1, IDXGIFactory1, IDXGIOutput,
};
use windows::Win32::UI::HiDpi::{GetDpiForMonitor, MDT_EFFECTIVE_DPI};
use windows::core::Interface;

/// A display and its card.
pub(crate) struct Display {
    pub output: IDXGIOutput,
    pub description: DXGI_OUTPUT_DESC,
    pub device: ID3D11Device,
    pub context: ID3D11DeviceContext,
}

// SAFETY: the monitor's handle is a number, not memory of ours; the others may be used from any thread, by one at a time,
// which whoever holds a `Display` sees to.
unsafe impl Send for Display {}

pub(crate) fn lost(error: windows::core::Error) -> Error {
    Error::Lost(format!("{} (0x{:08X})", error.message(), error.code().0))
}

/// A display's name, like `\\.\DISPLAY1`.
pub(crate) fn name(description: &DXGI_OUTPUT_DESC) -> String {
    let name = &description.DeviceName;
    let end = name
        .iter()
        .position(|unit| *unit == 0)
        .unwrap_or(name.len());
    String::from_utf16_lossy(&name[..end])
}

/// Pixels of a point: 96 dots an inch are one.
pub(crate) fn scale(description: &DXGI_OUTPUT_DESC) -> f64 {
    let (mut across, mut down) = (96, 96);
    // SAFETY: places for two numbers; they stay as they are where it fails.
    let known = unsafe {
        GetDpiForMonitor(
            description.Monitor,
            MDT_EFFECTIVE_DPI,
            &mut across,
            &mut down,
        )
    };
    match known {
        Ok(()) => f64::from(across) / 96.0,
        Err(_) => 1.0,
    }
}

/// The display of this name or in this place of the list; None: the one at the desktop's corner, else the first.
pub(crate) fn find(asked: Option<&str>) -> Result<Display, Error> {
    let mut displays = list()?;
    let place = asked.and_then(|asked| asked.parse::<usize>().ok());
    let found = displays
        .iter()
        .enumerate()
        .position(|(at, (_, _, description))| match asked {
            None => {
                (
                    description.DesktopCoordinates.left,
                    description.DesktopCoordinates.top,
                ) == (0, 0)
            }
            Some(asked) => Some(at) == place || name(description).eq_ignore_ascii_case(asked),
        });
    let found = match (found, asked) {
        (Some(found), _) => found,
        (None, None) if !displays.is_empty() => 0,
        (None, None) => return Err(Error::NoDisplay("Windows lists no display".to_owned())),
        (None, Some(asked)) => {
            return Err(Error::UnknownMonitor {
                asked: asked.to_owned(),
                available: displays
                    .iter()
                    .enumerate()
                    .map(|(at, (_, _, description))| format!("{at} ({})", name(description)))
                    .collect(),
            });
        }
    };
    let (adapter, output, description) = displays.swap_remove(found);
    let (mut device, mut context) = (None, None);
    // SAFETY: places for two results, which are checked.
    unsafe {
        D3D11CreateDevice(
            &adapter,
            D3D_DRIVER_TYPE_UNKNOWN,
            HMODULE::default(),
            D3D11_CREATE_DEVICE_BGRA_SUPPORT,
            None,
            D3D11_SDK_VERSION,
            Some(&mut device),
            None,
            Some(&mut context),
        )
    }
    .map_err(lost)?;
    match (device, context) {
        (Some(device), Some(context)) => Ok(Display {
            output,
            description,
            device,
            context,
        }),
        _ => Err(Error::Lost("Direct3D opened nothing".to_owned())),
    }
}

type Listed = (IDXGIAdapter1, IDXGIOutput, DXGI_OUTPUT_DESC);

/// All displays that show a part of the desktop.
fn list() -> Result<Vec<Listed>, Error> {
    // SAFETY: no arguments.
    let factory: IDXGIFactory1 = unsafe { CreateDXGIFactory1() }.map_err(lost)?;
    let mut displays = Vec::new();
    // SAFETY: numbers beyond the last are answered by an error, which ends the loops.
    for adapter in (0..).map_while(|number| unsafe { factory.EnumAdapters1(number) }.ok()) {
        // SAFETY: as above.
        for output in (0..).map_while(|number| unsafe { adapter.EnumOutputs(number) }.ok()) {
            // SAFETY: reads what it is.
            let description = unsafe { output.GetDesc() }.map_err(lost)?;
            if description.AttachedToDesktop.as_bool() {
                displays.push((adapter.clone(), output.cast().map_err(lost)?, description));
            }
        }
    }
    Ok(displays)
}
