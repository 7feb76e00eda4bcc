"""The running watcher for agents: a Model Context Protocol server on standard input and output, which only reads.

    run(McpCommand(source="screen", name="watch"))      # returns when the client has gone

``docs/reference/agents.md``. The SDK (extra ``mcp``) is loaded by ``run``.
"""

from ironcliw.mcp.running import McpCommand, client_config, run

__all__ = ["McpCommand", "client_config", "run"]
