"""Writers and readers that are killed, stopped or too slow, as real processes. What was accepted is judged by its
pixels alone: every pixel of frame N says N.
"""

from __future__ import annotations

import gc
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ring_nursery import nursery
from ring_pattern import number_in
from ring_writer import doomed, writing

import ironcliw
from conftest import eventually, open_fds
from ironcliw.errors import RecycledFrameError, WriterGoneError
from ironcliw.history.reader import RingReader
from rounds import rounds

_READER = Path(__file__).with_name("ring_reader_process.py")


def seeded(what: str) -> random.Random:
    seed = int(os.environ.get("IRONCLIW_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)
    print(f"{what}: IRONCLIW_SEED={seed}")
    return random.Random(seed)


def accepted(ring: RingReader, looks: int) -> tuple[int, int]:
    """How many of ``looks`` looks at frames were accepted, and how many of these were torn."""
    whole = torn = 0
    for _ in range(looks):
        try:
            with ring.latest() as frame:
                number = number_in(frame.pixels)
        except RecycledFrameError:
            continue
        if number == frame.sequence:
            whole += 1
        else:
            torn += 1
    return whole, torn


def test_no_torn_frame_is_accepted_from_a_writer_at_full_speed(tmp_path: Path) -> None:
    looks = rounds(short=1_500, full=100_000)
    with writing(tmp_path, 640, 360, slots=3) as writer, ironcliw.attach(path=writer.path) as ring:
        writer.tell("run")
        whole, torn = accepted(ring, looks)
        written = writer.tell("stop")
    assert torn == 0
    assert whole > 0
    assert written > 50


def test_control_a_writer_that_skips_the_odd_generation_is_caught(tmp_path: Path) -> None:
    with doomed(tmp_path, 640, 360, slots=3, fault="even") as writer, ironcliw.attach(path=writer.path) as ring:
        writer.tell("run")
        torn, deadline = 0, time.monotonic() + 60
        while not torn and time.monotonic() < deadline:
            frames = ring.frames()  # the oldest is the one that is written into next
            for frame in frames:
                number = number_in(frame.pixels)
                torn += number != frame.sequence and frame.is_current
        writer.tell("stop")
    assert torn > 0


def test_writers_that_are_killed_leave_nothing_torn_and_are_found_again(tmp_path: Path) -> None:
    choice = seeded("killed writers")
    kills, path = rounds(short=20, full=1000), tmp_path / "watch.sock"
    found_s: list[float] = []
    looked = accepted_whole = 0
    with nursery() as born:
        pid = born.writer(path)
        with ironcliw.attach(path=path) as ring:
            gc.collect()  # what errors of tests before this one kept
            fds = open_fds()
            for kill in range(kills):
                whole, torn = accepted(ring, 5)
                accepted_whole += whole
                time.sleep(choice.uniform(0, 0.01))
                born.kill(pid)
                # Of a writer that was killed within a frame all others are there, and are whole.
                numbers = [(number_in(frame.pixels), frame.sequence) for frame in dead_frames(ring)]
                torn += sum(number != sequence for number, sequence in numbers)
                looked += len(numbers)
                assert torn == 0, f"kill {kill}, after {whole} whole frames"
                with pytest.raises(WriterGoneError, match=r"gone|ended"):
                    _ = ring.wait(60) if kill % 20 == 0 else ring.latest()
                pid = born.writer(path)
                started = time.monotonic()
                ring.latest()
                found_s.append(time.monotonic() - started)
            assert accepted_whole > 0
            gc.collect()  # an error that was raised keeps what it saw until then
            assert open_fds() <= fds  # those of tests before may have gone meanwhile
        born.kill(pid)
    print(f"{kills} writers killed, {looked} of their frames looked at; the next was found within {max(found_s):.3f} s")


def dead_frames(ring: RingReader) -> list:
    """What a reader still has mapped of a writer that was killed."""
    mapped = ring._ring  # pyright: ignore[reportPrivateUsage]
    assert mapped is not None
    return mapped.frames()


def test_a_writer_killed_within_a_frame_leaves_the_others_readable(tmp_path: Path) -> None:
    with doomed(tmp_path, slots=4) as writer, ironcliw.attach(path=writer.path) as ring:
        writer.write(5)
        held = ring.latest()
        writer.tell("odd")
        writer.kill()
        assert [frame.sequence for frame in dead_frames(ring)] == [3, 4, 5]
        assert number_in(held.copy()) == 5
        with pytest.raises(WriterGoneError):
            ring.frames()


def test_a_writer_that_ends_in_order_tells_a_sleeping_reader(tmp_path: Path) -> None:
    with doomed(tmp_path) as writer, ironcliw.attach(path=writer.path) as ring:
        ring.latest()
        assert writer.close() == 0
        with pytest.raises(WriterGoneError, match=r"gone|ended"):
            ring.wait(30)
        assert not writer.path.exists()


def test_a_stopped_writer_is_no_news_and_no_error(tmp_path: Path) -> None:
    with doomed(tmp_path) as writer, ironcliw.attach(path=writer.path) as ring:
        ring.latest()
        writer.process.send_signal(signal.SIGSTOP)
        used = time.thread_time()  # what other threads do is not its doing
        assert ring.wait(1.2) is None
        assert time.thread_time() - used < 0.6  # it sleeps
        assert ring.seconds_since_verified >= 1.2
        writer.process.send_signal(signal.SIGCONT)
        writer.write()
        assert ring.wait(30) is not None


def reader(path: Path, what: str, kernels: str | None = None) -> subprocess.Popen[str]:
    environ = {**os.environ, **({"IRONCLIW_KERNELS": kernels} if kernels else {})}
    command = [sys.executable, str(_READER), str(path), what]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ)


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait(20)
    assert process.stdout is not None
    process.stdout.close()


def fds_of(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def test_readers_that_are_stopped_or_killed_neither_block_nor_cost_the_writer_anything(tmp_path: Path) -> None:
    choice = seeded("killed readers")
    kills = rounds(short=20, full=1000)
    with writing(tmp_path, slots=3) as writer, nursery() as born:
        stopped = reader(writer.path, "hold")
        try:
            assert line(stopped) == "held"
            stopped.send_signal(signal.SIGSTOP)
            writer.write(100)
            fds = fds_of(writer.pid)
            for _ in range(kills):
                victim = born.reader(writer.path)
                before = writer.frames
                time.sleep(choice.uniform(0, 0.005))
                born.kill(victim)
                assert writer.write(10) == before + 10
            # A connection that was cut is given back by its own thread.
            eventually(lambda: fds_of(writer.pid) <= fds, "descriptors of readers that are gone are kept")
            stopped.send_signal(signal.SIGCONT)
            assert line(stopped) == "recycled"
            assert stopped.wait(30) == 0
        finally:
            end(stopped)


def test_a_reader_that_forks_reads_on_in_both(tmp_path: Path) -> None:
    with writing(tmp_path) as writer, ironcliw.attach(path=writer.path) as ring:
        frame = ring.latest()
        child = os.fork()
        if child == 0:
            os._exit(0 if number_in(frame.copy()) == 0 and number_in(ring.latest().copy()) == 0 else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        writer.write(2)
        assert number_in(ring.latest().copy()) == 2


@pytest.mark.parametrize("kernels", ["native", "reference"])
def test_many_readers_at_once_accept_nothing_torn(tmp_path: Path, kernels: str) -> None:
    """Fast ones and one that is too slow; read natively what is written plainly, and the other way round."""
    writing_kernels = "reference" if kernels == "native" else "native"
    with doomed(tmp_path, 320, 200, slots=3, kernels=writing_kernels) as writer:
        how = ["judge slow", *["judge"] * rounds(short=1, full=31)]
        readers = [reader(writer.path, what, kernels) for what in how]
        try:
            assert all(line(process) == "judging" for process in readers)
            writer.tell("run")
            time.sleep(rounds(short=1, full=20))
            writer.tell("stop")
            for process in readers:
                process.send_signal(signal.SIGTERM)
            judged = [line(process).split() for process in readers]
        finally:
            for process in readers:
                end(process)
    assert all(int(torn) == 0 for _, torn in judged)
    assert sum(int(whole) for whole, _ in judged) > 0
