//! The calls of `BloomBits` that take one key, as plain C functions of one argument.
//!
//! The work of such a call takes some 10 ns, and taking its argument apart and keeping count of who is attached to the
//! interpreter, as pyo3 does for every method, another 15. So a class is made here that inherits from pyo3's and adds to
//! it `add`, `contains`, `check_and_add` and `in`, in the form that Python itself calls.
//!
//! With `buffer.rs` the only unsafe code of the bindings. What it relies on:
//!
//! - Python calls the functions below with a pointer to an instance of the class they are in (the method descriptor and
//!   the slot see to it) and one to some object, both of which stay while the call lasts, and as a thread that is
//!   attached to the interpreter;
//! - an instance of the class is one of `BloomStore`, from which it inherits its memory, its making and its end;
//! - no panic leaves them: each becomes a RuntimeError, as in `kernels::run`.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_int, c_uint, c_ulong, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use ironcliw_dedup::key_of;
use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi::{self, PyMethodDef, PyMethodDefPointer, PyObject};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyInt, PyString, PyType};

use crate::bloom::{BloomStore, refusal};

const NAME: &CStr = c"ironcliw._native.BloomBits";
const DOC: &CStr = c"The bits of a Bloom filter; see ``ironcliw.kernels.protocol.BloomBits``.";
/// The methods, of which those of one key come first; a zeroed one ends the table.
static METHODS: Table = Table([
    method(c"add", c"add($self, key, /)\n--\n\nAdd one key.", add, 0),
    method(
        c"contains",
        c"contains($self, key, /)\n--\n\nWhether the key was added, or others that together have its bits.",
        contains,
        0,
    ),
    method(
        c"check_and_add",
        c"check_and_add($self, key, /)\n--\n\nAdd one key; whether it was found before.",
        check_and_add,
        0,
    ),
    method(
        c"__init_subclass__",
        c"__init_subclass__($type, /)\n--\n\nGives a class that inherits from this one alone the methods of one key as its own.",
        init_subclass,
        ffi::METH_CLASS,
    ),
    PyMethodDef::zeroed(),
]);
const OF_ONE_KEY: usize = 3;

struct Table([PyMethodDef; 5]);

// SAFETY: pointers to constants and functions, which nobody writes to.
unsafe impl Sync for Table {}

type Call = unsafe extern "C" fn(*mut PyObject, *mut PyObject) -> *mut PyObject;

const fn method(name: &'static CStr, doc: &'static CStr, call: Call, flags: c_int) -> PyMethodDef {
    PyMethodDef {
        ml_name: name.as_ptr(),
        ml_meth: PyMethodDefPointer { PyCFunction: call },
        ml_flags: flags
            | if flags == 0 {
                ffi::METH_O
            } else {
                ffi::METH_NOARGS
            },
        ml_doc: doc.as_ptr(),
    }
}

/// Makes the class.
pub(crate) fn class(py: Python<'_>) -> PyResult<Bound<'_, PyType>> {
    let slot = |slot, pfunc| ffi::PyType_Slot { slot, pfunc };
    let mut slots = [
        slot(ffi::Py_tp_doc, DOC.as_ptr() as *mut c_void),
        slot(ffi::Py_tp_methods, METHODS.0.as_ptr() as *mut c_void),
        slot(ffi::Py_sq_contains, is_in as ffi::objobjproc as *mut c_void),
        slot(0, ptr::null_mut()),
    ];
    let mut spec = ffi::PyType_Spec {
        name: NAME.as_ptr(),
        basicsize: 0,
        itemsize: 0,
        flags: (ffi::Py_TPFLAGS_DEFAULT | ffi::Py_TPFLAGS_BASETYPE) as c_uint,
        slots: slots.as_mut_ptr(),
    };
    let base = py.get_type::<BloomStore>();
    // SAFETY: the specification is complete, ends as it must, and is copied but for the methods, which stay. A
    // size of 0 is that of the base. What comes back is a class of our own, or null with an exception set.
    unsafe {
        let made = ffi::PyType_FromSpecWithBases(&raw mut spec, base.as_ptr());
        Ok(Bound::from_owned_ptr_or_err(py, made)?.cast_into_unchecked())
    }
}

unsafe extern "C" fn add(slf: *mut PyObject, key: *mut PyObject) -> *mut PyObject {
    let work = |py: Python<'_>, store: &BloomStore, key| {
        store.check_and_add(py, key);
        Ok(py.None().into_ptr())
    };
    // SAFETY: called by Python, as the file's head says.
    unsafe { call(slf, key, ptr::null_mut(), work) }
}

unsafe extern "C" fn contains(slf: *mut PyObject, key: *mut PyObject) -> *mut PyObject {
    let work = |py: Python<'_>, store: &BloomStore, key| Ok(answer(py, store.0.contains(key)));
    // SAFETY: called by Python, as the file's head says.
    unsafe { call(slf, key, ptr::null_mut(), work) }
}

unsafe extern "C" fn check_and_add(slf: *mut PyObject, key: *mut PyObject) -> *mut PyObject {
    let work =
        |py: Python<'_>, store: &BloomStore, key| Ok(answer(py, store.check_and_add(py, key)));
    // SAFETY: called by Python, as the file's head says.
    unsafe { call(slf, key, ptr::null_mut(), work) }
}

unsafe extern "C" fn is_in(slf: *mut PyObject, key: *mut PyObject) -> c_int {
    let work = |_: Python<'_>, store: &BloomStore, key| Ok(store.0.contains(key).into());
    // SAFETY: called by Python, as the file's head says.
    unsafe { call(slf, key, -1, work) }
}

/// Python calls a method in the short way only for objects of exactly the class that the method is of, so a class that
/// inherits from ours and nothing else gets the methods once more; where it has one of its own, that one stands. A class
/// further down gets none: one that stands between may have its own, now or later.
unsafe extern "C" fn init_subclass(class: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    // SAFETY: called by Python, with a class that inherits from the one here.
    let (py, class) = unsafe {
        let py = Python::assume_attached();
        (py, Borrowed::from_ptr(py, class))
    };
    match give_methods(py, &class) {
        Ok(()) => py.None().into_ptr(),
        Err(error) => {
            error.restore(py);
            ptr::null_mut()
        }
    }
}

fn give_methods(py: Python<'_>, class: &Bound<'_, PyAny>) -> PyResult<()> {
    let bases = class.getattr("__bases__")?;
    let ours = bases.get_item(0)?.getattr("__base__")?;
    if bases.len()? > 1 || !ours.is(py.get_type::<BloomStore>()) {
        return Ok(());
    }
    let own = class.getattr("__dict__")?;
    for method in &METHODS.0[..OF_ONE_KEY] {
        // SAFETY: the names are constants.
        let name = unsafe { CStr::from_ptr(method.ml_name) };
        let name = PyString::new(py, &name.to_string_lossy());
        if own.contains(&name)? {
            continue;
        }
        // SAFETY: the method is not written to and stays; instances of the class are what it expects.
        let method = unsafe {
            let made =
                ffi::PyDescr_NewMethod(class.as_ptr().cast(), ptr::from_ref(method).cast_mut());
            Bound::from_owned_ptr_or_err(py, made)?
        };
        class.setattr(name, method)?;
    }
    Ok(())
}

fn answer(py: Python<'_>, answer: bool) -> *mut PyObject {
    PyBool::new(py, answer).to_owned().into_ptr()
}

/// Does `work` with the bits of `slf` and the 64-bit key of `key`, and gives `failed` with an exception set where there
/// is an error or a panic.
///
/// # Safety
///
/// `slf` and `key` are what Python called one of the functions above with.
#[inline]
unsafe fn call<T>(
    slf: *mut PyObject,
    key: *mut PyObject,
    failed: T,
    work: impl FnOnce(Python<'_>, &BloomStore, u64) -> PyResult<T>,
) -> T {
    // SAFETY: Python's own threads are attached when they call.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: both point to objects that live while the call lasts, and the first is a `BloomStore`.
    let (slf, key) = unsafe {
        let slf = Borrowed::from_ptr(py, slf).cast_unchecked::<BloomStore>();
        (slf, Borrowed::from_ptr(py, key))
    };
    let done = catch_unwind(AssertUnwindSafe(|| work(py, slf.get(), key_from(&key)?)));
    let error = match done {
        Ok(Ok(done)) => return done,
        Ok(Err(error)) => error,
        Err(_) => PyRuntimeError::new_err("a native kernel failed"),
    };
    error.restore(py);
    failed
}

/// The 64-bit key of bytes, of text (as UTF-8) or of a number.
#[inline]
fn key_from(key: &Bound<'_, PyAny>) -> PyResult<u64> {
    // Whether a class is exactly this one is one comparison, and whether it inherits from it a call of Python's.
    if key.is_exact_instance_of::<PyInt>() {
        number(key)
    } else if key.is_exact_instance_of::<PyBytes>() {
        // SAFETY: that was just asked.
        let bytes = unsafe { key.cast_unchecked::<PyBytes>() };
        Ok(key_of(bytes.as_bytes()))
    } else if key.is_exact_instance_of::<PyString>() {
        // SAFETY: that was just asked.
        let text = unsafe { key.cast_unchecked::<PyString>() };
        Ok(key_of(text.to_str()?.as_bytes()))
    } else {
        inherited(key)
    }
}

#[cold]
fn inherited(key: &Bound<'_, PyAny>) -> PyResult<u64> {
    if let Ok(bytes) = key.cast::<PyBytes>() {
        Ok(key_of(bytes.as_bytes()))
    } else if let Ok(text) = key.cast::<PyString>() {
        Ok(key_of(text.to_str()?.as_bytes()))
    } else {
        key.extract().or_else(|_| refuse(key))
    }
}

/// The value of an exact int. Where C's unsigned long has 64 bits, Python converts to it in a third of the time that it
/// takes for an unsigned long long.
#[inline]
fn number(key: &Bound<'_, PyAny>) -> PyResult<u64> {
    if c_ulong::BITS != u64::BITS {
        return key.extract().or_else(|_| refuse(key));
    }
    // SAFETY: an int is passed, by a thread that is attached.
    let value = unsafe { ffi::PyLong_AsUnsignedLong(key.as_ptr()) };
    if value == c_ulong::MAX && PyErr::take(key.py()).is_some() {
        return refuse(key);
    }
    Ok(value as u64)
}

#[cold]
fn refuse(key: &Bound<'_, PyAny>) -> PyResult<u64> {
    Err(refusal("key: expected bytes, str or", key)?)
}
