//! An open card with its kernels.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ironcliw_change::{BINS, DISTANCE_MAX, Error as Argument, FEATURES, grid_shape};
use wgpu::{Buffer, CommandEncoder, ComputePassDescriptor, MapMode, SubmissionIndex};

use crate::answer::{self, DESCRIBED, FOUND, MARKS};
use crate::device::Device;
use crate::room::{Pipelines, Room};
use crate::selection::Selection;
use crate::{Adapter, Error, Input, Options};

/// A card that does the kernels' work. Calls from several threads take turns.
pub struct Gpu {
    pub(crate) device: Device,
    pub(crate) pipelines: Pipelines,
    room: Mutex<Option<Room>>,
    held: AtomicU64,
}

impl Gpu {
    /// Opens the best card there is.
    pub fn open(options: &Options) -> Result<Self, Error> {
        let device = Device::open(options)?;
        let pipelines = device.attempt(|| Ok(Pipelines::new(&device)))?;
        Ok(Self {
            device,
            pipelines,
            room: Mutex::new(None),
            held: AtomicU64::new(0),
        })
    }

    /// What card it is.
    pub fn adapter(&self) -> &Adapter {
        &self.device.adapter
    }

    /// Gives the card back at once; every later call fails with [`Error::Lost`]. What tests do to a card.
    pub fn destroy(&self) {
        self.device.device.destroy();
    }

    /// Lets the buffers go; the next call makes them anew.
    pub fn release(&self) {
        *self.locked() = None;
        self.held.store(0, Ordering::Relaxed);
    }

    /// Bytes of the buffers that are kept between calls, as of the last call; never waits for one.
    pub fn held_bytes(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    /// As [`ironcliw_change::difference`].
    #[allow(clippy::too_many_arguments)]
    pub fn difference<'a>(
        &self,
        before: impl Into<Input<'a>>,
        after: impl Into<Input<'a>>,
        threshold: u32,
        tiles: Option<&[u8]>,
        counts: &mut [u32],
        boxes: &mut [i32],
        mask: Option<&mut [u8]>,
    ) -> Result<u64, Error> {
        let (before, after) = (before.into(), after.into());
        let (height, width) = before.size();
        let grid = grid_shape(height, width);
        same_size((height, width), after.size())?;
        if threshold > DISTANCE_MAX {
            return Err(Argument::Threshold(threshold).into());
        }
        let (cells, pixels) = (grid.0 * grid.1, height * width);
        expect("counts", counts.len(), cells)?;
        expect("boxes", boxes.len(), 4 * cells)?;
        if let Some(mask) = &mask {
            expect("mask", mask.len(), pixels)?;
        }
        let selection = Selection::of(tiles, grid)?;
        let tiles = selection.cells.len();
        let (found_bytes, marks_bytes) = (4 * FOUND * tiles, 4 * MARKS * tiles);
        self.work(height, width, |room| {
            if tiles == 0 {
                return Ok((Vec::new(), 0));
            }
            let marked = mask.is_some();
            let bytes = found_bytes + if marked { marks_bytes } else { 0 };
            room.tell(&self.device, &selection, threshold, marked);
            let fetched = room.fetched(&self.device, bytes as u64)?;
            let mut encoder = self.encoder();
            for (slot, input) in [before, after].into_iter().enumerate() {
                self.record(room, &mut encoder, slot, input, &selection)?;
            }
            self.pass(&mut encoder, |pass| {
                room.compare(&self.pipelines, pass, 1, tiles);
            });
            fetch(&mut encoder, &room.found, &fetched, 0, found_bytes);
            if marked {
                fetch(
                    &mut encoder,
                    &room.marks,
                    &fetched,
                    found_bytes,
                    marks_bytes,
                );
            }
            let index = self.submit(encoder);
            for (slot, input) in [before, after].into_iter().enumerate() {
                if matches!(input, Input::Memory(_)) {
                    room.staging[slot].submitted(index.clone());
                }
            }
            let answer = self.read(&fetched, bytes)?;
            Ok((answer, found_bytes))
        })
        .map(|(answer, split)| {
            let (first, marks) = answer.split_at(split);
            if let Some(mask) = mask {
                answer::marks(marks, &selection, grid.1, width, mask);
            }
            answer::found(first, &selection, grid.1, counts, boxes)
        })
    }

    /// As [`ironcliw_change::describe`].
    pub fn describe<'a>(
        &self,
        frame: impl Into<Input<'a>>,
        tiles: Option<&[u8]>,
        features: &mut [u32],
        histograms: &mut [u16],
        histogram: &mut [u32],
    ) -> Result<usize, Error> {
        let frame = frame.into();
        let (height, width) = frame.size();
        let grid = grid_shape(height, width);
        let cells = grid.0 * grid.1;
        expect("features", features.len(), FEATURES * cells)?;
        expect("histograms", histograms.len(), BINS * cells)?;
        expect("histogram", histogram.len(), BINS)?;
        let selection = Selection::of(tiles, grid)?;
        let tiles = selection.cells.len();
        let answer = self.work(height, width, |room| {
            if tiles == 0 {
                return Ok(Vec::new());
            }
            let bytes = 4 * DESCRIBED * tiles;
            room.tell(&self.device, &selection, 0, false);
            let fetched = room.fetched(&self.device, bytes as u64)?;
            let mut encoder = self.encoder();
            self.record(room, &mut encoder, 0, frame, &selection)?;
            self.pass(&mut encoder, |pass| {
                room.describe(&self.pipelines, pass, 0, tiles);
            });
            fetch(&mut encoder, &room.described, &fetched, 0, bytes);
            let index = self.submit(encoder);
            if matches!(frame, Input::Memory(_)) {
                room.staging[0].submitted(index);
            }
            self.read(&fetched, bytes)
        })?;
        answer::described(
            &answer,
            &selection,
            features,
            histograms,
            |bin, then, now| {
                histogram[bin] = histogram[bin]
                    .wrapping_sub(u32::from(then))
                    .wrapping_add(u32::from(now));
            },
        );
        Ok(tiles)
    }

    /// Records a frame's way to the slot, having copied it to where the card reads where it does not do so as it lies.
    fn record(
        &self,
        room: &mut Room,
        encoder: &mut CommandEncoder,
        slot: usize,
        input: Input<'_>,
        selection: &Selection,
    ) -> Result<(), Error> {
        match input {
            Input::Memory(frame) => {
                room.staging[slot].write(&self.device, frame, selection)?;
                room.bring(encoder, slot, selection);
            }
            Input::Texture(texture) => {
                room.bring_texture(encoder, slot, &texture.raw, selection);
            }
        }
        Ok(())
    }

    /// Does something with the card that needs no buffers, in turn with calls that do.
    #[cfg(any(target_os = "macos", test))]
    pub(crate) fn turn<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let _turn = self.locked();
        self.device.attempt(work)
    }

    /// Does something with the buffers for frames of this size.
    pub(crate) fn work<T>(
        &self,
        height: usize,
        width: usize,
        work: impl FnOnce(&mut Room) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut kept = self.locked();
        let answer = self.device.attempt(|| {
            let mut room = match kept.take() {
                Some(room) if room.size == (height, width) => room,
                _ => Room::new(&self.device, &self.pipelines, (height, width))?,
            };
            let answer = work(&mut room)?;
            // Kept only where all went well: what state the buffers are in after a failure nobody knows.
            *kept = Some(room);
            Ok(answer)
        });
        if answer.is_err() {
            *kept = None;
        }
        let held = kept.as_ref().map_or(0, Room::bytes);
        self.held.store(held, Ordering::Relaxed);
        answer
    }

    pub(crate) fn encoder(&self) -> CommandEncoder {
        self.device
            .device
            .create_command_encoder(&Default::default())
    }

    pub(crate) fn pass(
        &self,
        encoder: &mut CommandEncoder,
        record: impl FnOnce(&mut wgpu::ComputePass<'_>),
    ) {
        record(&mut encoder.begin_compute_pass(&ComputePassDescriptor::default()));
    }

    pub(crate) fn submit(&self, encoder: CommandEncoder) -> SubmissionIndex {
        self.device.queue.submit([encoder.finish()])
    }

    /// Waits for all that was submitted, and takes out what was fetched.
    pub(crate) fn read(&self, fetched: &Buffer, bytes: usize) -> Result<Vec<u8>, Error> {
        let slice = fetched.slice(..bytes as u64);
        slice.map_async(MapMode::Read, |_| {});
        self.device.wait(None)?;
        self.device.complaint()?;
        let view = slice
            .get_mapped_range()
            .map_err(|error| Error::Failed(error.to_string()))?;
        let answer = view.to_vec();
        drop(view);
        fetched.unmap();
        Ok(answer)
    }

    fn locked(&self) -> MutexGuard<'_, Option<Room>> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Records the way of answers to where the processor reads them.
pub(crate) fn fetch(
    encoder: &mut CommandEncoder,
    from: &Buffer,
    to: &Buffer,
    at: usize,
    bytes: usize,
) {
    encoder.copy_buffer_to_buffer(from, 0, to, at as u64, Some(bytes as u64));
}

pub(crate) fn expect(name: &'static str, got: usize, expected: usize) -> Result<(), Argument> {
    match got == expected {
        true => Ok(()),
        false => Err(Argument::Cells {
            name,
            got,
            expected,
        }),
    }
}

pub(crate) fn same_size(first: (usize, usize), second: (usize, usize)) -> Result<(), Argument> {
    if first == second {
        return Ok(());
    }
    Err(Argument::Size {
        height: first.0,
        width: first.1,
        got_height: second.0,
        got_width: second.1,
    })
}
