"""Starting a process that goes on when the terminal is closed.

start(StartCommand("screen"))         # its status, once it watches; raises what keeps it from that
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
from typing import Any, NoReturn

from ironcliw.errors import IroncliwError, ServiceError
from ironcliw.service.places import open_log
from ironcliw.service.running import Service, StartCommand


def start(command: StartCommand) -> dict[str, Any]:
    """Start a watcher in the background; returns its status once its source is open. ServiceError with what it says.

    Call it from a process without threads: it forks.
    """
    log_fd = open_log(command.name)
    ours, theirs = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _detach(command, theirs, log_fd)
    os.close(theirs)
    os.close(log_fd)
    os.waitpid(pid, 0)
    with os.fdopen(ours, encoding="utf-8") as answers:
        answer = answers.read()
    if not answer:
        raise ServiceError("the watcher in the background ended before it began: its log says more")
    said: dict[str, Any] = json.loads(answer)
    if "error" in said:
        raise ServiceError(said["error"])
    return said


def _detach(command: StartCommand, answers: int, log_fd: int) -> NoReturn:
    """In the forked process: become one of nobody's terminal, and run."""
    code = 1
    try:
        os.setsid()
        if os.fork() == 0:  # no leader of a session any more, so that no terminal can become ours
            _become_quiet(answers, log_fd)
            code = _serve(command, answers)
        else:
            code = 0
    finally:
        os._exit(code)


def _become_quiet(answers: int, log_fd: int) -> None:
    os.umask(0o077)
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd, target in ((nothing, 0), (log_fd, 1), (log_fd, 2)):
        os.dup2(fd, target)
    os.closerange(3, answers)
    os.closerange(answers + 1, os.sysconf("SC_OPEN_MAX"))
    os.environ.pop("WINDOWID", None)  # the terminal we were started in shows nothing of ours


def _serve(command: StartCommand, answers: int) -> int:
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s ironcliw: %(levelname)s: %(message)s", force=True)
    logging.getLogger("ironcliw").setLevel((command.log_level or "info").upper())

    waiting = [answers]

    def answer(said: dict[str, Any]) -> None:
        if waiting:  # nobody waits for what comes later
            with contextlib.suppress(OSError), os.fdopen(waiting.pop(), "w", encoding="utf-8") as pipe:
                json.dump(said, pipe)

    try:
        Service(command).run(ready=answer)
    except IroncliwError as error:
        logging.getLogger("ironcliw").error("%s", error)
        answer({"error": str(error)})
        return 2
    return 0
