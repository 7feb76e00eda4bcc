"""Classes that inherit from a filter: what they override is what is called, native or reference."""

import copy
import pickle

import pytest

from ironcliw import kernels
from ironcliw.dedup import BloomFilter, BloomNetwork
from ironcliw.kernels.reference.bloom import BloomBits as ReferenceBits

NAMES = ("add", "contains", "check_and_add", "__contains__")


def says(name):
    def method(self, key):
        self.called = name
        return True

    return method


def call(target, name: str) -> None:
    if name == "__contains__":
        _ = "key" in target
    else:
        getattr(target, name)("key")


def makers():
    yield "native", kernels.BloomBits, (8, 7, 1)
    yield "reference", ReferenceBits, (8, 7, 1)
    yield "filter", BloomFilter, (1 / 64, 7)


@pytest.mark.parametrize(("base", "arguments"), [maker[1:] for maker in makers()], ids=[maker[0] for maker in makers()])
@pytest.mark.parametrize("name", NAMES)
class TestOverriding:
    def test_in_the_class_itself(self, base, arguments, name):
        own = type("Own", (base,), {name: says(name)})(*arguments)
        call(own, name)
        assert own.called == name

    def test_in_a_class_between(self, base, arguments, name):
        between = type("Between", (base,), {name: says(name)})
        far = type("Far", (type("Nothing", (between,), {}),), {})(*arguments)
        call(far, name)
        assert far.called == name

    def test_in_a_class_beside(self, base, arguments, name):
        beside = type("Beside", (), {name: says(name)})
        both = type("Both", (beside, base), {})(*arguments)
        call(both, name)
        assert both.called == name

    def test_in_a_class_between_after_the_fact(self, base, arguments, name):
        between = type("Between", (base,), {})
        far = type("Far", (between,), {})(*arguments)
        setattr(between, name, says(name))
        call(far, name)
        assert far.called == name

    def test_does_not_change_the_other_calls(self, base, arguments, name):
        own = type("Own", (base,), {name: says(name)})(*arguments)
        own.called = None
        for other in NAMES:
            if other != name:
                call(own, other)
        assert own.called is None

    def test_and_calling_what_was_overridden(self, base, arguments, name):
        class Own(base):
            pass

        def method(self, key):
            self.called = name
            return getattr(super(Own, self), name)(key)

        setattr(Own, name, method)
        own = Own(*arguments)
        call(own, name)
        assert own.called == name
        assert ("key" in own) is ("add" in name)


@pytest.mark.parametrize("make", [lambda: BloomFilter(1 / 64), BloomNetwork])
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_filter_is_not_copied_behind_its_back(make, copied):
    made = make()
    if copied is copy.copy and isinstance(made, BloomNetwork):
        assert copied(made).tile is made.tile  # the same filters under another name
        return
    with pytest.raises(TypeError, match=r"save\(\)"):
        copied(made)
