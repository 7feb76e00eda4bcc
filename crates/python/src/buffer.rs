//! Arrays handed over from Python, through the buffer protocol: checked, and seen as slices.
//!
//! The only unsafe code of the bindings. Three things make a slice of Python's memory sound:
//!
//! - the memory stays where it is, because a buffer that is held may be neither freed nor resized;
//! - it is as large as shape and strides say, which is the exporter's promise (and dtype, shape, strides and alignment
//!   are checked here);
//! - nobody writes to what is read, or touches what is written, meanwhile. Among the arguments of one call [`disjoint`]
//!   sees to it. Another thread that writes into the same array during the call is what cannot be excluded from here;
//!   callers must not let it happen. It would make the answer meaningless, as it does with NumPy's own functions.
//!
//! Texts of errors are the same as in `python/ironcliw/kernels/reference/arrays.py`.

#![allow(unsafe_code)]

use std::borrow::Cow;
use std::fmt::Display;
use std::marker::PhantomData;
use std::ops::Range;
use std::slice;

use ironcliw_change::{Frame, FrameMut, Layout};
use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// An argument that is an array of some kind.
struct Array {
    buffer: PyUntypedBuffer,
    name: &'static str,
}

impl Array {
    fn get(
        object: &Bound<'_, PyAny>,
        name: &'static str,
        expected: impl Fn() -> String,
    ) -> PyResult<Self> {
        match PyUntypedBuffer::get(object) {
            Ok(buffer) if buffer.dimensions() > 0 && buffer.suboffsets().is_none() => {
                Ok(Self { buffer, name })
            }
            _ => {
                let kind = object.get_type().name()?;
                Err(PyValueError::new_err(format!(
                    "{name}: expected {}, got {kind}",
                    expected()
                )))
            }
        }
    }

    fn refuse<T>(&self, expected: impl Display, got: impl Display) -> PyResult<T> {
        Err(PyValueError::new_err(format!(
            "{}: expected {expected}, got {got}",
            self.name
        )))
    }

    /// NumPy's name of the element type.
    fn dtype(&self) -> Cow<'static, str> {
        let format = self.buffer.format().to_bytes();
        let size_bytes = self.buffer.item_size();
        let (order, letter) = match *format {
            [letter] => (b'@', letter),
            [order @ (b'@' | b'=' | b'<' | b'>' | b'!'), letter] => (order, letter),
            _ => (b'@', b' '),
        };
        let kind = match letter {
            b'B' if size_bytes == 1 => return Cow::Borrowed("uint8"),
            b'?' => return Cow::Borrowed("bool"),
            b'b' | b'h' | b'i' | b'l' | b'q' | b'n' => "int",
            b'B' | b'H' | b'I' | b'L' | b'Q' | b'N' => "uint",
            b'e' | b'f' | b'd' | b'g' => "float",
            _ => return Cow::Owned(format!("format {}", String::from_utf8_lossy(format))),
        };
        let foreign = if cfg!(target_endian = "little") {
            &b">!"[..]
        } else {
            &b"<"[..]
        };
        let order = if size_bytes > 1 && foreign.contains(&order) {
            "byte-swapped "
        } else {
            ""
        };
        // Those that arrays of cells have, without a new string for each call.
        Cow::Borrowed(match (order, kind, size_bytes) {
            ("", "uint", 2) => "uint16",
            ("", "uint", 4) => "uint32",
            ("", "uint", 8) => "uint64",
            ("", "int", 4) => "int32",
            _ => return Cow::Owned(format!("{order}{kind}{}", 8 * size_bytes)),
        })
    }

    /// Element type and shape, for messages.
    fn describe(&self) -> String {
        format!("{} {}", self.dtype(), tuple(self.buffer.shape()))
    }

    fn check_writable(&self) -> PyResult<()> {
        if self.buffer.readonly() {
            self.refuse("a writable array", "a read-only one")
        } else {
            Ok(())
        }
    }

    fn start(&self) -> usize {
        self.buffer.buf_ptr() as usize
    }
}

/// `(1, 2)` and `(1,)`, as Python prints them.
fn tuple<T: Display>(items: &[T]) -> String {
    let comma = if items.len() == 1 { "," } else { "" };
    let items: Vec<String> = items.iter().map(T::to_string).collect();
    format!("({}{comma})", items.join(", "))
}

/// An argument of one call in memory, to see which arguments share some: name, bytes, whether it is written.
pub(crate) type Place = (&'static str, Range<usize>, bool);

/// Fails where one argument is written and another lies (even partly) between its first and last byte.
pub(crate) fn disjoint(places: &[Option<Place>]) -> PyResult<()> {
    let places: &mut dyn Iterator<Item = &Place> = &mut places.iter().flatten();
    let mut seen: [Option<&Place>; 8] = [None; 8];
    for (count, place) in places.enumerate() {
        for other in seen.iter().flatten() {
            if (place.2 || other.2) && place.1.start < other.1.end && other.1.start < place.1.end {
                return Err(PyValueError::new_err(format!(
                    "{} and {} overlap in memory",
                    other.0, place.0
                )));
            }
        }
        seen[count] = Some(place);
    }
    Ok(())
}

/// A (height, width, 3 or 4) uint8 argument.
pub(crate) struct Pixels {
    array: Array,
    layout: Layout,
    size_bytes: usize,
    writable: bool,
}

impl Pixels {
    /// A frame to read, of `size` (height, width) where that is given.
    pub fn input(
        object: &Bound<'_, PyAny>,
        name: &'static str,
        size: Option<(usize, usize)>,
    ) -> PyResult<Self> {
        Self::get(object, name, size, false)
    }

    /// A frame of four channels to write, of `size` where that is given.
    pub fn output(
        object: &Bound<'_, PyAny>,
        name: &'static str,
        size: Option<(usize, usize)>,
    ) -> PyResult<Self> {
        Self::get(object, name, size, true)
    }

    fn get(
        object: &Bound<'_, PyAny>,
        name: &'static str,
        size: Option<(usize, usize)>,
        writable: bool,
    ) -> PyResult<Self> {
        let channels = if writable { "4" } else { "3 or 4" };
        let expected = || match size {
            Some((height, width)) => {
                format!("a uint8 array of shape ({height}, {width}, {channels})")
            }
            None => format!("a uint8 array of shape (height, width, {channels})"),
        };
        let array = Array::get(object, name, expected)?;
        let (height, width, channels) = match *array.buffer.shape() {
            [height, width, channels]
                if array.dtype() == "uint8"
                    && (channels == 4 || channels == 3 && !writable)
                    && size.is_none_or(|size| size == (height, width)) =>
            {
                (height, width, channels)
            }
            _ => return array.refuse(expected(), array.describe()),
        };
        if height == 0 || width == 0 {
            return array.refuse("at least one pixel", array.describe());
        }
        let (layout, size_bytes) = Self::layout(&array, height, width, channels)?;
        if writable {
            array.check_writable()?;
        }
        Ok(Self {
            array,
            layout,
            size_bytes,
            writable,
        })
    }

    /// The layout that the strides mean, and its size.
    fn layout(
        array: &Array,
        height: usize,
        width: usize,
        channels: usize,
    ) -> PyResult<(Layout, usize)> {
        let strides = array.buffer.strides();
        // The stride of an axis of length 1 is never used, and may be anything.
        let pixel_stride = if width == 1 {
            channels
        } else {
            strides[1].try_into().unwrap_or(0)
        };
        let row_stride = if height == 1 {
            0
        } else {
            strides[0].try_into().unwrap_or(0)
        };
        let layout = Layout {
            height,
            width,
            channels,
            row_stride,
            pixel_stride,
        };
        match layout.size_bytes() {
            Ok(size_bytes) if strides[2] == 1 => Ok((layout, size_bytes)),
            _ => array.refuse(
                "rows one after another, of pixels 3 or 4 bytes apart",
                strided(strides),
            ),
        }
    }

    /// Height and width.
    pub fn size(&self) -> (usize, usize) {
        (self.layout.height, self.layout.width)
    }

    /// Rows and columns of tiles.
    pub fn grid(&self) -> (usize, usize) {
        self.layout.grid()
    }

    /// Where it lies.
    pub fn place(&self) -> Option<Place> {
        let start = self.array.start();
        Some((
            self.array.name,
            start..start + self.size_bytes,
            self.writable,
        ))
    }

    /// The pixels, to read.
    pub fn frame(&self) -> Result<Frame<'_>, ironcliw_change::Error> {
        let start = self.array.buffer.buf_ptr().cast::<u8>();
        // SAFETY: the held buffer has the bytes that shape and strides need, and nobody writes: see the file's head.
        let bytes = unsafe { slice::from_raw_parts(start, self.size_bytes) };
        Frame::new(bytes, self.layout)
    }

    /// The pixels, to write.
    pub fn frame_mut(&mut self) -> Result<FrameMut<'_>, ironcliw_change::Error> {
        assert!(self.writable);
        let start = self.array.buffer.buf_ptr().cast::<u8>();
        // SAFETY: as for `frame`; the buffer is writable, and nobody else touches it.
        let bytes = unsafe { slice::from_raw_parts_mut(start, self.size_bytes) };
        FrameMut::new(bytes, self.layout)
    }
}

fn strided(strides: &[isize]) -> String {
    format!("strides {}", tuple(strides))
}

/// What a cell of an array of one cell per tile may be: any bytes are a valid value of it.
pub(crate) trait Cell {
    /// What NumPy calls it; the first that fits is taken.
    const DTYPES: &'static [&'static str];
}

impl Cell for u8 {
    const DTYPES: &'static [&'static str] = &["bool", "uint8"];
}

impl Cell for u16 {
    const DTYPES: &'static [&'static str] = &["uint16"];
}

impl Cell for u32 {
    const DTYPES: &'static [&'static str] = &["uint32"];
}

impl Cell for i32 {
    const DTYPES: &'static [&'static str] = &["int32"];
}

impl Cell for u64 {
    const DTYPES: &'static [&'static str] = &["uint64"];
}

/// A C-contiguous argument with cells for every tile.
pub(crate) struct Cells<T> {
    array: Array,
    writable: bool,
    cell: PhantomData<T>,
}

impl<T: Cell> Cells<T> {
    /// Cells to read, None staying None.
    pub fn input(
        object: Option<&Bound<'_, PyAny>>,
        name: &'static str,
        shape: &[usize],
    ) -> PyResult<Option<Self>> {
        object
            .map(|object| Self::get(object, name, shape, false))
            .transpose()
    }

    /// Cells to write.
    pub fn output(
        object: &Bound<'_, PyAny>,
        name: &'static str,
        shape: &[usize],
    ) -> PyResult<Self> {
        Self::get(object, name, shape, true)
    }

    /// Cells to read, in one row of any length.
    pub fn list(object: &Bound<'_, PyAny>, name: &'static str) -> PyResult<Self> {
        let expected = || format!("a {} array of shape (count,)", T::DTYPES.join(" or "));
        let array = Array::get(object, name, expected)?;
        match *array.buffer.shape() {
            [count] if T::DTYPES.contains(&&*array.dtype()) => {
                Self::get(object, name, &[count], false)
            }
            _ => array.refuse(expected(), array.describe()),
        }
    }

    /// At least one block of cells of this shape to write.
    pub fn blocks(
        object: &Bound<'_, PyAny>,
        name: &'static str,
        shape: &[usize],
    ) -> PyResult<Self> {
        let sides: Vec<String> = shape.iter().map(usize::to_string).collect();
        let expected = || {
            let dtypes = T::DTYPES.last().unwrap_or(&"");
            format!("a {dtypes} array of shape (capacity, {})", sides.join(", "))
        };
        let array = Array::get(object, name, expected)?;
        match array.buffer.shape() {
            [capacity, rest @ ..]
                if array.dtype() == T::DTYPES[T::DTYPES.len() - 1] && rest == shape =>
            {
                if *capacity == 0 {
                    let block = if shape.len() > 1 { "tile" } else { "row" };
                    return array.refuse(format_args!("at least one {block}"), array.describe());
                }
                Self::get(object, name, &[&[*capacity], shape].concat(), true)
            }
            _ => array.refuse(expected(), array.describe()),
        }
    }

    fn get(
        object: &Bound<'_, PyAny>,
        name: &'static str,
        shape: &[usize],
        writable: bool,
    ) -> PyResult<Self> {
        let expected = || {
            let article = if T::DTYPES[0].starts_with('i') {
                "an"
            } else {
                "a"
            };
            format!(
                "{article} {} array of shape {}",
                T::DTYPES.join(" or "),
                tuple(shape)
            )
        };
        let array = Array::get(object, name, expected)?;
        if !T::DTYPES.contains(&&*array.dtype()) || array.buffer.shape() != shape {
            return array.refuse(expected(), array.describe());
        }
        if !array.buffer.is_c_contiguous() {
            return array.refuse("C-contiguous memory", strided(array.buffer.strides()));
        }
        if array.start() % align_of::<T>() != 0 {
            return array.refuse(
                format_args!("memory aligned to {} bytes", align_of::<T>()),
                "an unaligned array",
            );
        }
        if writable {
            array.check_writable()?;
        }
        Ok(Self {
            array,
            writable,
            cell: PhantomData,
        })
    }

    /// Where they lie.
    pub fn place(&self) -> Option<Place> {
        let start = self.array.start();
        Some((
            self.array.name,
            start..start + self.array.buffer.len_bytes(),
            self.writable,
        ))
    }

    /// The cells, to read.
    pub fn cells(&self) -> &[T] {
        let start = self.array.buffer.buf_ptr().cast::<T>();
        // SAFETY: the held buffer is contiguous, aligned and of as many elements of this size (that is what the
        // element types in DTYPES say), of which any bytes are a value; nobody writes: see the file's head.
        unsafe { slice::from_raw_parts(start, self.array.buffer.item_count()) }
    }

    /// The cells, to write.
    pub fn cells_mut(&mut self) -> &mut [T] {
        assert!(self.writable);
        let start = self.array.buffer.buf_ptr().cast::<T>();
        // SAFETY: as for `cells`; the buffer is writable, and nobody else touches it.
        unsafe { slice::from_raw_parts_mut(start, self.array.buffer.item_count()) }
    }
}
