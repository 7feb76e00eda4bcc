//! [`WaylandCapture`]: when to ask for a copy of the screen, where to, and what to tell.

use std::time::{Duration, Instant};

use crate::connection::{Alarm, Connection, DISPLAY, Woken};
use crate::convert::Offer;
use crate::frames::Frames;
use crate::memory::Mapping;
use crate::outputs::{Output, Told, choose};
use crate::rect::marked;
use crate::shot::{Global, Outcome, State};
use crate::{Error, Rect};

/// A copy that was asked for is left at least this long to come, however short the caller's patience: a compositor
/// copies when it draws, 60 times a second.
const SHORTEST_PATIENCE: Duration = Duration::from_millis(50);

/// Copies that may fail in a row before the output counts as lost, and the pause after each.
const MOST_FAILURES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(40);

/// A longer wait is cut to this, which no caller can tell from for ever.
const LONGEST_WAIT: Duration = Duration::from_secs(365 * 24 * 3600);

/// What to watch, and how often to look.
#[derive(Clone, Debug)]
pub struct Options {
    /// The compositor's socket, like `wayland-1`; `None` is the environment's.
    pub display: Option<String>,
    /// An output by name or by number from 0; `None` is the first.
    pub output: Option<String>,
    /// The longest wait for an answer.
    pub reply_timeout: Duration,
    /// The shortest time between two captures.
    pub capture_interval: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            display: None,
            output: None,
            reply_timeout: Duration::from_secs(2),
            capture_interval: Duration::from_millis(100),
        }
    }
}

/// What [`WaylandCapture::next`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// The frame memory shows the output as it is now; [`WaylandCapture::damage`] says what changed.
    Captured {
        /// Whether anything may have changed.
        whole: bool,
        /// Pixel bytes that were written or converted for it.
        bytes: u64,
    },
    /// Nothing new.
    Idle {
        /// Whether the compositor answered that nothing has changed.
        verified: bool,
    },
    /// The output has another size, place or name: attach new memory.
    Resized,
}

/// How to capture, by the compositor's own objects.
#[derive(Clone, Copy, Debug)]
enum Protocol {
    Screencopy { manager: u32 },
    ImageCopy { sources: u32, manager: u32 },
}

/// One output of a Wayland compositor, captured into memory of the caller's.
///
/// After an error other than [`Error::Memory`] the connection is of no more use: drop this and connect anew.
pub struct WaylandCapture {
    connection: Connection,
    options: Options,
    state: State,
    protocol: Protocol,
    shm: u32,
    /// The registry's number for the output.
    global: u32,
    output: Output,
    /// What the compositor is handed.
    offer: Offer,
    frames: Option<Frames>,
    /// The frame must be captured whole.
    everything: bool,
    capture_due: Instant,
    failures: u32,
    damage: Vec<Rect>,
}

impl WaylandCapture {
    /// Connects to the compositor and finds the output.
    ///
    /// # Errors
    /// [`Error::NoCompositor`], [`Error::Denied`], [`Error::NoProtocol`], [`Error::UnknownOutput`],
    /// [`Error::Unsupported`], [`Error::NoReply`]; [`Error::Lost`] where it has no output, or goes away meanwhile.
    pub fn connect(options: Options) -> Result<Self, Error> {
        let mut connection = Connection::open(options.display.as_deref())?;
        let mut state = State {
            registry: connection.new_id(),
            ..State::default()
        };
        connection.request(DISPLAY, 1).word(state.registry).end();
        round_trip(&mut connection, &mut state, options.reply_timeout)?;
        if state.shm.version == 0 {
            return Err(Error::Unsupported("it has no wl_shm".to_owned()));
        }
        let (shm_global, registry) = (state.shm, state.registry);
        let shm = bind(&mut connection, registry, shm_global, "wl_shm", 1);
        let protocol = protocol(&mut connection, &state)?;
        bind_outputs(&mut connection, &mut state);
        round_trip(&mut connection, &mut state, options.reply_timeout)?;
        name_outputs(&mut state.outputs);
        let chosen = choose(&state.outputs, options.output.as_deref())?;
        let global = chosen.global;
        let mut capture = Self {
            connection,
            options,
            state,
            protocol,
            shm,
            global,
            output: Output::default(),
            offer: Offer::default(),
            frames: None,
            everything: true,
            capture_due: Instant::now(),
            failures: 0,
            damage: Vec::with_capacity(128),
        };
        capture.prepare()?;
        capture.wait_for_offer()?;
        capture.offer = capture.current_offer();
        capture.offer.is_frame()?;
        capture.output = capture.current_output();
        Ok(capture)
    }

    /// The output that is captured.
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// The protocol that is spoken, and whether the compositor writes straight into the frame memory.
    pub fn abilities(&self) -> (&'static str, bool) {
        let name = match self.protocol {
            Protocol::Screencopy { .. } => "wlr-screencopy",
            Protocol::ImageCopy { .. } => "ext-image-copy-capture",
        };
        let direct = match &self.frames {
            Some(frames) => !frames.is_staged(),
            None => self.offer.is_frame().unwrap_or(false),
        };
        (name, direct)
    }

    /// Whether the compositor says what changed.
    pub fn reports_damage(&self) -> bool {
        match self.protocol {
            Protocol::Screencopy { .. } => self.state.screencopy.version >= 2,
            Protocol::ImageCopy { .. } => true,
        }
    }

    /// Whether frames must be up to date when they are moved to: only what changed is written into them.
    pub fn writes_parts(&self) -> bool {
        self.frames.as_ref().is_some_and(Frames::is_staged)
    }

    /// Bytes of memory of our own that the compositor writes into, where that is not the frame memory itself.
    pub fn staged_bytes(&self) -> usize {
        self.frames.as_ref().map_or(0, Frames::staged_bytes)
    }

    /// Where the last capture may differ from the one before; of no meaning where that was a whole one.
    pub fn damage(&self) -> &[Rect] {
        &self.damage
    }

    /// Captures into the memory file `fd` from byte `start` on, from now on; the next capture is a whole one.
    ///
    /// # Errors
    /// [`Error::Memory`], [`Error::NoMemory`], [`Error::NoReply`], [`Error::Lost`].
    pub fn attach(&mut self, fd: i32, start: usize) -> Result<(), Error> {
        let memory = Mapping::of_caller(fd)?;
        let deadline = self.reply_deadline();
        let (connection, offer) = (&mut self.connection, self.offer);
        let frames = Frames::new(connection, self.shm, memory, start, offer, deadline)?;
        if let Some(before) = self.frames.replace(frames) {
            before.close(&mut self.connection);
        }
        self.everything = true;
        self.synchronise()
    }

    /// Captures into the bytes from `start` of the same memory from now on. What is there may differ from what was
    /// captured last in the cells that `cells` marks (not zero; row by row, `cell` is their width and height), and
    /// nowhere else; where [`Self::writes_parts`] says so, it must not differ at all.
    ///
    /// # Errors
    /// [`Error::Memory`] where nothing is attached, `start` does not lie in the memory, or `cells` are not as many as
    /// the frame has.
    pub fn go_on_at(
        &mut self,
        start: usize,
        cells: &[u8],
        cell: (usize, usize),
    ) -> Result<(), Error> {
        let Some(frames) = &mut self.frames else {
            return Err(nothing_attached());
        };
        let size = self.offer.size();
        let mut stale = std::mem::take(&mut frames.stale);
        stale.clear();
        let marked = marked(cells, cell, size, |rect| stale.push(rect));
        frames.stale = stale;
        marked?;
        frames.move_to(start)
    }

    /// Ends [`Self::next`] early, from any thread.
    pub fn alarm(&self) -> Alarm {
        self.connection.alarm()
    }

    /// Waits at most `timeout` for the output to change, and captures it. Ends early, with [`Update::Idle`], where a
    /// signal arrives or the alarm rings. When it returns the compositor writes nothing any more.
    ///
    /// # Errors
    /// [`Error::Memory`] where nothing is attached; [`Error::NoReply`], [`Error::Lost`].
    pub fn next(&mut self, timeout: Duration) -> Result<Update, Error> {
        let deadline = Instant::now() + timeout.min(LONGEST_WAIT);
        if self.frames.is_none() {
            return Err(nothing_attached());
        }
        loop {
            self.listen()?;
            if self.relayout()? {
                return Ok(Update::Resized);
            }
            let now = Instant::now();
            if now < self.capture_due {
                let woken = self.connection.nap(self.capture_due.min(deadline))?;
                if woken == Woken::Alarm || Instant::now() >= deadline {
                    return Ok(Update::Idle { verified: false });
                }
                if woken == Woken::Compositor {
                    self.connection.receive()?; // it went away, and this says how
                }
                continue;
            }
            self.prepare()?;
            self.wait_for_offer()?;
            if self.relayout()? {
                return Ok(Update::Resized);
            }
            if !self.ask()? {
                continue;
            }
            match self.wait_for_copy(deadline.max(now + SHORTEST_PATIENCE))? {
                Some(Outcome::Ready) => {
                    if let Some(update) = self.captured()? {
                        return Ok(update);
                    }
                }
                Some(Outcome::Failed) => self.failed()?,
                None => return Ok(Update::Idle { verified: true }),
            }
        }
    }

    /// Waits for the copy that was asked for; takes the request back where it does not come in time.
    fn wait_for_copy(&mut self, until: Instant) -> Result<Option<Outcome>, Error> {
        while self.state.shot.outcome.is_none() && !self.state.stopped {
            let woken = self.connection.sleep(until)?;
            if woken == Woken::Compositor {
                self.listen()?;
                continue;
            }
            if woken == Woken::Alarm || Instant::now() >= until {
                // What it answers before it hears of this is heard before the round trip ends.
                self.destroy_shot();
                self.synchronise()?;
                self.state.shot.id = 0;
                break;
            }
        }
        let outcome = self.state.shot.outcome;
        if self.state.stopped && outcome.is_none() {
            return Ok(Some(Outcome::Failed));
        }
        Ok(outcome)
    }

    /// The copy is there. `None` where it turns out to need a conversion, and is to be asked for once more.
    fn captured(&mut self) -> Result<Option<Update>, Error> {
        self.failures = 0;
        self.end_shot();
        if self.is_of_another_shape() {
            self.everything = true;
            return Ok(None);
        }
        let mut offer = self.offer;
        offer.inverted = self.state.shot.inverted;
        offer.transform = self.state.shot.transform.unwrap_or(offer.transform);
        if offer != self.offer {
            return self.reoffered(offer);
        }
        let whole =
            self.state.shot.whole || !self.reports_damage() || self.state.shot.damage.is_empty();
        self.damage.clear();
        let (width, height) = offer.size();
        if whole {
            self.damage.push(Rect::new(0, 0, width, height));
        }
        for &rect in &self.state.shot.damage {
            let Some(rect) = rect.within(offer.width, offer.height).filter(|_| !whole) else {
                continue;
            };
            self.damage.push(offer.upright(rect));
            if offer.inverted {
                // Compositors do not agree on whether damage is upside down as well.
                let plain = Offer {
                    inverted: false,
                    ..offer
                };
                self.damage.push(plain.upright(rect));
            }
        }
        let mut bytes = width as u64 * height as u64 * 4;
        if let Some(frames) = &mut self.frames {
            frames.fetch(&self.damage);
            frames.stale.clear();
            if frames.is_staged() {
                let area = |rect: &Rect| rect.width as u64 * rect.height as u64 * 4;
                bytes = self.damage.iter().map(area).sum();
            }
        }
        self.everything = false;
        let now = Instant::now();
        self.capture_due = following(self.capture_due, self.options.capture_interval, now);
        if matches!(self.protocol, Protocol::Screencopy { .. }) {
            self.prepare()?; // what it wants to be handed has come by the time that is asked for
        }
        self.flush()?;
        Ok(Some(Update::Captured { whole, bytes }))
    }

    /// The pixels are turned otherwise than was thought.
    fn reoffered(&mut self, offer: Offer) -> Result<Option<Update>, Error> {
        let resized = offer.size() != self.offer.size();
        self.offer = offer;
        self.everything = true;
        let deadline = self.reply_deadline();
        let frames = self.frames.take();
        if resized {
            if let Some(frames) = frames {
                frames.close(&mut self.connection);
            }
            self.output = self.current_output();
            return Ok(Some(Update::Resized));
        }
        if let Some(frames) = frames {
            let (connection, shm) = (&mut self.connection, self.shm);
            self.frames = Some(frames.again(connection, shm, offer, deadline)?);
            self.synchronise()?;
        }
        Ok(None)
    }

    /// The copy failed, as it does when the output has just become another.
    fn failed(&mut self) -> Result<(), Error> {
        self.failures += 1;
        self.end_shot();
        if self.state.stopped {
            self.end_session();
        }
        if self.failures > MOST_FAILURES {
            return Err(Error::Lost(format!(
                "output {} can no longer be captured",
                self.output.name
            )));
        }
        self.everything = true;
        self.capture_due = Instant::now() + PAUSE;
        self.synchronise()
    }

    /// Begins a capture, where none is begun: the compositor will say what it wants to be handed.
    fn prepare(&mut self) -> Result<(), Error> {
        if self.state.shot.id != 0 {
            return Ok(());
        }
        let output = self.told()?.id;
        let connection = &mut self.connection;
        match self.protocol {
            Protocol::Screencopy { manager } => {
                let shot = connection.new_id();
                let message = connection.request(manager, 0).word(shot);
                message.number(0).word(output).end(); // without the pointer
                self.state.shot.begin(shot);
                self.state.offered = false;
            }
            Protocol::ImageCopy { sources, manager } => {
                if self.everything && self.frames.is_some() {
                    self.end_session(); // the first capture of a session is a whole one
                }
                let connection = &mut self.connection;
                if self.state.session == 0 {
                    let (source, session) = (connection.new_id(), connection.new_id());
                    connection
                        .request(sources, 0)
                        .word(source)
                        .word(output)
                        .end();
                    let message = connection.request(manager, 0).word(session);
                    message.word(source).word(0).end();
                    connection.request(source, 0).end();
                    self.state.session = session;
                    self.state.offered = false;
                    self.state.stopped = false;
                }
            }
        }
        Ok(())
    }

    fn wait_for_offer(&mut self) -> Result<(), Error> {
        self.flush()?;
        let deadline = self.reply_deadline();
        loop {
            self.listen()?;
            let failed = self.state.shot.outcome == Some(Outcome::Failed) || self.state.stopped;
            if self.state.offered {
                return Ok(());
            }
            if failed {
                self.failed()?;
                self.connection.nap(self.capture_due)?;
                self.prepare()?;
                self.flush()?;
                continue;
            }
            if Instant::now() >= deadline {
                return Err(Error::NoReply(self.options.reply_timeout));
            }
            self.connection.sleep(deadline)?;
        }
    }

    /// Asks for the copy. False where the capture that was prepared is of no use any more.
    fn ask(&mut self) -> Result<bool, Error> {
        if self.state.shot.outcome.is_some() || self.state.stopped {
            self.failed()?;
            return Ok(false);
        }
        let Some(frames) = &mut self.frames else {
            return Err(nothing_attached());
        };
        let connection = &mut self.connection;
        let buffer = frames.buffer(connection);
        match self.protocol {
            Protocol::Screencopy { .. } => {
                let whole = self.everything || self.state.screencopy.version < 2;
                let shot = self.state.shot.id;
                connection
                    .request(shot, if whole { 0 } else { 2 })
                    .word(buffer)
                    .end();
                self.state.shot.whole = whole;
            }
            Protocol::ImageCopy { .. } => {
                let shot = connection.new_id();
                connection.request(self.state.session, 0).word(shot).end();
                self.state.shot.begin(shot);
                self.state.shot.whole = self.everything;
                connection.request(shot, 1).word(buffer).end();
                let bounds = [Rect::new(0, 0, self.offer.width, self.offer.height)];
                let lacking: &[Rect] = match (self.everything, frames.is_staged()) {
                    (true, _) => &bounds,
                    (false, true) => &[],
                    (false, false) => &frames.stale,
                };
                for rect in lacking {
                    let message = connection.request(shot, 2).number(rect.x).number(rect.y);
                    message.number(rect.width).number(rect.height).end();
                }
                connection.request(shot, 3).end();
            }
        }
        self.state.shot.asked = true;
        self.flush()?;
        Ok(true)
    }

    /// Whether the output became another; the memory is then let go.
    fn relayout(&mut self) -> Result<bool, Error> {
        if let Some(gone) = self
            .state
            .removed
            .iter()
            .position(|&name| name == self.global)
        {
            self.state.removed.swap_remove(gone);
            return Err(Error::Unplugged(self.output.name.clone()));
        }
        self.state.removed.clear();
        if !self.state.offered {
            return Ok(false);
        }
        self.state.changed = false;
        let offer = self.current_offer();
        if offer == self.offer && self.is_in_place() {
            return Ok(false);
        }
        offer.is_frame()?;
        self.output = self.current_output();
        self.offer = offer;
        self.everything = true;
        if let Some(frames) = self.frames.take() {
            frames.close(&mut self.connection);
        }
        self.flush()?;
        Ok(true)
    }

    /// What is to be handed over, as far as is known now.
    fn current_offer(&self) -> Offer {
        let told = self.told().ok();
        let known = match self.protocol {
            Protocol::Screencopy { .. } => told.map(|told| told.transform),
            // Each frame says how it is turned.
            Protocol::ImageCopy { .. } if self.offer.width > 0 => Some(self.offer.transform),
            Protocol::ImageCopy { .. } => told.map(|told| told.transform),
        };
        Offer {
            transform: known.unwrap_or_default(),
            inverted: self.offer.inverted,
            ..self.state.offer
        }
    }

    fn current_output(&self) -> Output {
        let (width, height) = self.current_offer().size();
        let told = self.told().cloned().unwrap_or_default();
        Output {
            name: told.name,
            rect: Rect::new(told.x, told.y, width, height),
        }
    }

    /// Whether the output became another while it was copied: wlroots then reads a frame of the old size out of one of
    /// the new, and has said so before it says that the copy is there. Sessions of image-copy fail instead.
    fn is_of_another_shape(&self) -> bool {
        let screencopy = matches!(self.protocol, Protocol::Screencopy { .. });
        let (size, turn) = ((self.offer.width, self.offer.height), self.offer.transform);
        let other =
            |told: &Told| (told.mode != (0, 0) && told.mode != size) || told.transform != turn;
        screencopy && self.told().is_ok_and(other)
    }

    /// Whether the output has the name and place that were told.
    fn is_in_place(&self) -> bool {
        self.told().is_ok_and(|told| {
            let place = (self.output.rect.x, self.output.rect.y);
            told.name == self.output.name && (told.x, told.y) == place
        })
    }

    fn told(&self) -> Result<&Told, Error> {
        self.state
            .outputs
            .iter()
            .find(|output| output.global == self.global)
            .ok_or_else(|| Error::Lost("the output was removed".to_owned()))
    }

    fn destroy_shot(&mut self) {
        let opcode = match self.protocol {
            Protocol::Screencopy { .. } => 1,
            Protocol::ImageCopy { .. } => 0,
        };
        self.connection.request(self.state.shot.id, opcode).end();
    }

    fn end_shot(&mut self) {
        if self.state.shot.id != 0 {
            self.destroy_shot();
            self.state.shot.id = 0;
            self.state.shot.outcome = None;
        }
    }

    fn end_session(&mut self) {
        if self.state.session != 0 {
            self.connection.request(self.state.session, 1).end();
            self.state.session = 0;
            self.state.stopped = false;
        }
    }

    fn listen(&mut self) -> Result<(), Error> {
        listen(&mut self.connection, &mut self.state)
    }

    fn flush(&mut self) -> Result<(), Error> {
        let deadline = self.reply_deadline();
        self.connection.flush(None, deadline)
    }

    fn synchronise(&mut self) -> Result<(), Error> {
        round_trip(
            &mut self.connection,
            &mut self.state,
            self.options.reply_timeout,
        )
    }

    fn reply_deadline(&self) -> Instant {
        Instant::now() + self.options.reply_timeout
    }
}

/// Reads what was sent, without waiting.
fn listen(connection: &mut Connection, state: &mut State) -> Result<(), Error> {
    loop {
        while let Some(event) = connection.event()? {
            state.apply(event)?;
        }
        for id in state.freed.drain(..) {
            connection.free_id(id);
        }
        if !connection.receive()? {
            return Ok(());
        }
    }
}

/// Waits until the compositor has read all that was requested.
fn round_trip(
    connection: &mut Connection,
    state: &mut State,
    patience: Duration,
) -> Result<(), Error> {
    let deadline = Instant::now() + patience;
    state.sync = connection.new_id();
    connection.request(DISPLAY, 0).word(state.sync).end();
    connection.flush(None, deadline)?;
    loop {
        listen(connection, state)?;
        if state.sync == 0 {
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err(Error::NoReply(patience));
        }
        connection.sleep(deadline)?;
    }
}

fn bind(
    connection: &mut Connection,
    registry: u32,
    global: Global,
    interface: &str,
    version: u32,
) -> u32 {
    let id = connection.new_id();
    let message = connection
        .request(registry, 0)
        .word(global.name)
        .text(interface);
    message.word(global.version.min(version)).word(id).end();
    id
}

/// The protocol to capture by. Screencopy comes first: it is the one that has been run against a real compositor here.
fn protocol(connection: &mut Connection, state: &State) -> Result<Protocol, Error> {
    let mut bound =
        |global, interface, version| bind(connection, state.registry, global, interface, version);
    if state.screencopy.version > 0 {
        let manager = bound(state.screencopy, "zwlr_screencopy_manager_v1", 3);
        return Ok(Protocol::Screencopy { manager });
    }
    if state.sources.version == 0 || state.image_copy.version == 0 {
        return Err(Error::NoProtocol);
    }
    Ok(Protocol::ImageCopy {
        sources: bound(
            state.sources,
            "ext_output_image_capture_source_manager_v1",
            1,
        ),
        manager: bound(state.image_copy, "ext_image_copy_capture_manager_v1", 1),
    })
}

fn bind_outputs(connection: &mut Connection, state: &mut State) {
    for global in std::mem::take(&mut state.announced) {
        let id = bind(connection, state.registry, global, "wl_output", 4);
        state.outputs.push(Told {
            id,
            global: global.name,
            ..Told::default()
        });
    }
}

fn name_outputs(outputs: &mut [Told]) {
    for (number, output) in outputs.iter_mut().enumerate() {
        if output.name.is_empty() {
            output.name = format!("output-{number}");
        }
    }
}

fn nothing_attached() -> Error {
    Error::Memory("none is attached".to_owned())
}

/// The slot after `due` on a steady schedule, or one interval from now where the schedule was left.
fn following(due: Instant, interval: Duration, now: Instant) -> Instant {
    if now < due + interval {
        due + interval
    } else {
        now + interval
    }
}
