//! Which card is used.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use wgpu::{Backend, Backends, DeviceType, Instance, InstanceDescriptor, InstanceFlags};

use crate::Error;

/// Which card to open, and how much of it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether an adapter that is a program on the CPU will do. Correct, and slower than the kernels of the CPU.
    pub software: bool,
    /// The largest buffer that kernels may see, in bytes; 0: what the card can.
    pub binding_bytes_max: u64,
}

/// What is known of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adapter {
    /// What it calls itself.
    pub name: String,
    /// `vulkan`, `metal` or `dx12`.
    pub backend: &'static str,
    /// The driver and its version, as it says.
    pub driver: String,
    /// Whether it is a program on the CPU.
    pub software: bool,
}

impl Adapter {
    pub(crate) fn of(info: &wgpu::AdapterInfo) -> Self {
        let backend = match info.backend {
            Backend::Vulkan => "vulkan",
            Backend::Metal => "metal",
            Backend::Dx12 => "dx12",
            _ => "other",
        };
        Self {
            name: info.name.clone(),
            backend,
            driver: format!("{} {}", info.driver, info.driver_info)
                .trim()
                .to_owned(),
            software: info.device_type == DeviceType::Cpu,
        }
    }
}

/// The best card there is: a card of its own before one that shares the CPU's memory, software last.
pub(crate) fn best(software: bool) -> Result<wgpu::Adapter, Error> {
    let instance = Instance::new(InstanceDescriptor {
        backends: Backends::VULKAN | Backends::METAL | Backends::DX12,
        flags: InstanceFlags::empty(),
        ..InstanceDescriptor::new_without_display_handle()
    });
    let mut adapters = ready(instance.enumerate_adapters(Backends::all()))?;
    adapters.sort_by_key(|adapter| match adapter.get_info().device_type {
        DeviceType::DiscreteGpu => 0,
        DeviceType::IntegratedGpu => 1,
        DeviceType::VirtualGpu => 2,
        DeviceType::Other => 3,
        DeviceType::Cpu => 4,
    });
    let Some(first) = adapters.into_iter().next() else {
        return Err(Error::NoAdapter(
            "no driver shows one; on Linux it needs one for Vulkan".to_owned(),
        ));
    };
    let info = first.get_info();
    if info.device_type == DeviceType::Cpu && !software {
        return Err(Error::NoAdapter(format!(
            "there is only {}, a program on the CPU, which is slower than the CPU's own kernels",
            info.name
        )));
    }
    Ok(first)
}

/// The answer of something that answers at once on all systems that we run on.
pub(crate) fn ready<T>(future: impl Future<Output = T>) -> Result<T, Error> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Ok(answer),
        Poll::Pending => Err(Error::Failed("it lets us wait where it should not".into())),
    }
}
