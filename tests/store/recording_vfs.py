"""An SQLite VFS that records what is written and made sure of, and what disks may hold of it after a power cut.

with Recorder() as recorder:
    log = EventLog(path, vfs=recorder.name)
    ...
    recorder.mark(log.acknowledged)
state = CrashStates(recorder.operations)
state.advance(cut)
state.write(folder, random.Random(7))
"""

from __future__ import annotations

import random
import uuid
from pathlib import Path
from typing import Any, NamedTuple

import apsw

SECTOR = 512


class Operation(NamedTuple):
    """``write``, ``truncate``, ``sync`` or ``delete`` of a file, or ``mark``: a promise that was made."""

    kind: str
    name: str = ""
    at: int = 0
    data: bytes = b""


class Recorder(apsw.VFS):
    """Passes everything on to the usual VFS, and writes it down."""

    def __init__(self) -> None:
        self.name = f"recorder-{uuid.uuid4().hex}"
        self.operations: list[Operation] = []
        super().__init__(self.name, "")

    def mark(self, promised: int) -> None:
        self.operations.append(Operation("mark", at=promised))

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _File(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        super().xDelete(filename, syncdir)
        self.operations.append(Operation("delete", Path(filename).name, at=int(syncdir)))

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *raised: object) -> None:
        self.unregister()


class _File(apsw.VFSFile):
    def __init__(self, recorder: Recorder, name: Any, flags: list[int]) -> None:
        full = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = Path(full).name if full else ""
        self._recorder = recorder
        super().__init__("", name, flags)

    def _note(self, kind: str, at: int = 0, data: bytes = b"") -> None:
        if self._name:
            self._recorder.operations.append(Operation(kind, self._name, at, data))

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        super().xWrite(data, offset)
        self._note("write", offset, bytes(data))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        self._note("truncate", newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self._note("sync")


class CrashStates:
    """What is on the disk for certain, and what may be, as the operations go by."""

    def __init__(self, operations: list[Operation], before: dict[str, bytes] | None = None) -> None:
        self._operations = operations
        self._done = 0
        self._sure = {name: bytearray(content) for name, content in (before or {}).items()}
        self._pending: dict[str, list[Operation]] = {}
        self.promised = 0

    def advance(self, cut: int) -> None:
        """To where the power is cut: after this many operations."""
        for operation in self._operations[self._done : cut]:
            self._step(operation)
        self._done = cut

    def _step(self, operation: Operation) -> None:
        name = operation.name
        if operation.kind == "mark":
            self.promised = operation.at
        elif operation.kind == "sync":
            pending = self._pending.pop(name, [])
            if name not in self._sure or any(each.kind == "delete" for each in pending):
                self._sync_folder()  # as the usual VFS does for a journal that is new
            content = self._sure.setdefault(name, bytearray())
            for each in pending:
                _apply(content, each)
        elif operation.kind == "delete" and operation.at:
            self._sure.pop(name, None)
            self._pending.pop(name, None)
        else:
            self._pending.setdefault(name, []).append(operation)

    def _sync_folder(self) -> None:
        """What was deleted is so for certain."""
        for name, pending in list(self._pending.items()):
            if pending and pending[-1].kind == "delete":
                self._sure.pop(name, None)
                del self._pending[name]

    def write(self, folder: Path, chance: random.Random) -> None:
        """One state the disk may be found in: each sector written since the last sync is there or not, in any order."""
        folder.mkdir(exist_ok=True)
        for name in {*self._sure, *self._pending}:
            content = bytearray(self._sure.get(name, b""))
            there = name in self._sure
            pending = list(self._pending.get(name, []))
            likely = chance.choice((0.0, 0.2, 0.5, 0.8, 1.0))
            if chance.random() < 0.3:
                chance.shuffle(pending)
            for operation in pending:
                for part in _sectors(operation):
                    if chance.random() < likely:
                        there = part.kind != "delete"
                        if there:
                            _apply(content, part)
                        else:
                            content.clear()
            if there:
                (folder / name).write_bytes(content)


def _sectors(operation: Operation) -> list[Operation]:
    if operation.kind != "write":
        return [operation]
    parts: list[Operation] = []
    start = operation.at
    end = operation.at + len(operation.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        parts.append(
            Operation("write", operation.name, start, operation.data[start - operation.at : stop - operation.at])
        )
        start = stop
    return parts


def _apply(content: bytearray, operation: Operation) -> None:
    if operation.kind == "truncate":
        del content[operation.at :]
        content.extend(bytes(operation.at - len(content)))
    elif operation.kind == "write":
        content.extend(bytes(max(0, operation.at - len(content))))
        content[operation.at : operation.at + len(operation.data)] = operation.data
    elif operation.kind == "delete":
        content.clear()
