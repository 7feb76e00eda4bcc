"""What a summary says of memory meets the published schema, and adds up."""

import json

import jsonschema
import numpy as np

import ironcliw
from ironcliw.event import schema
from ironcliw.memory import ROOMS, Ledger


def test_the_summary_says_what_each_room_held():
    frames = [np.full((120, 160, 3), shade, np.uint8) for shade in (0, 0, 9)]
    # Far more than the process that runs the tests has come to hold: what it holds counts.
    with ironcliw.watch(frames, pace="max", text=False, memory=Ledger(6_000_000_000)) as watch:
        summary = list(watch)[-1]
    jsonschema.validate(json.loads(summary.to_json()), schema())
    told = summary.data["memory"]
    rooms = told["rooms"]
    assert told["total"] == 6_000_000_000
    assert rooms["capture"]["peak"] == rooms["change"]["used"] == 160 * 120 * 4
    assert sum(room["used"] for room in rooms.values()) == told["resident"]
    assert told["pressure"] == {"level": "low", "dropped": [], "transitions": 0}


def test_a_watch_that_is_closed_leaves_nothing_in_a_shared_ledger():
    ledger = Ledger(500_000_000)
    for _ in range(2):
        with ironcliw.watch([np.zeros((120, 160, 3), np.uint8)], pace="max", text=False, memory=ledger) as watch:
            list(watch)
        assert [room for room in ROOMS if ledger.account(room).used_bytes] == []
        assert ledger.floor_bytes == 0
