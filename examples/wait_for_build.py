"""An agent waits for a build and then says what happened on the screen meanwhile.

    ironcliw start &                      # any watcher in the background
    python wait_for_build.py              # exit 0 passed, 1 failed, 2 neither within the time
    python wait_for_build.py 'text:/deployed|rolled back/i' 1200

It polls nothing: the condition is armed in the running watcher, and what meets it is kept for us. What the screen says
is printed as data and never acted upon.
"""

import sys

import ironcliw

PASSED_OR_FAILED = "text:/BUILD (PASSED|FAILED)/"


def main(condition: str = PASSED_OR_FAILED, timeout_s: float = 600.0) -> int:
    """Wait, report, and say by the exit code how it went."""
    with ironcliw.connect() as watcher:
        before = watcher.what_changed_since(limit=1)
        met = watcher.wait_for(condition, timeout_s=timeout_s)
        if met is None:
            state = watcher.status()["state"]
            print(f"not met within {timeout_s:g} s; the watcher is {state}")
            return 2
        print(f"met: {met.text!r}")
        while True:
            changes = watcher.what_changed_since(before.cursor, types=["text_appeared", "incident", "gap"])
            for event in changes.events:
                print(f"  {event.wall[11:19]}  {event.type:14}  {(event.text or '')!r}")
            if not changes.more:
                return 1 if "failed" in (met.text or "").lower() else 0
            before = changes


if __name__ == "__main__":
    given = sys.argv[1:]
    try:
        sys.exit(main(*given[:1], *map(float, given[1:2])))
    except ironcliw.IroncliwError as error:
        print(f"wait_for_build: {error}", file=sys.stderr)
        sys.exit(2)
