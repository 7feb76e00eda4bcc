"""A synthetic desktop that is covered and seen again, watched whole: nothing of it is news."""

import pytest

import ironcliw


@pytest.mark.parametrize("spec", ["synthetic:switch?seed=2", "synthetic:dissolve?seed=2"])
def test_words_that_stood_there_from_the_start_raise_no_alert(spec: str) -> None:
    with ironcliw.watch(spec, when=["text:BUILD FAILED"], pace="max") as running:
        events = list(running)
    assert [event for event in events if event.type == "alert"] == []
    told = [event.text for event in events if event.type == "text_appeared"]
    assert len(told) >= 3  # the other window's words: the watcher was not asleep
    assert not any("BUILD FAILED" in (text or "") for text in told)
