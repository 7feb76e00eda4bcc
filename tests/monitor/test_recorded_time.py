"""While an event of a recording is in hand, the engine says when it could be told at the earliest."""

import ironcliw
from making import write_video
from terminal_screens import screen


def test_events_come_out_at_the_moment_their_reading_was_due(tmp_path):
    frames = [screen(["ready"]), screen(["ready", "BUILD FAILED"]), screen(["ready", "BUILD FAILED", "bye"])]
    path = write_video(tmp_path / "slow.mkv", frames, [0, 1000, 3000])
    told_s = {}
    with ironcliw.watch(path, when=["text:BUILD FAILED"], pace="max") as running:
        for event in running:
            if event.text != "bye":
                told_s[event.type] = (event.time, running.engine.now_ns / 1e9)
    # A region is read when it has stood still for 100 ms: not at the next frame, and not when the recording ends.
    assert told_s["text_appeared"] == (1.0, 1.1)
    assert told_s["alert"] == (1.0, 1.1)
    assert told_s["change"] == (3.0, 3.0)
