"""Dialogs of real toolkits on a virtual screen, as scenes that nothing is trained on.

    python tools/objects/toolkits.py OUT          # OUT/000000.png and .json, ...: needs Xvfb and what it shows

Each dialog opens over what a few windows drew before it. Where it is, is what the picture changed by. Programs that are
not installed are left out: GTK's zenity and yad, Tk's message box, the X toolkit's xmessage.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ironcliw.memory import FrameMemory
from ironcliw.source.opening import open_source

DISPLAY, SIZES = ":87", ((1024, 768), (1280, 720), (1920, 1080))
TK = "wm withdraw .; tk_messageBox -icon {0} -type {1} -title Backup -message {{{2}}}; exit"
SAID = "The disk is nearly full. Delete old backups now?"
DIALOGS = [
    ["zenity", "--question", "--title=Backup", f"--text={SAID}"],
    ["zenity", "--error", "--text=The build failed with 3 errors."],
    ["zenity", "--warning", "--width=420", "--text=The connection is not secure."],
    ["zenity", "--entry", "--title=Rename", "--text=New name of the folder:"],
    ["zenity", "--password", "--title=Authentication required"],
    ["zenity", "--progress", "--percentage=42", "--text=Copying files"],
    ["yad", "--title=Update", "--text=Install 14 updates now?", "--button=Later:1", "--button=Install:0"],
    ["yad", "--image=dialog-error", "--text=Cannot mount the volume.", "--button=OK:0", "--width=360"],
    ["xmessage", "-center", "-buttons", "Yes,No,Cancel", "The file has changed on disk.\nRead it again?"],
    ["xmessage", "-center", "Printer is out of paper"],
    ["wish", TK.format("question", "yesno", SAID)],
    ["wish", TK.format("error", "abortretryignore", "Cannot write /home/report.txt: permission denied")],
    ["wish", TK.format("warning", "okcancel", "Unsaved changes will be lost.")],
]
BELOW = [
    ["xterm", "-geometry", "90x30+40+60", "-e", "ls -l /usr/bin /usr/lib; sleep 600"],
    ["xterm", "-bg", "white", "-fg", "black", "-geometry", "70x24+460+240", "-e", "cat /etc/services; sleep 600"],
]


def changed(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom of what differs, or None; the pointer, which changes its shape, is too small."""
    apart = (before != after).any(axis=2)
    rows, columns = np.flatnonzero(apart.sum(axis=1) > 24), np.flatnonzero(apart.sum(axis=0) > 24)
    return (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1) if len(rows) else None


def shot() -> NDArray[np.uint8]:
    """The screen as (height, width, 4) B, G, R, X."""
    source = open_source("screen")
    geometry = source.open()
    memory = FrameMemory(geometry.width, geometry.height)
    source.attach(memory)
    source.read(2000)
    pixels = memory.pixels.copy()
    source.close()
    return pixels


def started(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.PIPE)


def ended(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    process.wait(20)


def scenes(width: int, height: int) -> Iterator[tuple[str, NDArray[np.uint8], tuple[int, int, int, int]]]:
    """Each dialog's program, the screen with it and its place."""
    screen = started(["Xvfb", DISPLAY, "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"])
    time.sleep(1.5)
    below = [started(command) for command in BELOW if shutil.which(command[0])]
    time.sleep(2)
    for command in DIALOGS:
        if shutil.which(command[0]) is None:
            continue
        before = shot()
        process = started([command[0], *command[1:]] if command[0] != "wish" else ["wish"])
        if command[0] == "wish" and process.stdin is not None:
            process.stdin.write(command[1].encode() + b"\n")
            process.stdin.flush()
        time.sleep(2)
        after = shot()
        ended(process)
        time.sleep(0.5)
        box = changed(before, after)
        if box is not None:
            yield command[0], after, box
    for process in [*below, screen]:
        ended(process)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    os.environ["DISPLAY"] = DISPLAY
    place = 0
    for width, height in SIZES:
        for name, pixels, box in scenes(width, height):
            file = arguments.out / f"{place:06}"
            Image.fromarray(pixels[:, :, 2::-1].copy()).save(file.with_suffix(".png"))
            file.with_suffix(".json").write_text(json.dumps({"style": name, "objects": [["dialog", box, 1.0]]}))
            place += 1


if __name__ == "__main__":
    main()
