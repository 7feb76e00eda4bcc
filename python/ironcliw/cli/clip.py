"""A video of archived frames, each shown for as long as it was.

count = save_clip(archive.since(30.0), Path("clip.mp4"))
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ironcliw.clock import MS
from ironcliw.errors import ActionError, MissingExtraError
from ironcliw.history import ArchivedFrame

LAST_MS = 500
"""How long the last frame is shown."""

_MS = Fraction(1, 1000)


def save_clip(frames: Iterable[ArchivedFrame], out: Path) -> int:
    """Write H.264 video into ``out``, whose ending names the container; the number of frames.

    The first frame gives the size; of larger ones the right and lower parts are missing. Raises MissingExtraError
    without PyAV and ActionError where the file cannot be written; what was half-written is then removed.
    """
    try:
        import av  # noqa: PLC0415 - an optional extra
        from av.error import FFmpegError  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError("saving a video", "video") from None
    count = 0
    try:
        opened: Any = av.open(str(out), "w")
        with opened as container:
            stream: Any = None
            time_ms = start_ms = 0
            canvas = np.zeros((0, 0, 3), np.uint8)
            for frame in frames:
                if stream is None:
                    canvas = _canvas(frame.pixels)
                    stream = _stream(container, canvas)
                    start_ms = frame.time_ns // MS
                time_ms = max(frame.time_ns // MS - start_ms, time_ms + 1 if count else 0)
                _put(canvas, frame.pixels)
                _write(av, container, stream, canvas, time_ms)
                count += 1
            if stream is None:
                raise ActionError(f"cannot save {out}: there are no frames")
            _write(av, container, stream, canvas, time_ms + LAST_MS)
            container.mux(stream.encode())
    except (OSError, ValueError, FFmpegError) as error:
        out.unlink(missing_ok=True)
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise ActionError(f"cannot save {out}: {reason}") from None
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    return count


def _canvas(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Black, of even sides, which the codec asks for."""
    height, width = pixels.shape[:2]
    return np.zeros((height + height % 2, width + width % 2, 3), np.uint8)


def _put(canvas: NDArray[np.uint8], pixels: NDArray[np.uint8]) -> None:
    canvas[:] = 0
    height, width = (min(a, b) for a, b in zip(canvas.shape, pixels.shape[:2], strict=False))
    canvas[:height, :width] = pixels[:height, :width, :3]


def _stream(container: Any, canvas: NDArray[np.uint8]) -> Any:
    stream = container.add_stream("libx264", options={"preset": "veryfast", "crf": "18"})
    stream.height, stream.width = canvas.shape[:2]
    stream.pix_fmt = "yuv420p"
    stream.time_base = stream.codec_context.time_base = _MS
    return stream


def _write(av: Any, container: Any, stream: Any, canvas: NDArray[np.uint8], time_ms: int) -> None:
    picture = av.VideoFrame.from_ndarray(canvas, format="bgr24")
    picture.pts, picture.time_base = time_ms, _MS
    container.mux(stream.encode(picture))
