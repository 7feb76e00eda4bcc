//! By Graphics Capture, where the desktop cannot be duplicated: laptops with two cards, some remote sessions.

use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use windows::Foundation::TypedEventHandler;
use windows::Graphics::Capture::{
    Direct3D11CaptureFramePool, GraphicsCaptureItem, GraphicsCaptureSession,
};
use windows::Graphics::DirectX::Direct3D11::IDirect3DDevice;
use windows::Graphics::DirectX::DirectXPixelFormat;
use windows::Win32::Graphics::Direct3D11::ID3D11Texture2D;
use windows::Win32::Graphics::Dxgi::IDXGIDevice;
use windows::Win32::System::WinRT::Direct3D11::{
    CreateDirect3D11DeviceFromDXGIDevice, IDirect3DDxgiInterfaceAccess,
};
use windows::Win32::System::WinRT::Graphics::Capture::IGraphicsCaptureItemInterop;
use windows::core::{IInspectable, Interface, Result, factory};

use crate::device::Display;

/// Pictures that Windows may be ahead of us.
const BUFFERS: i32 = 2;

pub(crate) struct Graphics {
    pool: Direct3D11CaptureFramePool,
    session: GraphicsCaptureSession,
    arrived: Receiver<()>,
    /// The picture's size, which is as people see it.
    pub sent: (i32, i32),
}

impl Graphics {
    pub fn new(display: &Display) -> Result<Self> {
        let interop = factory::<GraphicsCaptureItem, IGraphicsCaptureItemInterop>()?;
        // SAFETY: a monitor that was listed.
        let item: GraphicsCaptureItem =
            unsafe { interop.CreateForMonitor(display.description.Monitor) }?;
        let device: IDXGIDevice = display.device.cast()?;
        // SAFETY: a device of ours.
        let device: IDirect3DDevice =
            unsafe { CreateDirect3D11DeviceFromDXGIDevice(&device) }?.cast()?;
        let size = item.Size()?;
        let format = DirectXPixelFormat::B8G8R8A8UIntNormalized;
        let pool = Direct3D11CaptureFramePool::CreateFreeThreaded(&device, format, BUFFERS, size)?;
        // One note is enough: whoever reads takes all pictures there are.
        let (sender, arrived) = sync_channel(1);
        pool.FrameArrived(
            &TypedEventHandler::<Direct3D11CaptureFramePool, IInspectable>::new(move |_, _| {
                let _ = sender.try_send(());
                Ok(())
            }),
        )?;
        let session = pool.CreateCaptureSession(&item)?;
        session.SetIsCursorCaptureEnabled(false)?;
        // Windows 11 has these; where they are missing there is a border, which is in what is captured.
        let _ = session.SetIsBorderRequired(false);
        session.StartCapture()?;
        Ok(Self {
            pool,
            session,
            arrived,
            sent: (size.Width, size.Height),
        })
    }

    /// The newest picture with `work` done on it, or None where nothing changed within the time. What changed is not said.
    pub fn next<T>(
        &self,
        timeout: Duration,
        work: impl FnOnce(&ID3D11Texture2D) -> T,
    ) -> Result<Option<T>> {
        if self.arrived.recv_timeout(timeout).is_err() {
            return Ok(None);
        }
        let mut newest = None;
        while let Ok(frame) = self.pool.TryGetNextFrame() {
            if let Some(older) = newest.replace(frame) {
                older.Close()?;
            }
        }
        let Some(frame) = newest else { return Ok(None) };
        let access: IDirect3DDxgiInterfaceAccess = frame.Surface()?.cast()?;
        // SAFETY: the surface of a frame is a texture, or an error is answered.
        let texture: ID3D11Texture2D = unsafe { access.GetInterface() }?;
        let answer = work(&texture);
        frame.Close()?;
        Ok(Some(answer))
    }
}

impl Drop for Graphics {
    fn drop(&mut self) {
        let _ = self.session.Close();
        let _ = self.pool.Close();
    }
}
