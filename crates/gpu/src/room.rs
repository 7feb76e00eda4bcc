//! The buffers for frames of one size, kept from call to call.

use ironcliw_change::TILE;
use wgpu::{
    BindGroup, BindGroupDescriptor, BindGroupEntry, Buffer, BufferUsages, CommandEncoder,
    ComputePass, ComputePipeline,
};

use crate::Error;
use crate::answer::{DESCRIBED, FOUND, MARKS};
use crate::device::Device;
use crate::selection::Selection;
use crate::staging::{SPAN, Staging};

/// Frames on the card: the one before, the one that is worked on and the one that is coming.
pub(crate) const SLOTS: usize = 3;

/// Answers of so many frames are fetched at once.
pub(crate) const FETCHED: usize = 64;

/// What one kernel is told; as in the shader.
const JOB_BYTES: u64 = 16;

/// The pipelines.
pub(crate) struct Pipelines {
    pub difference: ComputePipeline,
    pub describe: ComputePipeline,
}

impl Pipelines {
    pub fn new(device: &Device) -> Self {
        let module = device
            .device
            .create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some("kernels"),
                source: wgpu::ShaderSource::Wgsl(crate::SHADERS.into()),
            });
        let pipeline = |entry| {
            device
                .device
                .create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                    label: Some(entry),
                    layout: None,
                    module: &module,
                    entry_point: Some(entry),
                    compilation_options: wgpu::PipelineCompilationOptions {
                        // Every word is written before it is read.
                        zero_initialize_workgroup_memory: false,
                        ..Default::default()
                    },
                    cache: None,
                })
        };
        Self {
            difference: pipeline("difference"),
            describe: pipeline("describe"),
        }
    }
}

/// Buffers and what binds them.
pub(crate) struct Room {
    /// Rows and columns of the frames.
    pub size: (usize, usize),
    /// Rows and columns of tiles.
    pub grid: (usize, usize),
    pub staging: [Staging; SLOTS],
    pub frames: [Buffer; SLOTS],
    pub found: Buffer,
    pub described: Buffer,
    pub marks: Buffer,
    /// Where answers are fetched to, as many bytes as were needed so far.
    pub fetched: Option<Buffer>,
    job: Buffer,
    cells: Buffer,
    /// For the frame in each slot: beside the one before, and by itself.
    compared: Vec<BindGroup>,
    alone: Vec<BindGroup>,
    /// What is in `job` and `cells`.
    told: Option<([u32; 4], Vec<u32>)>,
}

impl Room {
    pub fn new(
        device: &Device,
        pipelines: &Pipelines,
        size: (usize, usize),
    ) -> Result<Self, Error> {
        let grid = ironcliw_change::grid_shape(size.0, size.1);
        let count = (grid.0 * grid.1) as u64;
        let bytes = count * (SPAN * TILE) as u64;
        check(device, count, bytes)?;
        let buffer = |label, size, usage| {
            device.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size,
                usage,
                mapped_at_creation: false,
            })
        };
        let answers = BufferUsages::STORAGE | BufferUsages::COPY_SRC;
        let given = BufferUsages::STORAGE | BufferUsages::COPY_DST;
        let frame = BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC;
        let told = BufferUsages::UNIFORM | BufferUsages::COPY_DST;
        let staging = [(); SLOTS].map(|()| Staging::new(device, bytes, grid.1 * SPAN));
        let frames = [(); SLOTS].map(|()| buffer("frame", bytes, frame));
        let found = buffer("found", count * 4 * FOUND as u64, answers);
        let described = buffer("described", count * 4 * DESCRIBED as u64, answers);
        let marks = buffer("marks", count * 4 * MARKS as u64, answers);
        let job = buffer("job", JOB_BYTES, told);
        let cells = buffer("cells", count * 4, given);
        device.complaint().map_err(|error| match error {
            Error::Memory(_) => Error::Memory(format!(
                "frames of {} x {} pixels ({} MiB)",
                size.1,
                size.0,
                (2 * SLOTS as u64 * bytes) >> 20
            )),
            other => other,
        })?;
        let bind = |pipeline: &ComputePipeline, buffers: &[(u32, &Buffer)]| {
            let entries: Vec<_> = buffers
                .iter()
                .map(|(binding, buffer)| BindGroupEntry {
                    binding: *binding,
                    resource: buffer.as_entire_binding(),
                })
                .collect();
            device.device.create_bind_group(&BindGroupDescriptor {
                label: None,
                layout: &pipeline.get_bind_group_layout(0),
                entries: &entries,
            })
        };
        let compared = (0..SLOTS).map(|slot| {
            let (before, after) = (&frames[(slot + SLOTS - 1) % SLOTS], &frames[slot]);
            let common = [(0, &job), (1, &cells), (2, before), (3, after)];
            let buffers = [&common[..], &[(4, &found), (5, &marks)]].concat();
            bind(&pipelines.difference, &buffers)
        });
        let compared = compared.collect();
        let alone = (0..SLOTS).map(|slot| {
            let buffers = [(0, &job), (1, &cells), (3, &frames[slot]), (6, &described)];
            bind(&pipelines.describe, &buffers)
        });
        let alone = alone.collect();
        Ok(Self {
            size,
            grid,
            staging,
            frames,
            found,
            described,
            marks,
            fetched: None,
            job,
            cells,
            compared,
            alone,
            told: None,
        })
    }

    /// Says which tiles are worked on, and how.
    pub fn tell(&mut self, device: &Device, selection: &Selection, threshold: u32, marked: bool) {
        let job = [self.grid.1 as u32, threshold, u32::from(marked), 0];
        if let Some((known, cells)) = &self.told
            && *known == job
            && *cells == selection.cells
        {
            return;
        }
        device.queue.write_buffer(&self.job, 0, &words(&job));
        device
            .queue
            .write_buffer(&self.cells, 0, &words(&selection.cells));
        self.told = Some((job, selection.cells.clone()));
    }

    /// Records the way of a frame's selected rows of tiles from staging to the slot.
    pub fn bring(&self, encoder: &mut CommandEncoder, slot: usize, selection: &Selection) {
        let band_bytes = (self.grid.1 * SPAN * TILE) as u64;
        for (first, beyond) in selection.bands() {
            let (at, size) = (
                first as u64 * band_bytes,
                (beyond - first) as u64 * band_bytes,
            );
            let staging = &self.staging[slot].buffer;
            encoder.copy_buffer_to_buffer(staging, at, &self.frames[slot], at, Some(size));
        }
    }

    /// Records the way of a frame's selected rows of tiles from where it lies to the slot. Nothing is written beyond the
    /// frame's edges, where all is zero.
    pub fn bring_texture(
        &self,
        encoder: &mut CommandEncoder,
        slot: usize,
        texture: &wgpu::Texture,
        selection: &Selection,
    ) {
        let pitch = self.grid.1 * SPAN;
        for (first, beyond) in selection.bands() {
            let (top, bottom) = (first * TILE, self.size.0.min(beyond * TILE));
            encoder.copy_texture_to_buffer(
                wgpu::TexelCopyTextureInfo {
                    texture,
                    mip_level: 0,
                    origin: wgpu::Origin3d {
                        x: 0,
                        y: top as u32,
                        z: 0,
                    },
                    aspect: wgpu::TextureAspect::All,
                },
                wgpu::TexelCopyBufferInfo {
                    buffer: &self.frames[slot],
                    layout: wgpu::TexelCopyBufferLayout {
                        offset: (top * pitch) as u64,
                        bytes_per_row: Some(pitch as u32),
                        rows_per_image: None,
                    },
                },
                wgpu::Extent3d {
                    width: self.size.1 as u32,
                    height: (bottom - top) as u32,
                    depth_or_array_layers: 1,
                },
            );
        }
    }

    /// Records the comparison of the frame in the slot with the one in the slot before.
    pub fn compare(
        &self,
        pipelines: &Pipelines,
        pass: &mut ComputePass<'_>,
        slot: usize,
        tiles: usize,
    ) {
        pass.set_pipeline(&pipelines.difference);
        pass.set_bind_group(0, &self.compared[slot], &[]);
        pass.dispatch_workgroups(tiles as u32, 1, 1);
    }

    /// Records the description of the frame in the slot.
    pub fn describe(
        &self,
        pipelines: &Pipelines,
        pass: &mut ComputePass<'_>,
        slot: usize,
        tiles: usize,
    ) {
        pass.set_pipeline(&pipelines.describe);
        pass.set_bind_group(0, &self.alone[slot], &[]);
        pass.dispatch_workgroups(tiles as u32, 1, 1);
    }

    /// What all its buffers take.
    pub fn bytes(&self) -> u64 {
        let staging = self.staging.iter().map(|staging| &staging.buffer);
        let single = [
            &self.found,
            &self.described,
            &self.marks,
            &self.job,
            &self.cells,
        ];
        let buffers = staging
            .chain(&self.frames)
            .chain(single)
            .chain(&self.fetched);
        buffers.map(Buffer::size).sum()
    }

    /// The buffer that answers are fetched to, of at least so many bytes.
    pub fn fetched(&mut self, device: &Device, bytes: u64) -> Result<Buffer, Error> {
        if let Some(buffer) = &self.fetched
            && buffer.size() >= bytes
        {
            return Ok(buffer.clone());
        }
        let buffer = device.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("fetched"),
            size: bytes,
            usage: BufferUsages::MAP_READ | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        device.complaint()?;
        self.fetched = Some(buffer.clone());
        Ok(buffer)
    }
}

/// Whether a frame of so many tiles and bytes fits.
fn check(device: &Device, count: u64, bytes: u64) -> Result<(), Error> {
    let limits = device.device.limits();
    let tiles = u64::from(limits.max_compute_workgroups_per_dimension);
    let bound = limits
        .max_storage_buffer_binding_size
        .min(limits.max_buffer_size);
    for (what, needed, has) in [
        ("a frame's number of tiles", count, tiles),
        ("a frame's bytes", bytes, bound),
    ] {
        if needed > has {
            return Err(Error::Limits { what, needed, has });
        }
    }
    Ok(())
}

/// Numbers as the card reads them.
fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|word| word.to_le_bytes()).collect()
}
