"""``ironcliw mcp``: the watcher for agents, over the Model Context Protocol."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ironcliw.cli.output import LineWriter
from ironcliw.mcp import McpCommand, client_config, run


def run_mcp(command: McpCommand, print_config: bool) -> int:
    """Serve until the client has gone; or print what goes into a client's settings to start this very command."""
    if not print_config:
        return run(command)
    program = Path(sys.argv[0])
    given = [word for word in sys.argv[2:] if word != "--print-config"]
    if program.name == "__main__.py":
        config = client_config(sys.executable, given)
        entry = config["mcpServers"]["ironcliw"]
        entry["args"] = ["-m", "ironcliw", *entry["args"]]
    else:
        config = client_config(str(program.absolute()), given)
    LineWriter().write(json.dumps(config, indent=2))
    return 0
