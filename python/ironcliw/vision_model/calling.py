"""A request in a thread of its own, so that whoever waits for it can stop waiting.

Looking up a host's name can hang where no deadline reaches it. Such a thread is left behind, one at the most: until it
ends, nothing more is asked.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime

from ironcliw.vision_model.deadline import Deadline
from ironcliw.vision_model.protocol import Fault, Reply, Request, VisionModel

_GRACE_S = 0.4
_JOIN_S = 1.0


class Caller:
    """Calls one model, one request at a time."""

    def __init__(self, model: VisionModel) -> None:
        self._model = model
        self._thread: threading.Thread | None = None
        self._deadline: Deadline | None = None

    def call(self, request: Request, deadline: Deadline, repair: str | None) -> Reply:
        """The model's reply. Fault, at the deadline and half a second at the latest."""
        if self._thread is not None and self._thread.is_alive():
            raise Fault("timeout", "the request before has not ended yet")
        result: Future[Reply] = Future()
        self._deadline = deadline
        self._thread = threading.Thread(
            target=self._run, args=(result, request, deadline, repair), name="ironcliw-model", daemon=True
        )
        self._thread.start()
        try:
            reply = result.result(deadline.left_s + _GRACE_S)
        except NotInTime:
            deadline.cancel()
            raise Fault("timeout", "no reply in time", billed=True) from None
        finally:
            if result.done():
                self._thread.join(_JOIN_S)
        return reply

    def close(self) -> None:
        """End a call that is under way, and close the model."""
        if self._deadline is not None:
            self._deadline.cancel()
        if self._thread is not None:
            self._thread.join(_JOIN_S)
            if self._thread.is_alive():
                return  # it holds the connection, and ends with the process
        self._model.close()

    def _run(self, result: Future[Reply], request: Request, deadline: Deadline, repair: str | None) -> None:
        try:
            result.set_result(self._model.ask(request, deadline, repair=repair))
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            result.set_exception(error)
