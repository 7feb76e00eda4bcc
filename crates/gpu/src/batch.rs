//! Many frames in one go: each compared with the one before and described, the next being copied meanwhile.

use ironcliw_change::{BINS, DISTANCE_MAX, Error as Argument, FEATURES, Frame};

use crate::answer::{self, DESCRIBED, FOUND};
use crate::gpu::{expect, fetch, same_size};
use crate::room::{FETCHED, Room, SLOTS};
use crate::selection::Selection;
use crate::{Error, Gpu};

/// Where the answers for a batch go: for each frame, and in it for each tile, row by row.
pub struct Batch<'a> {
    /// How many pixels differ from the frame before.
    pub counts: &'a mut [u32],
    /// Four numbers: the box around them, as in [`ironcliw_change::difference`].
    pub boxes: &'a mut [i32],
    /// Six numbers, as in [`ironcliw_change::describe`].
    pub features: &'a mut [u32],
    /// 64 bins, as in [`ironcliw_change::describe`].
    pub histograms: &'a mut [u16],
}

impl Gpu {
    /// Compares each frame with the one before it (the first with `before`; with nothing, nothing differs) and describes
    /// it. All are of one size. Returns how many pixels of each differ.
    pub fn process_batch(
        &self,
        before: Option<Frame<'_>>,
        frames: &[Frame<'_>],
        threshold: u32,
        into: Batch<'_>,
    ) -> Result<Vec<u64>, Error> {
        let Some(first) = frames.first() else {
            return Ok(Vec::new());
        };
        let layout = first.layout();
        for other in before.iter().chain(frames) {
            let other = other.layout();
            same_size((layout.height, layout.width), (other.height, other.width))?;
        }
        if threshold > DISTANCE_MAX {
            return Err(Argument::Threshold(threshold).into());
        }
        let cells = layout.grid().0 * layout.grid().1;
        for (name, got, each) in [
            ("counts", into.counts.len(), 1),
            ("boxes", into.boxes.len(), 4),
            ("features", into.features.len(), FEATURES),
            ("histograms", into.histograms.len(), BINS),
        ] {
            expect(name, got, frames.len() * each * cells)?;
        }
        let selection = Selection::of(None, layout.grid())?;
        let answers = self.work(layout.height, layout.width, |room| {
            room.tell(&self.device, &selection, threshold, false);
            let mut slot = 0;
            if let Some(before) = before {
                self.upload(room, slot, before, &selection, |_, _| {})?;
            }
            let mut answers = Vec::new();
            for part in frames.chunks(FETCHED) {
                answers.push(self.part(room, &mut slot, part, &selection)?);
            }
            Ok(answers)
        })?;
        Ok(written(
            &answers,
            before.is_some(),
            &selection,
            layout.grid().1,
            cells,
            into,
        ))
    }

    /// A part of the batch whose answers are fetched at once.
    fn part(
        &self,
        room: &mut Room,
        slot: &mut usize,
        frames: &[Frame<'_>],
        selection: &Selection,
    ) -> Result<Vec<u8>, Error> {
        let tiles = selection.cells.len();
        let each = 4 * (FOUND + DESCRIBED) * tiles;
        let fetched = room.fetched(&self.device, (each * frames.len()) as u64)?;
        for (number, frame) in frames.iter().enumerate() {
            *slot = (*slot + 1) % SLOTS;
            let now = *slot;
            self.upload(room, now, *frame, selection, |room, encoder| {
                self.pass(encoder, |pass| {
                    room.compare(&self.pipelines, pass, now, tiles);
                    room.describe(&self.pipelines, pass, now, tiles);
                });
                let (at, bytes) = (number * each, 4 * FOUND * tiles);
                fetch(encoder, &room.found, &fetched, at, bytes);
                fetch(encoder, &room.described, &fetched, at + bytes, each - bytes);
            })?;
        }
        self.read(&fetched, each * frames.len())
    }

    /// Copies a frame for the card to fetch, and submits that and what `record` adds. Does not wait.
    fn upload(
        &self,
        room: &mut Room,
        slot: usize,
        frame: Frame<'_>,
        selection: &Selection,
        record: impl FnOnce(&Room, &mut wgpu::CommandEncoder),
    ) -> Result<(), Error> {
        room.staging[slot].write(&self.device, frame, selection)?;
        let mut encoder = self.encoder();
        room.bring(&mut encoder, slot, selection);
        record(room, &mut encoder);
        let index = self.submit(encoder);
        room.staging[slot].submitted(index);
        Ok(())
    }
}

/// Writes the answers; returns how many pixels of each frame differ.
fn written(
    answers: &[Vec<u8>],
    compared: bool,
    selection: &Selection,
    columns: usize,
    cells: usize,
    into: Batch<'_>,
) -> Vec<u64> {
    let each = 4 * (FOUND + DESCRIBED) * cells;
    let counts = into.counts.chunks_exact_mut(cells);
    let boxes = into.boxes.chunks_exact_mut(4 * cells);
    let features = into.features.chunks_exact_mut(FEATURES * cells);
    let histograms = into.histograms.chunks_exact_mut(BINS * cells);
    let places = counts.zip(boxes).zip(features.zip(histograms));
    let frames = answers.iter().flat_map(|part| part.chunks_exact(each));
    let mut totals = Vec::new();
    for (number, (answer, ((counts, boxes), (features, histograms)))) in
        frames.zip(places).enumerate()
    {
        let (found, described) = answer.split_at(4 * FOUND * cells);
        answer::described(described, selection, features, histograms, |_, _, _| {});
        totals.push(if number == 0 && !compared {
            counts.fill(0);
            boxes.fill(0);
            0
        } else {
            answer::found(found, selection, columns, counts, boxes)
        });
    }
    totals
}
