//! [`X11Capture`]: when to look at the screen, what to fetch, and what to tell.

use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::Screen;

use super::connection::{self, Alarm, Connection, display_name, failed, optional_reply};
use super::damage::Damage;
use super::exclusions::Exclusions;
use super::frame::{Frame, PROBE_ROWS, Refused};
use super::guess::Guess;
use super::mask::Mask;
use super::monitors::{self, Monitor};
use super::registry::Listed;
use super::veil::Veil;
use super::windows::Windows;
use super::{Options, Update, screen, shm};
use crate::rect::{clip, marked, plan, subtract};
use crate::{Error, Rect};

/// How long a band must differ from the frame, with no damage reported, before damage counts as missed: drawing that
/// bypasses the server's own routines may be reported a moment after it shows.
const SUSPICION: Duration = Duration::from_millis(200);

/// Reads that the server may refuse in a row, with a geometry that did not change, before the display counts as lost.
const MOST_REFUSALS: u32 = 5;

/// At most this long nobody listens to the server between two captures: it may be going away.
const LONGEST_NAP: Duration = Duration::from_millis(250);

/// A longer wait is cut to this, which no caller can tell from for ever.
const LONGEST_WAIT: Duration = Duration::from_secs(365 * 24 * 3600);

/// One monitor of an X display, captured into memory of the caller's.
///
/// After an error other than [`Error::Memory`] the connection is of no more use: drop this and connect anew.
pub struct X11Capture {
    connection: Connection,
    options: Options,
    screen: Screen,
    monitor: Monitor,
    damage: Option<Damage>,
    shares: bool,
    frame: Option<Frame>,
    exclude: Vec<u32>,
    /// What is left out of every capture by what it is, before it enters the frame.
    veil: Veil,
    pending: Pending,
    guess: Guess,
    /// What is blanked in the frame now.
    mask: Mask,
    capture_due: Instant,
    probe_due: Instant,
    probe_top: i32,
    /// A probe found a difference that may yet be explained.
    suspicious: bool,
    /// Damage was missed once, so it is no longer relied on alone.
    distrusted: bool,
    refusals: u32,
    /// The server announced a change of monitors or of the root window.
    layout_changed: bool,
    /// The process that connected. A forked child has the same connection, and must not say a word on it.
    owner: u32,
}

/// What the next capture has to fetch.
#[derive(Default)]
struct Pending {
    everything: bool,
    /// The server has collected damage.
    damage: bool,
    /// What is hidden may have changed.
    veil: bool,
    /// Rectangles of the frame that need another look.
    rects: Vec<Rect>,
}

impl Pending {
    fn any(&self) -> bool {
        self.everything || self.damage || self.veil || !self.rects.is_empty()
    }
}

impl X11Capture {
    /// Connects to the display and finds the monitor.
    ///
    /// # Errors
    /// [`Error::NoDisplay`], [`Error::Denied`], [`Error::Xwayland`], [`Error::Unsupported`], [`Error::UnknownMonitor`],
    /// [`Error::NoReply`]; [`Error::Lost`] where the server goes away meanwhile.
    pub fn connect(options: Options) -> Result<Self, Error> {
        let (connection, number) =
            connection::connect(options.display.as_deref(), options.connect_timeout)?;
        let screen = connection.setup().roots[number].clone();
        screen::check_pixels(&connection, &screen)?;
        screen::announce_changes(&connection, screen.root)?;
        let available = monitors::monitors(&connection, screen.root)?;
        if monitors::is_xwayland(&connection, &available)? {
            return Err(Error::Xwayland(display_name(options.display.as_deref())));
        }
        let whole = monitors::whole(&connection, screen.root)?;
        let monitor = monitors::choose(&available, whole, options.monitor.as_deref())?;
        let damage = Damage::of(&connection, screen.root)?;
        let shares = shm::can_share(&connection)?;
        connection.stream().wait_at_most(options.reply_timeout);
        let now = Instant::now();
        Ok(Self {
            connection,
            options,
            screen,
            monitor,
            damage,
            shares,
            frame: None,
            exclude: Vec::new(),
            veil: Veil::default(),
            pending: Pending::default(),
            guess: Guess::default(),
            mask: Mask::default(),
            capture_due: now,
            probe_due: now,
            probe_top: 0,
            suspicious: false,
            distrusted: false,
            refusals: 0,
            layout_changed: false,
            owner: std::process::id(),
        })
    }

    /// The monitor that is captured.
    pub fn monitor(&self) -> &Monitor {
        &self.monitor
    }

    /// The display's monitors in the server's order.
    ///
    /// # Errors
    /// [`Error::NoReply`], [`Error::Lost`].
    pub fn monitors(&self) -> Result<Vec<Monitor>, Error> {
        monitors::monitors(&self.connection, self.screen.root)
    }

    /// Whether the server says what changed; without that every capture fetches the whole frame.
    pub fn reports_damage(&self) -> bool {
        self.damage.is_some()
    }

    /// Whether pixels come through shared memory; before [`Self::attach`]: whether the server offers that.
    pub fn shares_memory(&self) -> bool {
        self.frame.as_ref().map_or(self.shares, Frame::is_shared)
    }

    /// Captures into the memory file `fd` from now on: width * height * 4 bytes from `start`, rows without gaps, blue,
    /// green, red and an undefined byte for each pixel. The descriptor is duplicated, not taken. The next capture is
    /// whole.
    ///
    /// The caller leaves these bytes alone during [`Self::next`].
    ///
    /// # Errors
    /// [`Error::Memory`] where it is too small or cannot be mapped; [`Error::NoReply`], [`Error::Lost`].
    pub fn attach(&mut self, fd: i32, start: usize) -> Result<(), Error> {
        let frame = Frame::new(
            &self.connection,
            self.screen.root,
            self.monitor.rect,
            self.shares,
            fd,
            start,
            self.veil.is_drawn(),
        )?;
        self.detach()?;
        self.frame = Some(frame);
        self.mask = Mask::default();
        self.guess = Guess::default();
        self.pending = Pending {
            everything: true,
            damage: self.pending.damage,
            veil: false,
            rects: Vec::new(),
        };
        self.probe_top = 0;
        self.suspicious = false;
        Ok(())
    }

    /// Captures into the bytes from `start` of the same memory from now on, and leaves those used up to now as they are.
    /// What is there may differ from them in the cells that `cells` marks (not zero; row by row, `cell` is their width
    /// and height), and nowhere else; the next capture sees to that.
    ///
    /// # Errors
    /// [`Error::Memory`] where nothing is attached, nothing was captured since the last call, `start` does not lie in
    /// the memory, or `cells` are not as many as the frame has.
    pub fn go_on_at(
        &mut self,
        start: usize,
        cells: &[u8],
        cell: (usize, usize),
    ) -> Result<(), Error> {
        let frame = self
            .frame
            .as_mut()
            .ok_or_else(|| Error::Memory("none is attached".to_owned()))?;
        let stale = marked(cells, cell, frame.bounds())?;
        frame.go_on_at(start, stale)
    }

    /// Blanks these windows in every capture from now on, wherever they can be seen. Windows that do not exist are
    /// nowhere.
    pub fn exclude(&mut self, windows: Vec<u32>) {
        self.exclude = windows;
        self.pending.rects.push(Rect::new(
            0,
            0,
            self.monitor.rect.width,
            self.monitor.rect.height,
        ));
    }

    /// Leaves these out of every capture from now on, and with them the windows given to [`Self::exclude`], before a pixel
    /// of them enters the frame's memory: call it after that and before [`Self::attach`].
    ///
    /// # Errors
    /// [`Error::NoReply`], [`Error::Lost`].
    pub fn veil(&mut self, exclusions: Exclusions) -> Result<(), Error> {
        let anything = !exclusions.is_empty();
        self.veil.set(exclusions);
        if anything {
            self.veil.also(&self.exclude);
        }
        if self.veil.by_window() {
            self.veil.follow(&self.connection, self.screen.root)?;
        }
        self.pending.everything = true;
        Ok(())
    }

    /// For each exclusion but regions, in their order (windows, applications, titles), whether a window ever met it.
    pub fn met(&self) -> &[bool] {
        self.veil.met()
    }

    /// Keeps the list of windows from now on.
    ///
    /// # Errors
    /// [`Error::NoReply`], [`Error::Lost`].
    pub fn follow_windows(&mut self) -> Result<(), Error> {
        self.veil.follow(&self.connection, self.screen.root)
    }

    /// The windows on the monitor, uppermost first, without those left out, and a number that changes with them. `None`
    /// where they are not followed, or are as they were at `version`.
    ///
    /// # Errors
    /// [`Error::NoReply`], [`Error::Lost`].
    pub fn windows_since(&mut self, version: u64) -> Result<Option<(u64, Vec<Listed>)>, Error> {
        if !self.veil.is_followed() {
            return Ok(None);
        }
        self.look_at_windows()?;
        if self.veil.version() == version {
            return Ok(None);
        }
        Ok(Some((
            self.veil.version(),
            self.veil.listed(self.monitor.rect),
        )))
    }

    /// Looks at the windows where any of them changed.
    fn look_at_windows(&mut self) -> Result<(), Error> {
        self.read_events()?;
        if !self.veil.is_stale() {
            return Ok(());
        }
        let root = self.screen.root;
        let windows = Windows::new(&self.connection, root, self.screen.root_depth);
        self.veil
            .look(&self.connection, &windows, root, Instant::now())
    }

    /// Whether the display has such a window.
    ///
    /// # Errors
    /// [`Error::NoReply`], [`Error::Lost`].
    pub fn window_exists(&self, window: u32) -> Result<bool, Error> {
        self.windows().exists(window)
    }

    /// The child of the root window that `window` is or is inside of: a window manager's frame around it, where there
    /// is one. `None` where the window is gone.
    ///
    /// # Errors
    /// [`Error::NoReply`], [`Error::Lost`].
    pub fn top_level(&self, window: u32) -> Result<Option<u32>, Error> {
        self.windows().top_level(window)
    }

    /// Windows that these processes show now, as (window, process), in the order of `pids`; the window manager's are
    /// left out.
    ///
    /// # Errors
    /// [`Error::NoReply`], [`Error::Lost`].
    pub fn windows_of(&self, pids: &[u32]) -> Result<Vec<(u32, u32)>, Error> {
        self.windows().of_processes(pids)
    }

    /// Ends [`Self::next`] early, from any thread.
    pub fn alarm(&self) -> Alarm {
        self.connection.stream().alarm()
    }

    /// Waits at most `timeout` for the screen to change, and captures it. Ends early, with [`Update::Idle`], where a
    /// signal arrives or the alarm rings.
    ///
    /// # Errors
    /// [`Error::Memory`] where nothing is attached; [`Error::NoReply`], [`Error::Lost`].
    pub fn next(&mut self, timeout: Duration) -> Result<Update, Error> {
        let deadline = Instant::now() + timeout.min(LONGEST_WAIT);
        let mut idle = Idle::default();
        loop {
            self.read_events()?;
            if std::mem::take(&mut self.layout_changed) {
                if self.relayout()? {
                    return Ok(Update::Resized(self.monitor.clone()));
                }
                continue;
            }
            let now = Instant::now();
            // Whoever talked to the server may have read events from the socket, so only who did not may sleep on it.
            let go_on = match self.act(now, &mut idle)? {
                Action::Told(update) => return Ok(update),
                Action::Acted => true,
                Action::Nothing if now >= deadline => false,
                Action::Nothing => self.rest(now, deadline)?,
            };
            if !go_on || now >= deadline {
                return Ok(idle.into());
            }
        }
    }

    /// Captures or probes, whichever is due.
    fn act(&mut self, now: Instant, idle: &mut Idle) -> Result<Action, Error> {
        if self.frame.is_none() {
            return Err(Error::Memory("none is attached".to_owned()));
        }
        self.pending.veil |= self.veil.lift(now) || (self.veil.by_window() && self.veil.is_stale());
        if now < self.due() {
            return Ok(Action::Nothing);
        }
        self.pending.everything |= self.damage.is_none();
        if self.pending.any() {
            self.capture_due = following(self.capture_due, self.options.capture_interval, now);
            return Ok(self
                .capture(idle.bytes)?
                .map_or(Action::Acted, Action::Told));
        }
        match self.probe()? {
            Probe::Same(bytes) => (idle.verified, idle.bytes) = (true, idle.bytes + bytes),
            Probe::Unsure(bytes) => idle.bytes += bytes,
            Probe::Missed(band, bytes) => {
                return Ok(Action::Told(Update::MissedDamage {
                    band,
                    bytes: idle.bytes + bytes,
                }));
            }
        }
        Ok(Action::Acted)
    }

    /// Sleeps until the screen is to be looked at, the server has something to tell, or `deadline`. False where a
    /// signal or the alarm ended the sleep.
    ///
    /// Right after a capture nothing that the server reports can be looked at yet: to be woken by the report and once
    /// more when the capture is due would cost as much as the capture.
    fn rest(&self, now: Instant, deadline: Instant) -> Result<bool, Error> {
        let stream = self.connection.stream();
        if self.damage.is_some() && now < self.capture_due {
            return stream.nap(self.capture_due.min(now + LONGEST_NAP).min(deadline));
        }
        stream.sleep(self.due().min(deadline))
    }

    /// When to look at the screen next.
    fn due(&self) -> Instant {
        if self.pending.any() || self.damage.is_none() {
            return self.capture_due;
        }
        self.veil
            .due()
            .map_or(self.probe_due, |due| due.min(self.probe_due))
    }

    fn windows(&self) -> Windows<'_> {
        Windows::new(&self.connection, self.screen.root, self.screen.root_depth)
    }

    fn detach(&mut self) -> Result<(), Error> {
        self.frame
            .take()
            .map_or(Ok(()), |frame| frame.close(&self.connection))
    }

    /// Takes note of what the server sent.
    fn read_events(&mut self) -> Result<(), Error> {
        while let Some(event) = self
            .connection
            .poll_for_event()
            .map_err(|error| failed(&self.connection, error))?
        {
            self.veil.note(&event, self.screen.root);
            match event {
                Event::DamageNotify(_) => self.pending.damage = true,
                Event::RandrScreenChangeNotify(_) | Event::RandrNotify(_) => {
                    self.layout_changed = true
                }
                Event::ConfigureNotify(event) if event.window == self.screen.root => {
                    self.layout_changed = true
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Looks the monitor up again. True where it has another size or place; the memory is then let go.
    fn relayout(&mut self) -> Result<bool, Error> {
        let available = self.monitors()?;
        let whole = monitors::whole(&self.connection, self.screen.root)?;
        let monitor = monitors::choose(&available, whole, self.options.monitor.as_deref())
            .map_err(|gone| match gone {
                Error::UnknownMonitor { available, .. } => Error::Unplugged {
                    monitor: self.monitor.name.clone(),
                    available,
                },
                other => other,
            })?;
        if monitor == self.monitor {
            return Ok(false);
        }
        let moved = monitor.rect != self.monitor.rect || monitor.name != self.monitor.name;
        self.monitor = monitor;
        if moved {
            self.detach()?;
        }
        Ok(moved)
    }

    /// Fetches what changed. `None` where nothing of it can be seen, or the server would not be read.
    fn capture(&mut self, probed_bytes: u64) -> Result<Option<Update>, Error> {
        let pending = std::mem::take(&mut self.pending);
        let Some(bounds) = self.frame.as_ref().map(Frame::bounds) else {
            return Ok(None);
        };
        // Where windows are blanked, what was fetched is not yet what may be shown.
        let veiled = self.veil.is_drawn();
        let blanks = veiled || !self.exclude.is_empty() || !self.mask.rects().is_empty();
        let guess = match pending.everything || blanks {
            true => None,
            false => self.guess.rect(),
        };
        let (server, staged) = self.take_damage(guess)?;
        let damage = match pending.everything {
            true => vec![bounds],
            false => pending.rects.into_iter().chain(server).collect(),
        };
        self.suspicious = false;
        let found = match veiled {
            true => self.fetch_veiled(bounds, damage)?,
            false => self.fetch_masked(bounds, damage, staged)?,
        };
        let Some((fetched, mut bytes)) = found else {
            self.pending.everything = true;
            return Ok(None);
        };
        bytes += staged.map_or(0, |rect| rect.area() as u64 * shm::PIXEL_BYTES as u64);
        // What the server did before it sent the last of the pixels it has announced before them: a screen that became
        // another meanwhile may be in them.
        self.read_events()?;
        if self.layout_changed {
            self.pending.everything = true;
            return Ok(None);
        }
        self.guess.learn(&fetched, bounds);
        if fetched.is_empty() && !pending.everything {
            return Ok(None);
        }
        Ok(Some(Update::Captured {
            damage: (!pending.everything).then_some(fetched),
            bytes: bytes + probed_bytes,
            excluded: self.mask.rects().to_vec(),
        }))
    }

    /// What was damaged since the last time, in the frame's coordinates, and `guess` where its pixels came with that
    /// into the staging area.
    fn take_damage(&self, guess: Option<Rect>) -> Result<(Vec<Rect>, Option<Rect>), Error> {
        let (Some(damage), Some(frame)) = (&self.damage, &self.frame) else {
            return Ok((Vec::new(), None));
        };
        let asked = damage.ask(&self.connection)?;
        let guessed = guess.and_then(|rect| Some((rect, frame.stage(&self.connection, rect)?)));
        let (dx, dy) = (-self.monitor.rect.x, -self.monitor.rect.y);
        let rects = Damage::answer(&self.connection, asked)?
            .iter()
            .map(|rect| rect.moved(dx, dy))
            .collect();
        let staged = match guessed {
            Some((rect, sent)) => optional_reply(&self.connection, sent)?.ok().map(|_| rect),
            None => None,
        };
        Ok((rects, staged))
    }

    /// Fetches `damage` and blanks the excluded windows, which must be at the same place before and after. Returns
    /// the rectangles of the frame that may differ now, and the bytes fetched besides those `staged` before; `None` where
    /// the server refused.
    fn fetch_masked(
        &mut self,
        bounds: Rect,
        mut damage: Vec<Rect>,
        staged: Option<Rect>,
    ) -> Result<Option<(Vec<Rect>, u64)>, Error> {
        let (mut touched, mut bytes) = (Vec::new(), 0);
        let mut mask = self.read_mask(bounds)?;
        for last_try in [false, false, true] {
            damage.extend(subtract(self.mask.rects(), mask.rects()));
            let rects = plan(&mask.visible(&clip(&damage, bounds)), bounds);
            let Some(fetched) = self.fetch(&rects, staged)? else {
                return Ok(None);
            };
            bytes += fetched;
            touched.extend(&rects);
            let after = self.read_mask(bounds)?;
            if after == mask {
                break;
            }
            // A window moved meanwhile: what was fetched may show it where nothing is blanked.
            damage.extend(touched.iter().chain(mask.rects()).chain(after.rects()));
            if last_try {
                // It may have been anywhere in between, so nothing that was fetched can be shown.
                mask = Mask::new(plan(&damage, bounds), bounds);
                self.pending.rects.extend(mask.rects());
            } else {
                mask = after;
            }
        }
        touched.extend(subtract(mask.rects(), self.mask.rects()));
        self.blank(&mask, &touched);
        self.mask = mask;
        Ok(Some((touched, bytes)))
    }

    /// Fetches `damage` beside the frame, and then lets into it what is not hidden. Before the last of the pixels came
    /// the events of whatever the windows did since they were looked at: they say what else to hide.
    fn fetch_veiled(
        &mut self,
        bounds: Rect,
        damage: Vec<Rect>,
    ) -> Result<Option<(Vec<Rect>, u64)>, Error> {
        self.look_at_windows()?;
        let before = self.veil.mask(self.monitor.rect, bounds);
        let mut wanted = damage;
        wanted.extend(subtract(self.mask.rects(), before.rects()));
        let mut rects = plan(&before.visible(&clip(&wanted, bounds)), bounds);
        // Bands may overlap; all of them together must fit where they are held.
        if rects.iter().map(|rect| rect.area()).sum::<i64>() > bounds.area() {
            rects = rects.into_iter().reduce(Rect::union).into_iter().collect();
        }
        let Some(frame) = &mut self.frame else {
            return Ok(None);
        };
        let bytes = match frame.hold(&self.connection, &rects)? {
            Ok(bytes) => bytes,
            Err(Refused) => return self.refused().map(|()| None),
        };
        self.refusals = 0;
        self.read_events()?;
        let after = self.veil.mask(self.monitor.rect, bounds);
        let both = before.rects().iter().chain(after.rects()).copied();
        Ok(Some((self.unveil(Mask::new(both, bounds), rects), bytes)))
    }

    /// Lets what is held of `rects` into the frame, beside `mask`; says what of the frame may differ now.
    fn unveil(&mut self, mask: Mask, rects: Vec<Rect>) -> Vec<Rect> {
        if let Some(frame) = &mut self.frame {
            frame.show(&rects, mask.rects());
        }
        let mut touched = rects;
        touched.extend(subtract(mask.rects(), self.mask.rects()));
        if let Some(frame) = &mut self.frame {
            mask.rects().iter().for_each(|&rect| frame.blank(rect));
        }
        self.mask = mask;
        touched
    }

    /// Blanks what `mask` hides: all of it where it is not what was blanked before, else only what was just fetched.
    fn blank(&mut self, mask: &Mask, fetched: &[Rect]) {
        let Some(frame) = &mut self.frame else { return };
        for &hidden in mask.rects() {
            if *mask == self.mask {
                clip(fetched, hidden)
                    .into_iter()
                    .for_each(|rect| frame.blank(rect));
            } else {
                frame.blank(hidden);
            }
        }
    }

    fn fetch(&mut self, rects: &[Rect], staged: Option<Rect>) -> Result<Option<u64>, Error> {
        let Some(frame) = &mut self.frame else {
            return Ok(None);
        };
        match frame.fetch(&self.connection, rects, staged)? {
            Ok(bytes) => {
                self.refusals = 0;
                Ok(Some(bytes))
            }
            Err(Refused) => self.refused().map(|()| None),
        }
    }

    /// A refusal is normal while the screen is being resized: the event that tells of it is on its way.
    fn refused(&mut self) -> Result<(), Error> {
        self.refusals += 1;
        if self.refusals > MOST_REFUSALS {
            return Err(Error::Lost(
                "the X server no longer lets the screen be read".to_owned(),
            ));
        }
        Ok(())
    }

    /// Where the excluded windows are now; the whole frame where the server will not say.
    fn read_mask(&self, bounds: Rect) -> Result<Mask, Error> {
        if self.exclude.is_empty() {
            return Ok(Mask::default());
        }
        let area = self.monitor.rect;
        Ok(match self.windows().visible_parts(&self.exclude)? {
            Some(parts) => Mask::new(
                parts.iter().map(|rect| rect.moved(-area.x, -area.y)),
                bounds,
            ),
            None => Mask::new([bounds], bounds),
        })
    }

    /// Compares the next band of the screen with the frame.
    fn probe(&mut self) -> Result<Probe, Error> {
        let now = Instant::now();
        self.probe_due = following(self.probe_due, self.options.probe_interval, now);
        if self.distrusted {
            self.pending.everything = true;
            return Ok(Probe::Unsure(0));
        }
        let Some(frame) = &self.frame else {
            return Ok(Probe::Unsure(0));
        };
        let bounds = frame.bounds();
        let top = self.probe_top;
        let band = Rect::new(0, top, bounds.width, PROBE_ROWS.min(bounds.height - top));
        let same = self.band_is_same(bounds, band)?;
        let bytes = band.area() as u64 * shm::PIXEL_BYTES as u64;
        // Damage drawn before the band was read has been announced before the band's reply.
        self.read_events()?;
        if same == Some(true) {
            self.suspicious = false;
            self.probe_top = if band.bottom() < bounds.height {
                band.bottom()
            } else {
                0
            };
            return Ok(Probe::Same(bytes));
        }
        if same.is_none() || self.pending.any() || self.layout_changed {
            return Ok(Probe::Unsure(bytes));
        }
        if !self.suspicious {
            self.suspicious = true;
            self.probe_due = now + SUSPICION;
            return Ok(Probe::Unsure(bytes));
        }
        self.distrusted = true;
        self.pending.everything = true;
        Ok(Probe::Missed(band, bytes))
    }

    /// Whether the band shows what the frame shows beside the blanked parts; `None` where that cannot be said, because
    /// an excluded window moved or the server would not be read.
    fn band_is_same(&mut self, bounds: Rect, band: Rect) -> Result<Option<bool>, Error> {
        let parts = subtract(&[band], self.mask.rects());
        let Some(frame) = &mut self.frame else {
            return Ok(None);
        };
        let same = match frame.still_shows(&self.connection, band, &parts)? {
            Ok(same) => same,
            Err(Refused) => return self.refused().map(|()| None),
        };
        let mask = match self.veil.is_drawn() {
            true => {
                self.read_events()?;
                self.veil.mask(self.monitor.rect, bounds)
            }
            false => self.read_mask(bounds)?,
        };
        if mask != self.mask {
            self.pending
                .rects
                .extend(self.mask.rects().iter().chain(mask.rects()));
            return Ok(None);
        }
        Ok(Some(same))
    }
}

impl Drop for X11Capture {
    fn drop(&mut self) {
        // The server lets go of everything with the connection, so that only what waits to be written matters little.
        if std::process::id() == self.owner {
            let _ = self.detach();
        }
    }
}

/// What [`X11Capture::next`] has gathered while nothing changed.
#[derive(Default)]
struct Idle {
    verified: bool,
    bytes: u64,
}

impl From<Idle> for Update {
    fn from(Idle { verified, bytes }: Idle) -> Self {
        Self::Idle { verified, bytes }
    }
}

/// What was done about the screen.
enum Action {
    Told(Update),
    /// The server was asked, and there is nothing to tell.
    Acted,
    Nothing,
}

/// What a probe found, and the bytes it fetched.
enum Probe {
    Same(u64),
    Unsure(u64),
    Missed(Rect, u64),
}

/// The slot after `due` on a steady schedule, or one interval from now where the schedule was left.
fn following(due: Instant, interval: Duration, now: Instant) -> Instant {
    if now < due + interval {
        due + interval
    } else {
        now + interval
    }
}
