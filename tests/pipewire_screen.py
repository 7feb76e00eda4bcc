"""A PipeWire node that shows pictures as a desktop does: with damage and the pointer beside them, of changing size.

    python pipewire_screen.py WIDTH HEIGHT FPS       # FPS 0: no fixed rate

Stdin: for each picture 20 bytes (width, height, x and y of the pointer or -1, count of rectangles), as many rectangles
of 16 bytes, then width * height * 4 bytes BGRX. No rectangles: it does not say what changed. It is the other end of
``fake_portal.Desktop``.
"""

from __future__ import annotations

import ctypes
import struct
import sys
import threading
from typing import Any, BinaryIO

ID, INT, RECTANGLE, FRACTION, OBJECT, CHOICE = 3, 4, 10, 11, 15, 19
FORMAT_OBJECT, BUFFERS_OBJECT, META_OBJECT = 0x40003, 0x40004, 0x40005
ENUM_FORMAT, FORMAT, BUFFERS, META = 3, 4, 5, 6
RANGE = 1
HEADER, DAMAGE, CURSOR = 1, 3, 5
MOST_RECTS = 16
STREAMING = 3
OUTPUT, ANY, MAP_BUFFERS, DRIVER = 1, 0xFFFFFFFF, 1 << 2, 1 << 3
BGRX = 8
MORE_CYCLES = 10
"""A buffer is on its way one cycle after it was queued, and later where the one before was not taken yet."""
LONGEST_CYCLE = 100
"""After so many times that another was wanted, a cycle whose end was not told is over."""

Pointer, Word = ctypes.c_void_p, ctypes.c_uint32


class Meta(ctypes.Structure):
    _fields_ = (("kind", Word), ("size", Word), ("data", Pointer))


class Chunk(ctypes.Structure):
    _fields_ = (("offset", Word), ("size", Word), ("stride", ctypes.c_int32), ("flags", ctypes.c_int32))


class Data(ctypes.Structure):
    _fields_ = (("kind", Word), ("flags", Word), ("fd", ctypes.c_int64), ("map_offset", Word), ("max_size", Word),
                ("data", Pointer), ("chunk", ctypes.POINTER(Chunk)))  # fmt: skip


class SpaBuffer(ctypes.Structure):
    _fields_ = (("n_metas", Word), ("n_datas", Word), ("metas", ctypes.POINTER(Meta)), ("datas", ctypes.POINTER(Data)))


class Buffer(ctypes.Structure):
    _fields_ = (("buffer", ctypes.POINTER(SpaBuffer)), ("user", Pointer), ("size", ctypes.c_uint64))


StateChanged = ctypes.CFUNCTYPE(None, Pointer, ctypes.c_int, ctypes.c_int, ctypes.c_char_p)
ParamChanged = ctypes.CFUNCTYPE(None, Pointer, Word, ctypes.POINTER(Word))
Process = ctypes.CFUNCTYPE(None, Pointer)


class Events(ctypes.Structure):
    _fields_ = (("version", Word), ("destroy", Pointer), ("state_changed", StateChanged), ("control_info", Pointer),
                ("io_changed", Pointer), ("param_changed", ParamChanged), ("add_buffer", Pointer),
                ("remove_buffer", Pointer), ("process", Process), ("drained", Pointer),
                ("command", Pointer), ("trigger_done", Process))  # fmt: skip


def pod(kind: int, parameter: int, *values: tuple[int, int, tuple[int, ...]]) -> Any:
    """An object with properties of one value (key, type, words), or of a range (key, -type, words)."""
    words = [0, OBJECT, kind, parameter]
    for key, form, given in values:
        if form < 0:
            words += [key, 0, 16 + 4 * len(given), CHOICE, RANGE, 0, 4 * len(given) // 3, -form]
        else:
            words += [key, 0, 4 * len(given), form]
        words += given
        words += [0] * (len(words) % 2)
    words[0] = 4 * (len(words) - 2)
    return (Word * len(words))(*words)


def format_of(width: int, height: int, fps: int) -> Any:
    return pod(FORMAT_OBJECT, ENUM_FORMAT, (1, ID, (2,)), (2, ID, (1,)), (0x20001, ID, (BGRX,)),
               (0x20003, RECTANGLE, (width, height)), (0x20004, FRACTION, (fps, 1)))  # fmt: skip


def params(*pods: Any) -> Any:
    return (Pointer * len(pods))(*(ctypes.cast(each, Pointer) for each in pods))


class Screen:
    """The node, and the newest picture with all that changed since the last one that was sent."""

    def __init__(self, width: int, height: int, fps: int) -> None:
        self._size, self._fps, self._agreed = (width, height), fps, (0, 0)
        self._pixels, self._cursor = b"", (-1, -1)
        self._rects: list[tuple[int, int, int, int]] | None = None
        self._due, self._unsent, self._waits = False, 0, 0
        self._lib = lib = ctypes.CDLL("libpipewire-0.3.so.0")
        for name in ("thread_loop_new", "thread_loop_get_loop", "context_new", "context_connect",
                     "properties_new_string", "stream_new"):  # fmt: skip
            getattr(lib, f"pw_{name}").restype = Pointer
        lib.pw_stream_dequeue_buffer.restype = ctypes.POINTER(Buffer)
        lib.pw_init(None, None)
        self._loop = Pointer(lib.pw_thread_loop_new(b"screen", None))
        context = Pointer(
            lib.pw_context_new(Pointer(lib.pw_thread_loop_get_loop(self._loop)), None, ctypes.c_size_t(0))
        )
        core = Pointer(lib.pw_context_connect(context, None, ctypes.c_size_t(0)))
        assert core, "PipeWire does not answer"
        named = b"{ media.class = Video/Source node.name = testscreen }"
        self._stream = Pointer(lib.pw_stream_new(core, b"testscreen", Pointer(lib.pw_properties_new_string(named))))
        self._events = Events(
            version=2,
            state_changed=StateChanged(lambda _, __, state, ___: self._state_changed(state)),
            param_changed=ParamChanged(self._param_changed),
            process=Process(lambda _: self._process()),
            trigger_done=Process(lambda _: self._done()),
        )
        self._hook = (Pointer * 6)()
        lib.pw_stream_add_listener(self._stream, self._hook, ctypes.byref(self._events), None)
        offered = params(format_of(width, height, fps))
        lib.pw_stream_connect(self._stream, OUTPUT, Word(ANY), Word(MAP_BUFFERS | DRIVER), offered, Word(1))
        lib.pw_thread_loop_start(self._loop)

    def show(self, size: tuple[int, int], cursor: tuple[int, int], rects: list[Any], pixels: bytes) -> None:
        self._lib.pw_thread_loop_lock(self._loop)
        known = bool(rects) and size == self._size and (self._rects is not None or not self._due)
        self._rects = [*(self._rects or []), *rects][-MOST_RECTS - 1 :] if known else None
        if self._rects is not None and len(self._rects) > MOST_RECTS:
            self._rects = None  # more than can be told
        self._pixels, self._cursor, self._due = pixels, cursor, True
        if size != self._size:
            self._size = size
            self._lib.pw_stream_update_params(self._stream, params(format_of(*size, self._fps)), Word(1))
        self._lib.pw_thread_loop_unlock(self._loop)

    def cycle(self) -> None:
        """One cycle, where there is something to send. Cycles must not overtake each other: what they carry is lost."""
        self._lib.pw_thread_loop_lock(self._loop)
        wanted = self._pixels and (self._due or self._unsent > 0 or self._fps > 0)
        self._waits = max(0, self._waits - 1)
        if wanted and self._waits == 0:
            self._waits, self._unsent = LONGEST_CYCLE, self._unsent - 1
            self._lib.pw_stream_trigger_process(self._stream)
        self._lib.pw_thread_loop_unlock(self._loop)

    def _done(self) -> None:
        self._waits = 0

    def _state_changed(self, state: int) -> None:
        if state == STREAMING:  # what was queued before is not sent any more
            self._rects, self._due = None, bool(self._pixels)

    def _param_changed(self, _: Any, kind: int, words: Any) -> None:
        if kind != FORMAT or not words:
            return
        at, end = 4, 2 + words[0] // 4
        while at < end:
            if words[at] == 0x20003:
                value = at + (8 if words[at + 3] == CHOICE else 4)
                self._agreed = (words[value], words[value + 1])
            at += 4 + (words[at + 2] + 7) // 8 * 2
        stride = 4 * self._agreed[0]
        self._rects, self._due = None, True
        offered = [
            pod(BUFFERS_OBJECT, BUFFERS, (1, -INT, (4, 2, 8)), (2, INT, (1,)), (3, INT, (stride * self._agreed[1],)),
                (4, INT, (stride,)), (6, INT, (1 << 2,))),
            pod(META_OBJECT, META, (1, ID, (HEADER,)), (2, INT, (32,))),
            pod(META_OBJECT, META, (1, ID, (DAMAGE,)), (2, INT, (16 * MOST_RECTS,))),
            pod(META_OBJECT, META, (1, ID, (CURSOR,)), (2, INT, (28 + 20 + 64 * 64 * 4,))),
        ]  # fmt: skip
        self._lib.pw_stream_update_params(self._stream, params(*offered), Word(4))

    def _process(self) -> None:
        if not self._due and self._fps == 0:
            return
        if len(self._pixels) != 4 * self._agreed[0] * self._agreed[1]:
            return  # another size is being agreed on
        got = self._lib.pw_stream_dequeue_buffer(self._stream)
        if not got:
            return
        inner = got.contents.buffer.contents
        data = inner.datas[0]
        ctypes.memmove(data.data, self._pixels, len(self._pixels))
        data.chunk.contents.offset, data.chunk.contents.size = 0, len(self._pixels)
        data.chunk.contents.stride, data.chunk.contents.flags = 4 * self._agreed[0], 0
        for meta in inner.metas[: inner.n_metas]:
            said = self._said(meta.kind)
            ctypes.memmove(meta.data, said.ljust(min(meta.size, 256), b"\0"), min(meta.size, max(len(said), 64)))
        self._rects, self._due, self._unsent = None, False, MORE_CYCLES
        self._lib.pw_stream_queue_buffer(self._stream, got)

    def _said(self, kind: int) -> bytes:
        if kind == DAMAGE:
            return b"".join(struct.pack("=iiii", *rect) for rect in self._rects or [])
        if kind == CURSOR and self._cursor != (-1, -1):
            return struct.pack("=IIiiiiI", 1, 0, *self._cursor, 0, 0, 0)
        return b""


def pictures(screen: Screen, stdin: BinaryIO) -> None:
    while head := stdin.read(20):
        width, height, x, y, count = struct.unpack("=iiiii", head)
        rects = [struct.unpack("=iiii", stdin.read(16)) for _ in range(count)]
        screen.show((width, height), (x, y), rects, stdin.read(4 * width * height))


def main(width: int, height: int, fps: int) -> None:
    screen = Screen(width, height, fps)
    over = threading.Event()
    reader = threading.Thread(target=lambda: (pictures(screen, sys.stdin.buffer), over.set()))
    reader.start()
    while not over.wait(1 / fps if fps else 0.01):
        screen.cycle()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
