//! A compositor of 64 x 32 pixels for tests, with what no compositor at hand does: ext-image-copy-capture, pixels that are
//! red first or upside down, an output that goes away. It writes no more than the protocol obliges it to.

use std::collections::HashMap;
use std::fs::File;
use std::io::{IoSliceMut, Write as _};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};

pub const WIDTH: usize = 64;
pub const HEIGHT: usize = 32;
type Rect = [i32; 4];

/// What the compositor shows and how it behaves; changed by the test while it runs.
#[derive(Default)]
pub struct Screen {
    /// BGRX.
    pub pixels: Vec<u8>,
    pub damage: Vec<Rect>,
    pub image_copy: bool,
    pub format: u32,
    pub inverted: bool,
    pub removed: bool,
    /// Does not write what a buffer was said to lack.
    pub forgets: bool,
    pub captures: u32,
}

impl Screen {
    pub fn fill(&mut self, [x, y, width, height]: Rect, colour: [u8; 4]) {
        for row in y..y + height {
            for column in x..x + width {
                let at = (row as usize * WIDTH + column as usize) * 4;
                self.pixels[at..at + 4].copy_from_slice(&colour);
            }
        }
        self.damage.push([x, y, width, height]);
    }
}

pub struct Compositor {
    pub screen: Arc<Mutex<Screen>>,
    pub socket: PathBuf,
    thread: Option<JoinHandle<()>>,
}

impl Compositor {
    pub fn start(name: &str, screen: Screen) -> Self {
        let file = format!("ironcliw-{name}-{}", std::process::id());
        let socket = std::env::temp_dir().join(file);
        let _ = std::fs::remove_file(&socket);
        let listener = UnixListener::bind(&socket).unwrap();
        let pixels = vec![0; WIDTH * HEIGHT * 4];
        let screen = Arc::new(Mutex::new(Screen { pixels, ..screen }));
        let theirs = Arc::clone(&screen);
        let thread = std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            stream
                .set_read_timeout(Some(Duration::from_millis(2)))
                .unwrap();
            Client::new(stream, theirs).serve();
        });
        Self {
            screen,
            socket,
            thread: Some(thread),
        }
    }

    /// Waits until its client has left; a complaint of its fails the test.
    pub fn end(mut self) {
        self.thread.take().unwrap().join().unwrap();
    }
}

impl Drop for Compositor {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.socket);
    }
}

#[derive(Clone)]
enum Object {
    Registry,
    Shm,
    Pool(Rc<File>),
    Buffer(Rc<File>, u64),
    Screencopy,
    Sources,
    ImageCopy,
    Session,
    Frame,
    Other,
}

struct Client {
    stream: UnixStream,
    screen: Arc<Mutex<Screen>>,
    objects: HashMap<u32, Object>,
    fds: Vec<OwnedFd>,
    registry: u32,
    removed: bool,
    /// The frame that waits for a change: its name, buffer, what the buffer lacks, whether it must be whole.
    pending: Option<(u32, u32, Vec<Rect>, bool)>,
    fresh: bool,
}

impl Client {
    fn new(stream: UnixStream, screen: Arc<Mutex<Screen>>) -> Self {
        let objects = HashMap::from([(1, Object::Other)]);
        Self {
            stream,
            screen,
            objects,
            fds: Vec::new(),
            registry: 0,
            removed: false,
            pending: None,
            fresh: true,
        }
    }

    fn send(&mut self, object: u32, opcode: u32, arguments: &[u32]) {
        let size = 8 + arguments.len() as u32 * 4;
        let words = [&[object, size << 16 | opcode], arguments].concat();
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
        let _ = self.stream.write_all(&bytes);
    }

    fn global(&mut self, name: u32, interface: &str, version: u32) {
        let mut text = interface.as_bytes().to_vec();
        text.push(0);
        text.resize(text.len().next_multiple_of(4), 0);
        let words = text
            .chunks(4)
            .map(|c| u32::from_ne_bytes(c.try_into().unwrap()));
        let mut arguments = vec![name, interface.len() as u32 + 1];
        arguments.extend(words);
        arguments.push(version);
        self.send(self.registry, 0, &arguments);
    }

    fn serve(mut self) {
        let mut received = Vec::new();
        loop {
            let mut buffer = [0; 4096];
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
            let mut ancillary = RecvAncillaryBuffer::new(&mut space);
            let slices = &mut [IoSliceMut::new(&mut buffer)];
            match recvmsg(&self.stream, slices, &mut ancillary, RecvFlags::empty()) {
                Ok(message) if message.bytes == 0 => return,
                Ok(message) => {
                    for one in ancillary.drain() {
                        if let RecvAncillaryMessage::ScmRights(fds) = one {
                            self.fds.extend(fds);
                        }
                    }
                    received.extend_from_slice(&buffer[..message.bytes]);
                }
                Err(rustix::io::Errno::CONNRESET) => return,
                Err(_) => {}
            }
            let word =
                |bytes: &[u8], at: usize| u32::from_ne_bytes(bytes[at..at + 4].try_into().unwrap());
            while received.len() >= 8 && received.len() >= (word(&received, 4) >> 16) as usize {
                let size = (word(&received, 4) >> 16) as usize;
                let message: Vec<u8> = received.drain(..size).collect();
                let words: Vec<u32> = (8..size).step_by(4).map(|at| word(&message, at)).collect();
                self.request(word(&message, 0), word(&message, 4) & 0xFFFF, &words);
            }
            self.tick();
        }
    }

    fn forget(&mut self, object: u32) {
        self.objects.remove(&object);
        if self
            .pending
            .as_ref()
            .is_some_and(|pending| pending.0 == object)
        {
            self.pending = None;
        }
        self.send(1, 1, &[object]);
    }

    fn request(&mut self, object: u32, opcode: u32, words: &[u32]) {
        let image_copy = self.screen.lock().unwrap().image_copy;
        let known = self.objects.get(&object).cloned();
        match (known.expect("a request to no object"), opcode) {
            (Object::Other, 0) if object == 1 => {
                self.send(words[0], 0, &[0]);
                self.send(1, 1, &[words[0]]);
            }
            (Object::Other, 1) if object == 1 => {
                self.registry = words[0];
                self.objects.insert(words[0], Object::Registry);
                self.global(1, "wl_shm", 1);
                self.global(2, "wl_output", 2);
                if image_copy {
                    self.global(3, "ext_output_image_capture_source_manager_v1", 1);
                    self.global(4, "ext_image_copy_capture_manager_v1", 1);
                } else {
                    self.global(5, "zwlr_screencopy_manager_v1", 3);
                }
            }
            (Object::Registry, 0) => {
                let id = *words.last().unwrap();
                let kinds = [
                    Object::Shm,
                    Object::Other,
                    Object::Sources,
                    Object::ImageCopy,
                    Object::Screencopy,
                ];
                self.objects
                    .insert(id, kinds[words[0] as usize - 1].clone());
            }
            (Object::Shm, 0) => {
                let file = File::from(self.fds.remove(0));
                self.objects.insert(words[0], Object::Pool(Rc::new(file)));
            }
            (Object::Pool(file), 0) => {
                assert_eq!(words[2..5], [WIDTH as u32, HEIGHT as u32, WIDTH as u32 * 4]);
                let buffer = Object::Buffer(file, words[1].into());
                self.objects.insert(words[0], buffer);
            }
            (Object::Sources, 0) => {
                self.objects.insert(words[0], Object::Other);
            }
            (Object::Screencopy, 0) => {
                self.objects.insert(words[0], Object::Frame);
                let format = self.screen.lock().unwrap().format;
                self.send(
                    words[0],
                    0,
                    &[format, WIDTH as u32, HEIGHT as u32, WIDTH as u32 * 4],
                );
                self.send(words[0], 6, &[]);
            }
            (Object::ImageCopy, 0) => {
                self.objects.insert(words[0], Object::Session);
                let format = self.screen.lock().unwrap().format;
                self.send(words[0], 0, &[WIDTH as u32, HEIGHT as u32]);
                self.send(words[0], 1, &[u32::from_le_bytes(*b"XR30")]);
                self.send(words[0], 1, &[format]);
                self.send(words[0], 4, &[]);
                self.fresh = true;
            }
            (Object::Session, 0) => {
                assert!(
                    !self
                        .objects
                        .values()
                        .any(|one| matches!(one, Object::Frame)),
                    "duplicate_frame"
                );
                self.objects.insert(words[0], Object::Frame);
                self.pending = Some((words[0], 0, Vec::new(), false));
            }
            (Object::Frame, 0) if !image_copy => {
                self.pending = Some((object, words[0], Vec::new(), true))
            }
            (Object::Frame, 2) if !image_copy => {
                self.pending = Some((object, words[0], Vec::new(), false))
            }
            (Object::Frame, 1) if image_copy => self.pending.as_mut().unwrap().1 = words[0],
            (Object::Frame, 2) => {
                let rect = [0, 1, 2, 3].map(|at| words[at] as i32);
                assert!(
                    rect[0] >= 0 && rect[1] >= 0 && rect[2] > 0 && rect[3] > 0,
                    "invalid_buffer_damage"
                );
                self.pending.as_mut().unwrap().2.push(rect);
            }
            (Object::Frame, 3) => {
                self.pending.as_mut().unwrap().3 = std::mem::take(&mut self.fresh)
            }
            (Object::Pool(_), 1) | (Object::Session, 1) => self.forget(object),
            (Object::Frame, _) | (Object::Buffer(..), 0) | (Object::Other, 0) => {
                self.forget(object)
            }
            (_, opcode) => panic!("request {opcode} to {object}"),
        }
    }

    /// Copies for the frame that waits, where it may.
    fn tick(&mut self) {
        let shared = Arc::clone(&self.screen);
        let mut screen = shared.lock().unwrap();
        if screen.removed && !self.removed {
            self.removed = true;
            self.send(self.registry, 1, &[2]);
        }
        let ready = |(_, buffer, _, whole): &(u32, u32, Vec<Rect>, bool)| {
            *buffer != 0 && (*whole || !screen.damage.is_empty())
        };
        if !self.pending.as_ref().is_some_and(ready) {
            return;
        }
        let (frame, buffer, lacks, whole) = self.pending.take().unwrap();
        let Some(Object::Buffer(file, offset)) = self.objects.get(&buffer).cloned() else {
            panic!("no buffer {buffer}");
        };
        let damage = std::mem::take(&mut screen.damage);
        let all = [0, 0, WIDTH as i32, HEIGHT as i32];
        let told: Vec<Rect> = if whole && screen.image_copy {
            vec![all]
        } else {
            damage
        };
        let mut written = if whole || !screen.image_copy {
            vec![all]
        } else {
            told.clone()
        };
        if !screen.forgets {
            written.extend(lacks);
        }
        for [x, y, width, height] in written {
            for row in y..y + height {
                let at = (row as usize * WIDTH + x as usize) * 4;
                let mut pixels = screen.pixels[at..at + width as usize * 4].to_vec();
                if screen.format != 1 {
                    pixels.chunks_mut(4).for_each(|pixel| pixel.swap(0, 2));
                }
                let row = if screen.inverted {
                    HEIGHT - 1 - row as usize
                } else {
                    row as usize
                };
                let place = offset + ((row * WIDTH + x as usize) * 4) as u64;
                file.write_all_at(&pixels, place).unwrap();
            }
        }
        screen.captures += 1;
        let rects: Vec<[u32; 4]> = told
            .iter()
            .map(|rect| rect.map(|side| side as u32))
            .collect();
        if screen.image_copy {
            self.send(frame, 0, &[0]);
            rects.iter().for_each(|rect| self.send(frame, 1, rect));
            self.send(frame, 3, &[]);
        } else {
            self.send(frame, 1, &[screen.inverted.into()]);
            if !whole {
                rects.iter().for_each(|rect| self.send(frame, 4, rect));
            }
            self.send(frame, 2, &[0, 0, 0]);
        }
    }
}
