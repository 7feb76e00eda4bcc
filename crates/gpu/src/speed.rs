//! How fast the card is where nothing has to be brought to it.

use std::time::{Duration, Instant};

use crate::room::{Room, SLOTS};
use crate::selection::Selection;
use crate::{Error, Gpu};

/// What was measured on frames that lie on the card.
#[derive(Debug, Clone, Copy)]
pub struct Speed {
    /// Bytes of a frame there.
    pub frame_bytes: u64,
    /// Time of one `difference`, which reads two frames.
    pub difference: Duration,
    /// Time of one copy of a frame, which reads one and writes one.
    pub copy: Duration,
}

impl Gpu {
    /// Measures `difference` and a plain copy on frames of this size, `rounds` of each in one submission; the card's
    /// caches see `spread` frames in turn.
    pub fn speed(
        &self,
        height: usize,
        width: usize,
        rounds: u32,
        spread: u32,
    ) -> Result<Speed, Error> {
        let spread = spread.max(1) as usize;
        self.device.attempt(|| {
            let mut rooms = Vec::new();
            for _ in 0..spread.div_ceil(SLOTS) {
                let mut room = Room::new(&self.device, &self.pipelines, (height, width))?;
                let selection = Selection::of(None, room.grid)?;
                room.tell(&self.device, &selection, 0, false);
                rooms.push(room);
            }
            let tiles = rooms[0].grid.0 * rooms[0].grid.1;
            let differences = |rounds: u32| {
                let mut encoder = self.encoder();
                self.pass(&mut encoder, |pass| {
                    for round in 0..rounds as usize {
                        let room = &rooms[round / SLOTS % rooms.len()];
                        room.compare(&self.pipelines, pass, round % SLOTS, tiles);
                    }
                });
                self.timed(encoder, rounds)
            };
            let copies = |rounds: u32| {
                let mut encoder = self.encoder();
                for round in 0..rounds as usize {
                    let frames = &rooms[round / SLOTS % rooms.len()].frames;
                    let (from, to) = (&frames[round % SLOTS], &frames[(round + 1) % SLOTS]);
                    encoder.copy_buffer_to_buffer(from, 0, to, 0, None);
                }
                self.timed(encoder, rounds)
            };
            // The first ones wake the card up.
            differences(rounds)?;
            copies(rounds)?;
            Ok(Speed {
                frame_bytes: rooms[0].frames[0].size(),
                difference: differences(rounds)?,
                copy: copies(rounds)?,
            })
        })
    }

    fn timed(&self, encoder: wgpu::CommandEncoder, rounds: u32) -> Result<Duration, Error> {
        let commands = encoder.finish();
        self.device.wait(None)?;
        let start = Instant::now();
        self.device.queue.submit([commands]);
        self.device.wait(None)?;
        Ok(start.elapsed() / rounds.max(1))
    }
}
