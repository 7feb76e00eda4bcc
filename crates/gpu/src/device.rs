//! An open card, and what it complains of.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use wgpu::{PollError, PollType, SubmissionIndex};

use crate::adapter::{self, ready};
use crate::{Error, Options};

/// A card that has not answered for so long never will. Generous: its driver may be compiling, or a program on a CPU
/// that others use.
const PATIENCE: Duration = Duration::from_secs(30);

/// Storage buffers that one kernel sees.
const BUFFERS: u32 = 5;

/// An open card.
pub(crate) struct Device {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    pub adapter: crate::Adapter,
    trouble: Arc<Trouble>,
}

#[derive(Default)]
struct Trouble {
    /// The first complaint since somebody asked.
    first: Mutex<Option<Error>>,
    /// Why it is no more.
    lost: Mutex<Option<String>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Device {
    pub fn open(options: &Options) -> Result<Self, Error> {
        let adapter = adapter::best(options.software)?;
        let has = adapter.limits();
        if has.max_storage_buffers_per_shader_stage < BUFFERS {
            return Err(Error::Limits {
                what: "a kernel's number of buffers",
                needed: u64::from(BUFFERS),
                has: u64::from(has.max_storage_buffers_per_shader_stage),
            });
        }
        let asked = match options.binding_bytes_max {
            0 => has.max_storage_buffer_binding_size,
            asked => asked,
        };
        if asked > has.max_storage_buffer_binding_size {
            return Err(Error::Limits {
                what: "the buffer that was asked for",
                needed: asked,
                has: has.max_storage_buffer_binding_size,
            });
        }
        let limits = wgpu::Limits {
            max_storage_buffers_per_shader_stage: BUFFERS,
            max_storage_buffer_binding_size: asked,
            max_buffer_size: has.max_buffer_size,
            max_texture_dimension_2d: has.max_texture_dimension_2d,
            ..wgpu::Limits::downlevel_defaults()
        };
        let wanted = wgpu::DeviceDescriptor {
            label: Some("ironcliw"),
            required_limits: limits,
            ..wgpu::DeviceDescriptor::default()
        };
        let (device, queue) = ready(adapter.request_device(&wanted))?
            .map_err(|error| Error::Failed(error.to_string()))?;
        let trouble = Arc::new(Trouble::default());
        watch(&device, &trouble);
        let adapter = crate::Adapter::of(&adapter.get_info());
        Ok(Self {
            device,
            queue,
            adapter,
            trouble,
        })
    }

    /// Does `work`, whatever comes of it an answer: complaints, a lost card and panics of the driver's interface.
    pub fn attempt<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        self.alive()?;
        *locked(&self.trouble.first) = None;
        let answer = catch_unwind(AssertUnwindSafe(work))
            .unwrap_or_else(|_| Err(self.lose("its driver's interface gave up")));
        let answer = self.complaint().and(answer);
        if answer.is_err() {
            // A card that is gone complains of whatever comes to hand, and says that it is gone when it is looked after.
            let _ = self.device.poll(PollType::Poll);
            self.alive()?;
        }
        answer
    }

    /// The first complaint since the last attempt began.
    pub fn complaint(&self) -> Result<(), Error> {
        locked(&self.trouble.first).take().map_or(Ok(()), Err)
    }

    /// Waits until the work of this submission (None: all of it) is done.
    pub fn wait(&self, index: Option<SubmissionIndex>) -> Result<(), Error> {
        let waiting = PollType::Wait {
            submission_index: index,
            timeout: Some(PATIENCE),
        };
        match self.device.poll(waiting) {
            Ok(_) => Ok(()),
            Err(PollError::Timeout) => {
                let reason = format!("no answer within {} s", PATIENCE.as_secs());
                Err(self.lose(&reason))
            }
            Err(error) => Err(Error::Failed(error.to_string())),
        }
    }

    pub fn alive(&self) -> Result<(), Error> {
        match &*locked(&self.trouble.lost) {
            Some(reason) => Err(Error::Lost(reason.clone())),
            None => Ok(()),
        }
    }

    /// From now on it is lost, for this reason if there was none yet.
    pub fn lose(&self, reason: &str) -> Error {
        let mut lost = locked(&self.trouble.lost);
        Error::Lost(lost.get_or_insert_with(|| reason.to_owned()).clone())
    }
}

fn watch(device: &wgpu::Device, trouble: &Arc<Trouble>) {
    let complaints = Arc::clone(trouble);
    device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
        let error = match error {
            wgpu::Error::OutOfMemory { .. } => Error::Memory("a buffer".to_owned()),
            wgpu::Error::Validation { description, .. } => Error::Failed(one_line(&description)),
            wgpu::Error::Internal { description, .. } => Error::Failed(one_line(&description)),
        };
        locked(&complaints.first).get_or_insert(error);
    }));
    let losses = Arc::clone(trouble);
    device.set_device_lost_callback(move |reason, message| {
        let reason = match message.is_empty() {
            true => format!("{reason:?}"),
            false => one_line(&message),
        };
        locked(&losses.lost).get_or_insert(reason);
    });
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
