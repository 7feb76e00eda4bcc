//! Where what stands, counted in words of eight bytes. Numbers are little-endian.

/// Words of the header before the slots' records: 512 bytes.
pub const HEADER_WORDS: usize = 64;
/// Words of one slot's record: 128 bytes, so that two records share no cache line. Fewer where every order of steps is
/// gone through.
pub const RECORD_WORDS: usize = if cfg!(loom) { 3 } else { 16 };
/// Most slots of a ring.
pub const MOST_SLOTS: usize = 4096;

/// In the header: whether the ring goes on. It and [`NEWEST`], which a reader that looks again and again reads, share no
/// cache line with each other, nor with what the writer stores once a frame is shown.
pub const STATE: usize = 32;
/// In the header: the slot of the newest frame plus one, 0 before the first.
pub const NEWEST: usize = 40;
/// In the header: the low half counts what happened (a frame, an end); readers sleep on it.
pub const EVENTS: usize = 48;
/// In the header: when the source was last known to show what the newest frame shows, on the monotonic clock.
pub const VERIFIED: usize = 49;

/// What `STATE` says while the ring goes on.
pub const LIVE: u64 = 1;

/// In a record: its generation, odd while the pixels are being written, 0 before the first time.
pub const GENERATION: usize = 0;
/// Words of a record that say what its frame is.
pub const FIELDS: usize = RECORD_WORDS - 1;
/// Of these, those that are the same for all frames of a ring: size, stride and format, place, epoch.
pub const CONSTANT: std::ops::Range<usize> = 4..8;
