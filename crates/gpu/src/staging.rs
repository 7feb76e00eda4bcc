//! Memory that the processor writes and the card reads. It is kept mapped between frames.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use ironcliw_change::{Frame, TILE};
use wgpu::{Buffer, BufferUsages, MapMode, SubmissionIndex};

use crate::Error;
use crate::device::Device;
use crate::selection::Selection;

/// Bytes of one row of pixels of one tile.
pub(crate) const SPAN: usize = 4 * TILE;

const MAPPED: u8 = 0;
const PENDING: u8 = 1;
const FAILED: u8 = 2;

/// One frame on its way to the card.
pub(crate) struct Staging {
    pub buffer: Buffer,
    state: Arc<AtomicU8>,
    last: Option<SubmissionIndex>,
    pitch: usize,
}

impl Staging {
    /// For frames of `bytes` bytes in rows of `pitch`.
    pub fn new(device: &Device, bytes: u64, pitch: usize) -> Self {
        let buffer = device.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("staging"),
            size: bytes,
            usage: BufferUsages::MAP_WRITE | BufferUsages::COPY_SRC,
            mapped_at_creation: true,
        });
        let state = Arc::new(AtomicU8::new(MAPPED));
        Self {
            buffer,
            state,
            last: None,
            pitch,
        }
    }

    /// Copies the selected tiles of a frame; afterwards the card may read. What lies beyond the frame's edges stays zero.
    pub fn write(
        &mut self,
        device: &Device,
        frame: Frame<'_>,
        selection: &Selection,
    ) -> Result<(), Error> {
        if self.state.load(Ordering::Acquire) == PENDING {
            device.wait(self.last.take())?;
        }
        if self.state.load(Ordering::Acquire) != MAPPED {
            // The card was asked for it when it had read it, and refused: it is going away.
            return Err(device.lose("its memory cannot be written"));
        }
        let whole = self.buffer.slice(..);
        let mut memory = whole
            .get_mapped_range_mut()
            .map_err(|error| Error::Failed(error.to_string()))?;
        let layout = frame.layout();
        for (row, first, beyond) in selection.runs() {
            for y in row * TILE..layout.height.min((row + 1) * TILE) {
                let bytes = frame.row(y);
                let part = &bytes[first * TILE * layout.pixel_stride
                    ..bytes.len().min(beyond * TILE * layout.pixel_stride)];
                let start = y * self.pitch + first * SPAN;
                if layout.pixel_stride == 4 {
                    memory
                        .slice(start..start + part.len())
                        .copy_from_slice(part);
                    continue;
                }
                for (tile, pixels) in part.chunks(3 * TILE).enumerate() {
                    let wide = widened(pixels);
                    let wide = &wide[..pixels.len() / 3 * 4];
                    let start = start + tile * SPAN;
                    memory
                        .slice(start..start + wide.len())
                        .copy_from_slice(wide);
                }
            }
        }
        drop(memory);
        self.buffer.unmap();
        Ok(())
    }

    /// Asks for the memory back, once the card has read it.
    pub fn submitted(&mut self, index: SubmissionIndex) {
        self.last = Some(index);
        self.state.store(PENDING, Ordering::Release);
        let state = Arc::clone(&self.state);
        self.buffer
            .slice(..)
            .map_async(MapMode::Write, move |mapped| {
                let now = if mapped.is_ok() { MAPPED } else { FAILED };
                state.store(now, Ordering::Release);
            });
    }
}

/// Pixels of 3 bytes as pixels of 4, the fourth zero.
fn widened(pixels: &[u8]) -> [u8; SPAN] {
    let mut wide = [0; SPAN];
    for (wide, pixel) in wide.chunks_exact_mut(4).zip(pixels.chunks_exact(3)) {
        wide[..3].copy_from_slice(pixel);
    }
    wide
}
