"""Which implementation the door opens to, what it says about it, and what crosses the border."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ironcliw
from ironcliw import kernels
from ironcliw import version as _version
from ironcliw.errors import NativeError, SettingsError
from ironcliw.kernels import reference

NATIVE = os.environ.get("IRONCLIW_KERNELS") != "reference"
needs_native = pytest.mark.skipif(not NATIVE, reason="IRONCLIW_KERNELS=reference: there may be no native module")
ROOT = Path(__file__).parents[2]


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "IRONCLIW_KERNELS"}
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, env=inherited | environment, capture_output=True, text=True, timeout=60, check=False)


def last_line(ran: subprocess.CompletedProcess[str]) -> str:
    return ran.stderr.strip().splitlines()[-1]


SHOW = "from ironcliw import kernels; print(kernels.IMPLEMENTATION, kernels.REASON, sep='|')"
HIDE = "import sys; sys.modules['ironcliw._native'] = None; "


@needs_native
@pytest.mark.parametrize(
    "wanted", [{}, {"IRONCLIW_KERNELS": "auto"}, {"IRONCLIW_KERNELS": ""}, {"IRONCLIW_KERNELS": "native"}]
)
def test_native_where_it_can_be_had(wanted: dict[str, str]) -> None:
    ran = python(SHOW, **wanted)
    implementation, reason = ran.stdout.strip().split("|")
    assert (implementation, ran.stderr) == ("native", "")
    assert reason in {f"Rust with {level} instructions" for level in ("scalar", "sse2", "avx2")}


def test_reference_never_imports_the_native_module() -> None:
    code = f"import sys; {SHOW}; kernels.self_test(); print('ironcliw._native' in sys.modules)"
    ran = python(code, IRONCLIW_KERNELS="reference")
    assert ran.stdout.splitlines() == ["reference|NumPy, as IRONCLIW_KERNELS=reference asks for", "False"]


def test_auto_says_why_it_fell_back() -> None:
    ran = python(HIDE + SHOW)
    implementation, reason = ran.stdout.strip().split("|")
    assert implementation == "reference"
    assert reason.startswith("NumPy, because the native module cannot be imported (")
    assert reason.endswith("reinstall ironcliw, or build it with 'maturin develop --release'")


def test_native_that_is_missing_is_an_error() -> None:
    ran = python(HIDE + SHOW, IRONCLIW_KERNELS="native")
    assert ran.returncode == 1
    assert last_line(ran).startswith("ironcliw.errors.NativeError: the native module cannot be imported (")


def test_other_values_are_an_error() -> None:
    ran = python(SHOW, IRONCLIW_KERNELS="fast")
    text = "ironcliw.errors.SettingsError: IRONCLIW_KERNELS='fast': expected auto, native or reference"
    assert last_line(ran) == text
    with pytest.raises(SettingsError):
        kernels.choose("NATIVE")


def test_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    class Other:
        __version__ = "9.9.9"

    monkeypatch.setattr(ironcliw, "_native", Other, raising=False)
    for wanted in ("native", "auto"):
        with pytest.raises(
            NativeError, match=r"^the native module is of version 9\.9\.9 and the package of .+: reinst"
        ):
            kernels.choose(wanted)
    assert kernels.choose("reference").kernels is reference.KERNELS


def test_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _version.tree_version(ROOT) == _version.package_version() == metadata.version("ironcliw")
    assert _version.tree_version(tmp_path) == _version.UNKNOWN
    (tmp_path / "Cargo.toml").write_text("[workspace]\n")
    assert _version.tree_version(tmp_path) == _version.UNKNOWN

    def nothing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", nothing)
    assert _version.package_version() == _version.tree_version(ROOT)


def test_self_test() -> None:
    outcome = kernels.self_test()
    assert [name for name, _, _ in outcome] == list(reference.KERNELS._fields)
    assert all(ok for _, ok, _ in outcome), outcome


def test_every_name_is_in_both_implementations() -> None:
    assert set(reference.KERNELS._fields) <= set(kernels.__all__)
    chosen = kernels.choose(kernels.IMPLEMENTATION).kernels
    assert [getattr(kernels, name) for name in chosen._fields] == list(chosen)


@needs_native
def test_panics_are_ordinary_exceptions(capfd: pytest.CaptureFixture[str]) -> None:
    from ironcliw import _native  # noqa: TID251 - the border itself is tested

    with pytest.raises(RuntimeError, match=r"^native code failed: on purpose$"):
        _native.panic_on_purpose()
    assert "on purpose" in capfd.readouterr().err


@needs_native
def test_other_threads_run_meanwhile() -> None:
    from ironcliw import _native  # noqa: TID251 - the border itself is tested

    pixels, grid = np.zeros((2048, 2048, 4), np.uint8), np.zeros((32, 32), np.uint64)
    changed = np.zeros((32, 32), np.bool_)
    turns = 0
    stop = threading.Event()

    def count() -> None:
        nonlocal turns
        while not stop.is_set():
            turns += 1
            time.sleep(0)

    # Nobody is made to hand over the interpreter now, so the other thread only gets a turn where a kernel lets go.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    thread = threading.Thread(target=count, name="count", daemon=True)
    try:
        thread.start()
        before = turns
        for _ in range(2000):
            _native.fingerprint(pixels, grid, changed)
            if turns > before:
                break
        assert turns > before
    finally:
        sys.setswitchinterval(interval)
        stop.set()
        thread.join()


LOCKED = """
import ctypes, mmap
import numpy as np
from ironcliw import kernels

# Every row of 1024 pixels is a page; the pages of the grid's second row may not be touched.
memory = mmap.mmap(-1, 192 * 4096)
frame = np.frombuffer(memory, np.uint8).reshape(192, 1024, 4)
frame[:] = np.arange(1024, dtype=np.uint8)[:, np.newaxis]
others = frame.copy(), np.zeros_like(frame)
libc = ctypes.CDLL(None, use_errno=True)
assert libc.mprotect(ctypes.c_void_p(frame.ctypes.data + 64 * 4096), ctypes.c_size_t(64 * 4096), 0) == 0
mask = np.ones((3, 16), bool)
mask[1] = False
for _ in range(3):
    moved = kernels.fingerprint(frame, np.zeros((3, 16), np.uint64), np.zeros((3, 16), bool), mask)
    counts, boxes = np.zeros((3, 16), np.uint32), np.zeros((3, 16, 4), np.int32)
    differing = kernels.difference(others[0], frame, 0, mask, counts, boxes)
    print(moved, differing, kernels.copy_tiles(frame, others[1], mask))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="locks pages with Linux's mprotect")
@pytest.mark.parametrize("wanted", ["auto", "reference"])
def test_unselected_tiles_are_not_touched(wanted: str) -> None:
    ran = python(LOCKED, IRONCLIW_KERNELS=wanted)
    assert (ran.returncode, ran.stdout) == (0, "32 0 524288\n" * 3), ran.stderr


@needs_native
def test_buffers_are_given_back() -> None:
    from ironcliw import _native  # noqa: TID251 - the border itself is tested

    memory = bytearray(16)
    grid: Any = np.zeros((1, 1), np.uint64)
    changed: Any = np.zeros((1, 1), np.bool_)
    view = memoryview(memory).cast("B", (2, 2, 4))
    pixels: Any = np.asarray(view)
    _native.fingerprint(pixels, grid, changed)
    with pytest.raises(ValueError, match="grid"):
        _native.fingerprint(pixels, changed, changed)
    del pixels
    view.release()
    memory.extend(b"resizing fails while anybody holds the buffer")


@needs_native
def test_the_stub_is_true() -> None:
    command = [sys.executable, "-m", "mypy.stubtest", "ironcliw._native"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
