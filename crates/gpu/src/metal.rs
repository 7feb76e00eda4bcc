//! An IOSurface of macOS as a texture over the same memory. **Type-checked for macOS, not yet run there.**

#![allow(unsafe_code)]

use objc2_io_surface::IOSurfaceRef;
use objc2_metal::{
    MTLDevice, MTLPixelFormat, MTLStorageMode, MTLTextureDescriptor, MTLTextureType,
    MTLTextureUsage,
};
use wgpu::hal::{CopyExtent, api::Metal, metal};
use wgpu::{Extent3d, TextureDescriptor, TextureDimension, TextureFormat, TextureUsages};

use crate::surface::{Shape, Texture};
use crate::{Error, Gpu};

#[cfg(feature = "planted")]
const PLANTED: u32 = "what tools/targets.sh has to find";

impl Gpu {
    /// The memory of `surface` as a texture: `shape`, which [`Shape::check`] has nothing against, is how its pixels lie.
    /// Metal holds the surface as long as there is the texture; that nobody draws into it meanwhile is up to the caller.
    pub fn import(&self, surface: &IOSurfaceRef, shape: &Shape) -> Result<Texture, Error> {
        let size = Extent3d {
            width: shape.width as u32,
            height: shape.height as u32,
            depth_or_array_layers: 1,
        };
        self.turn(|| {
            // SAFETY: what is taken out is used while the guard lives, and not destroyed.
            let Some(device) = (unsafe { self.device.device.as_hal::<Metal>() }) else {
                return Err(Error::Surface("the card is not used by Metal".to_owned()));
            };
            let raw = device.raw_device();
            let descriptor = MTLTextureDescriptor::new();
            descriptor.setTextureType(MTLTextureType::Type2D);
            descriptor.setPixelFormat(MTLPixelFormat::BGRA8Unorm);
            // SAFETY: sides that were checked against what the card has.
            unsafe {
                descriptor.setWidth(shape.width);
                descriptor.setHeight(shape.height);
            }
            descriptor.setUsage(MTLTextureUsage::ShaderRead);
            // A card with memory of its own keeps a copy there, which the driver sees to.
            descriptor.setStorageMode(match raw.hasUnifiedMemory() {
                true => MTLStorageMode::Shared,
                false => MTLStorageMode::Managed,
            });
            let Some(texture) =
                raw.newTextureWithDescriptor_iosurface_plane(&descriptor, surface, 0)
            else {
                return Err(Error::Surface("Metal makes no texture of it".to_owned()));
            };
            // SAFETY: made just now, by the device's own handle, of this format, type and size.
            let texture = unsafe {
                metal::Device::texture_from_raw(
                    texture,
                    TextureFormat::Bgra8Unorm,
                    MTLTextureType::Type2D,
                    1,
                    1,
                    CopyExtent::from(size),
                    None,
                )
            };
            let descriptor = TextureDescriptor {
                label: Some("surface"),
                size,
                mip_level_count: 1,
                sample_count: 1,
                dimension: TextureDimension::D2,
                format: TextureFormat::Bgra8Unorm,
                usage: TextureUsages::COPY_SRC,
                view_formats: &[],
            };
            // SAFETY: of this device, and as described; the capture has drawn all of it. Metal knows no states.
            let raw = unsafe {
                self.device.device.create_texture_from_hal::<Metal>(
                    texture,
                    &descriptor,
                    wgpu::TextureUses::COPY_SRC,
                )
            };
            Ok(Texture { raw })
        })
    }
}
