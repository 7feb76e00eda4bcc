"""Read a running watcher's frames with nothing but Python: no ironcliw, no NumPy.

    ironcliw watch --share &
    python read_ring.py                   # prints the newest frames' numbers, sizes and mean colours
    python read_ring.py SOCKET COUNT

The layout is docs/reference/ring.md, the request docs/reference/ipc.md. This relies on x86-64, where an aligned access
of eight bytes is one access and loads keep their order; elsewhere take the package.
"""

import array
import json
import mmap
import os
import socket
import struct
import sys
import tempfile
import time
from pathlib import Path

HEADER_BYTES, RECORD_BYTES = 512, 128
STATE, NEWEST = 32, 40  # words of eight bytes
LIVE = 1


def socket_path() -> str:
    """Where the watcher called ``watch`` answers."""
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    if folder and Path(folder).is_dir():
        return f"{folder}/ironcliw/watch.sock"
    return f"{tempfile.gettempdir()}/ironcliw-{os.getuid()}/watch.sock"


def ask_for_ring(path: str) -> int:
    """The descriptor of the ring's memory."""
    text = json.dumps({"verb": "ring", "arguments": {"version": 2}}).encode()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        peer.connect(path)
        peer.sendall(struct.pack("<II", len(text), 0) + text)
        start, ancillary, _, _ = peer.recvmsg(8, socket.CMSG_LEN(4), socket.MSG_CMSG_CLOEXEC)
        length = struct.unpack("<II", start)[0]
        reply = json.loads(peer.recv(length, socket.MSG_WAITALL))
    fds = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(data)
    if "error" in reply or len(fds) != 1:
        sys.exit(f"read_ring: {reply.get('error', 'the watcher handed over no ring')}")
    return fds[0]


class Ring:
    """The ring in memory file ``fd``."""

    def __init__(self, fd: int) -> None:
        self.memory = mmap.mmap(fd, os.fstat(fd).st_size, access=mmap.ACCESS_READ)
        os.close(fd)
        magic, version, self.slots = struct.unpack_from("<8sII", self.memory, 0)
        if magic != b"IRONCRNG" or version != 2:
            sys.exit("read_ring: this is no ring of version 2")
        _, self.pixels_at, self.slot_bytes, _ = struct.unpack_from("<4Q", self.memory, 16)
        self.width, self.height, self.stride = struct.unpack_from("<3I", self.memory, 48)
        self.words = memoryview(self.memory)[: HEADER_BYTES + self.slots * RECORD_BYTES].cast("Q")

    def newest(self) -> tuple[int, int, int, memoryview] | None:
        """Slot, generation, sequence and pixels (BGRX rows) of the newest frame; None where there is none."""
        if self.words[NEWEST] == 0:
            return None
        slot = self.words[NEWEST] - 1
        record = (HEADER_BYTES + slot * RECORD_BYTES) // 8
        generation = self.words[record]
        sequence = self.words[record + 1]
        if generation % 2 or self.words[record] != generation:
            return None
        start = self.pixels_at + slot * self.slot_bytes
        return slot, generation, sequence, memoryview(self.memory)[start : start + self.stride * self.height]

    def is_current(self, slot: int, generation: int) -> bool:
        """Whether the slot was not written into since it had this generation."""
        return self.words[(HEADER_BYTES + slot * RECORD_BYTES) // 8] == generation


def main() -> None:
    """Print ``COUNT`` frames as they come."""
    path = sys.argv[1] if len(sys.argv) > 1 else socket_path()
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    ring = Ring(ask_for_ring(path))
    seen = -1
    while count and ring.words[STATE] == LIVE:
        found = ring.newest()
        if found is None or found[2] == seen:
            time.sleep(0.01)
            continue
        slot, generation, seen, pixels = found
        means = [sum(pixels[channel::4]) / (len(pixels) // 4) for channel in (2, 1, 0)]
        if ring.is_current(slot, generation):  # else it was drawn over while it was read: look at the next one
            red, green, blue = means
            print(f"frame {seen}: {ring.width}x{ring.height}, mean {red:.1f} {green:.1f} {blue:.1f}", flush=True)
            count -= 1


if __name__ == "__main__":
    main()
