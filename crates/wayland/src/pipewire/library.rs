//! The part of libpipewire-0.3's interface that is used, looked up at run time. All names and layouts are those of its
//! public headers, which have kept them since 0.3.0 (2020) and promise to.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::transmute_copy;
use std::sync::OnceLock;

use crate::Error;

/// Opaque to us: pw_thread_loop, pw_loop, pw_context, pw_core, pw_stream, pw_properties.
pub(super) type Opaque = *mut c_void;

#[repr(C)]
pub(super) struct Buffer {
    pub(super) buffer: *mut SpaBuffer,
    user_data: *mut c_void,
    size: u64,
}

#[repr(C)]
pub(super) struct SpaBuffer {
    pub(super) n_metas: u32,
    pub(super) n_datas: u32,
    pub(super) metas: *mut Meta,
    pub(super) datas: *mut Data,
}

#[repr(C)]
pub(super) struct Meta {
    pub(super) kind: u32,
    pub(super) size: u32,
    pub(super) data: *mut c_void,
}

#[repr(C)]
pub(super) struct Data {
    kind: u32,
    flags: u32,
    fd: i64,
    map_offset: u32,
    pub(super) max_size: u32,
    pub(super) data: *mut u8,
    pub(super) chunk: *mut Chunk,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Chunk {
    pub(super) offset: u32,
    pub(super) size: u32,
    pub(super) stride: i32,
    pub(super) flags: i32,
}

/// A hook's memory belongs to the caller and is filled in by the library.
#[repr(C)]
pub(super) struct Hook([*mut c_void; 6]);

impl Hook {
    pub(super) const EMPTY: Self = Self([std::ptr::null_mut(); 6]);
}

/// Version 0 of the stream's events: no more of them are wanted.
#[repr(C)]
pub(super) struct StreamEvents {
    pub(super) version: u32,
    pub(super) destroy: Option<unsafe extern "C" fn(*mut c_void)>,
    pub(super) state_changed:
        Option<unsafe extern "C" fn(*mut c_void, c_int, c_int, *const c_char)>,
    pub(super) control_info: Option<unsafe extern "C" fn(*mut c_void, u32, *const c_void)>,
    pub(super) io_changed: Option<unsafe extern "C" fn(*mut c_void, u32, *mut c_void, u32)>,
    pub(super) param_changed: Option<unsafe extern "C" fn(*mut c_void, u32, *const u32)>,
    pub(super) add_buffer: Option<unsafe extern "C" fn(*mut c_void, *mut Buffer)>,
    pub(super) remove_buffer: Option<unsafe extern "C" fn(*mut c_void, *mut Buffer)>,
    pub(super) process: Option<unsafe extern "C" fn(*mut c_void)>,
    pub(super) drained: Option<unsafe extern "C" fn(*mut c_void)>,
}

macro_rules! library {
    ($($name:ident: fn($($argument:ty),*) $(-> $result:ty)?;)*) => {
        /// The functions of libpipewire.
        pub(super) struct Library {
            $(pub(super) $name: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
        }

        impl Library {
            fn load() -> Result<Self, String> {
                let handle = open()?;
                Ok(Self { $($name: {
                    let name = concat!(stringify!($name), "\0");
                    // SAFETY: the handle is open for the life of the process and the name ends in a zero.
                    let found = unsafe { dlsym(handle, name.as_ptr().cast()) };
                    if found.is_null() {
                        return Err(format!("it has no {}", stringify!($name)));
                    }
                    // SAFETY: the library's function of this name has this type, by its headers.
                    unsafe { transmute_copy::<*mut c_void, unsafe extern "C" fn($($argument),*) $(-> $result)?>(&found) }
                },)* })
            }
        }
    };
}

library! {
    pw_init: fn(*mut c_int, *mut c_void);
    pw_thread_loop_new: fn(*const c_char, *const c_void) -> Opaque;
    pw_thread_loop_destroy: fn(Opaque);
    pw_thread_loop_start: fn(Opaque) -> c_int;
    pw_thread_loop_stop: fn(Opaque);
    pw_thread_loop_lock: fn(Opaque);
    pw_thread_loop_unlock: fn(Opaque);
    pw_thread_loop_get_loop: fn(Opaque) -> Opaque;
    pw_context_new: fn(Opaque, Opaque, usize) -> Opaque;
    pw_context_destroy: fn(Opaque);
    pw_context_connect_fd: fn(Opaque, c_int, Opaque, usize) -> Opaque;
    pw_core_disconnect: fn(Opaque) -> c_int;
    pw_properties_new_string: fn(*const c_char) -> Opaque;
    pw_stream_new: fn(Opaque, *const c_char, Opaque) -> Opaque;
    pw_stream_destroy: fn(Opaque);
    pw_stream_add_listener: fn(Opaque, *mut Hook, *const StreamEvents, *mut c_void);
    pw_stream_connect: fn(Opaque, c_int, u32, u32, *const *const u32, u32) -> c_int;
    pw_stream_update_params: fn(Opaque, *const *const u32, u32) -> c_int;
    pw_stream_dequeue_buffer: fn(Opaque) -> *mut Buffer;
    pw_stream_queue_buffer: fn(Opaque, *mut Buffer) -> c_int;
}

unsafe extern "C" {
    fn dlopen(name: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    fn dlerror() -> *const c_char;
}

const RTLD_NOW: c_int = 2;

fn open() -> Result<*mut c_void, String> {
    // SAFETY: the name ends in a zero; a library's initialisers run, which is what opening one means. It is never closed.
    let handle = unsafe { dlopen(c"libpipewire-0.3.so.0".as_ptr(), RTLD_NOW) };
    if !handle.is_null() {
        return Ok(handle);
    }
    // SAFETY: called right after a failure in this thread; the text is the library's until the next call.
    let why = unsafe {
        let why = dlerror();
        (!why.is_null()).then(|| CStr::from_ptr(why).to_string_lossy().into_owned())
    };
    Err(why.unwrap_or_default())
}

/// libpipewire, opened and initialised once.
pub(super) fn library() -> Result<&'static Library, Error> {
    static LIBRARY: OnceLock<Result<Library, String>> = OnceLock::new();
    let loaded = LIBRARY.get_or_init(|| {
        let library = Library::load()?;
        // SAFETY: both arguments may be null; called once.
        unsafe { (library.pw_init)(std::ptr::null_mut(), std::ptr::null_mut()) };
        Ok(library)
    });
    loaded.as_ref().map_err(|why| {
        Error::Unsupported(format!(
            "the portal hands out its pictures through PipeWire, and libpipewire-0.3.so.0 cannot be used ({why}): install it (Debian: libpipewire-0.3-0)"
        ))
    })
}
