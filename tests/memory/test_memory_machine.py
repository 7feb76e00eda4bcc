"""What a machine tells of itself, and what it does not tell."""

import subprocess
import sys

import pytest
from memory_machines import MB, FakeMachine, rewrite

from conftest import open_fds
from ironcliw.memory import Machine


@pytest.fixture
def fake(tmp_path):
    machine = FakeMachine(tmp_path)
    yield machine
    machine.machine.close()


def test_this_machine_tells_what_it_has():
    machine = Machine()
    reading = machine.read()
    assert 10 * MB < reading.resident_bytes < reading.virtual_bytes
    assert 0 < reading.available_bytes <= reading.total_bytes
    assert machine.limit_bytes <= reading.total_bytes
    machine.close()


def test_an_empty_folder_tells_nothing(tmp_path):
    machine = Machine(tmp_path)
    assert set(vars_of(machine.read())) == {None}
    assert machine.limit_bytes is None
    assert machine.container_bytes is None


def vars_of(reading):
    return [getattr(reading, name) for name in reading.__slots__]


@pytest.mark.parametrize("text", ["", "MemTotal:\n", "MemTotal: many kB\n", "\0\0", "MemTotal 5 kB\n"])
def test_files_that_make_no_sense_tell_nothing(fake, text):
    rewrite(fake.proc / "meminfo", text)
    rewrite(fake.proc / "self" / "statm", text)
    rewrite(fake.proc / "pressure" / "memory", text)
    rewrite(fake.proc / "self" / "cgroup", text)
    assert set(vars_of(fake.machine.read())) == {None}


def test_a_limit_above_ours_binds_too(fake):
    outer, middle, inner = fake.version_1([None, 400, 600])
    fake.used(inner, 300)
    fake.used(middle, 300)
    fake.used(outer, 9_000)
    assert fake.machine.container_bytes == 400 * MB
    assert fake.machine.limit_bytes == 400 * MB
    reading = fake.machine.read()
    assert (reading.group_bytes, reading.group_share) == (400 * MB, 0.75)


def test_page_cache_that_can_go_does_not_count(fake):
    *_, inner = fake.version_1([None, None, 500])
    fake.used(inner, 480, cache_mb=380)
    assert fake.machine.read().group_share == pytest.approx(0.2)


def test_version_2_goes_by_the_lower_of_max_and_high(fake):
    *_, inner = fake.unified([None, None, 900], high_mb=500)
    fake.used(inner, 450, cache_mb=50)
    assert fake.machine.container_bytes == 500 * MB
    assert fake.machine.read().group_share == pytest.approx(0.8)


def test_a_container_may_see_only_its_part_of_the_hierarchy(fake):
    fake.version_1([700], path="/docker/4f", root="/docker/4f")
    assert fake.machine.container_bytes == 700 * MB
    rewrite(fake.proc / "self" / "cgroup", "4:memory:/elsewhere/../../etc\n")
    assert fake.machine.container_bytes == 700 * MB


def test_a_group_that_is_moved_or_removed_while_watching_is_noticed(fake):
    *_, inner = fake.version_1([None, None, 500])
    assert fake.machine.read().group_bytes == 500 * MB
    for file in inner.iterdir():
        file.unlink()
    inner.rmdir()
    rewrite(fake.proc / "self" / "cgroup", "4:memory:/a\n")
    assert fake.machine.read().group_share is None


def test_stalls_of_our_own_group_come_before_those_of_all(fake):
    fake.stalled(40, 20)
    assert (fake.machine.read().stalled_some, fake.machine.read().stalled_full) == (0.4, 0.2)
    *_, inner = fake.unified([None, None, None])
    rewrite(inner / "memory.pressure", "some avg10=1.50 avg60=0 avg300=0 total=9\nfull avg10=0.50 avg60=0 total=1\n")
    assert (fake.machine.read().stalled_some, fake.machine.read().stalled_full) == (0.015, 0.005)


def test_readings_keep_as_many_files_open_as_before(fake):
    fake.version_1([None, None, 500])
    fake.machine.read()
    before = open_fds()
    for _ in range(50):
        fake.machine.read()
    assert open_fds() <= before  # those of tests before may have gone meanwhile


LIMITED = """
import resource
from ironcliw.memory import Machine

machine = Machine()
print(machine.address_space_bytes)
virtual = machine.read().virtual_bytes
resource.setrlimit(resource.RLIMIT_AS, (virtual + 500_000_000, resource.RLIM_INFINITY))
print(machine.address_space_bytes)
print(machine.limit_bytes - machine.read().resident_bytes)
"""
"""A process of its own: in that of the tests, memory of earlier ones may go back to the system at any moment."""


def test_a_limited_address_space_bounds_what_can_be_held():
    done = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, check=True, timeout=60)
    without, space, above_resident = done.stdout.split()
    assert without == "None"
    assert 300 * MB < int(space) <= 500 * MB
    assert int(above_resident) <= 501 * MB
