"""A commented ``rules.toml`` to begin with."""

from __future__ import annotations

from ironcliw.rule.packs import PACKS

_PACKS = "\n".join(f"#   {name:10} {what}" for name, what in PACKS.items())

RULES_TOML = f"""\
# Ironcliw's rules: what you want to be told of, and how often.
#   ironcliw watch --rules rules.toml
#   ironcliw rules check rules.toml                 says what is wrong with it, and how it is understood
#   ironcliw rules test rules.toml recording.mp4    says when it would have fired
# docs/reference/conditions.md has the whole language.

# Ready-made rules, by pack:
{_PACKS}
packs = []

# For every rule that does not say otherwise:
# zone = "Europe/Berlin"        # of hours and deadlines; unset: this machine's
# quiet = ["22:00-06:00"]       # nothing is told then, and all of it in one alert afterwards; urgent is told at once
# then = ["notify"]             # what to do with an alert
# rate_together = "20/1h"       # alerts at most of all rules together; the others are counted in the next one

# [[rule]]
# name = "build broke"
# when = 'text:/BUILD FAILED|error\\[E\\d+\\]/ in window "Terminal"'
# hold = "2s"                   # it must stay true for this long
# release = "5s"                # it is over once it has been false for this long
# cooldown = "10m"              # so long no second alert of the same words; what comes is counted in the next
# rate = "4/1h"                 # alerts at most, whatever the priority
# priority = "high"             # low, normal, high, urgent
# latency = "500ms"             # it must be seen within this time, also where captures have become fewer
# resolved = true               # tell also when it is over
# then = ["notify"]

# [[rule]]
# name = "backup done by six"
# when = 'text:"Backup complete"'
# once = true                   # one alert is all
# deadline = "18:00"            # or "20m" from the start: if it has not fired by then, that is told

# [[rule]]
# name = "deploy hangs"
# when = 'stalled(5m) or (text:"Deploying" for 30m)'
# enabled = false
"""
