"""Requests between processes of one user: a socket that nobody else can reach, JSON, bytes and file descriptors.

    server = Server(socket_path("watch"), {"status": lambda request: Reply({"pid": os.getpid()})})
    threading.Thread(target=server.run, daemon=True).start()

    with Connection(socket_path("watch")) as connection:
        connection.ask("status").data                  # {"pid": 1234}

The wire is described in ``docs/reference/ipc.md``. Handlers get data and give data: nothing here runs, imports or
unpickles what a peer sent.
"""

from ironcliw.ipc.client import Connection
from ironcliw.ipc.message import Reply, Request
from ironcliw.ipc.paths import runtime_folder, socket_path
from ironcliw.ipc.server import Handler, Server

__all__ = ["Connection", "Handler", "Reply", "Request", "Server", "runtime_folder", "socket_path"]
