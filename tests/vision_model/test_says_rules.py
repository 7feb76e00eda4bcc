"""``says(...)`` from the words of a condition to an alert, with a model on loopback."""

from __future__ import annotations

import base64
from pathlib import Path

from asking_setup import asker_of, choice_of
from model_server import ModelServer
from test_asking import by_its_words, frame

from ironcliw.monitor.watching import Watch, WatchOptions


def test_says_is_met_when_a_model_says_so(tmp_path: Path) -> None:
    shown = [("waiting",)] * 20 + [("waiting", "build green")] * 40 + [("waiting", "build red")] * 40
    frames = [frame(*lines, clock=at // 2 % 60) for at, lines in enumerate(shown)]
    with ModelServer(answer=by_its_words) as server:
        asker = asker_of(choice_of(server, "claude"), tmp_path)
        condition = 'says("the build is green")'
        options = WatchOptions(when=[condition], pace="max", interval_s=0.5, asker=asker, threads=1)
        with Watch(iter(frames), options) as running:
            alerts = [event for event in running if event.type == "alert"]
            pictures = running.evidence.pictures(alerts[0].id)
        assert [alert.rule for alert in alerts] == [condition]
        assert 10 <= alerts[0].time <= 25
        assert 2 <= len(server.requests) <= 6
        assert all("Question: the build is green" in request.words for request in server.requests)
        # The alert says why, in the model's words, and keeps the picture it was judged by, exactly as it was sent.
        assert alerts[0].data["because"] == [{"condition": condition, "reason": "so it says"}]
        assert alerts[0].regions
        assert [picture.when for picture in pictures] == ["after", "sent"]
        sent = [base64.b64encode(pictures[1].png) in request.body for request in server.requests]
        assert sent.count(True) == 1
        assert "build green" in server.requests[sent.index(True)].words
