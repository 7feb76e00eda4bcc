"""How well and how fast the text engine reads real screens.

    python benches/ocr.py DATA            # DATA/screens and DATA/recordings, labelled

Prints phrase recall on screenshots and recordings, exact lines on recorded terminals, CPU time per megapixel, and the
latency of one new line on a 1080p-wide strip. A phrase counts as read when it stands in the lines joined in reading
order, case and blanks apart. Recordings need PyAV.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from PIL import Image, ImageDraw, ImageFont

from ironcliw.text.paddle import PaddleEngine
from ironcliw.text.protocol import ReadLine

SETTLE_S = (0.15, 0.5)
"""Labels say when a thing is fully visible, give or take 0.15 s: it is looked for at both moments after that."""


def normal(text: str) -> str:
    return " ".join(text.split()).casefold()


def bgrx(image: Image.Image) -> np.ndarray:
    return np.ascontiguousarray(np.asarray(image.convert("RGBA"))[:, :, [2, 1, 0, 3]])


def joined(lines: list[ReadLine]) -> str:
    return normal(" ".join(line.text for line in lines))


def frames_at(media: Path, times: list[float]) -> Iterator[tuple[float, np.ndarray]]:
    """The frame that stands at each of ``times`` (seconds)."""
    import av

    wanted = sorted(set(times))
    with av.open(str(media)) as container:
        stream = container.streams.video[0]
        before = None
        for frame in container.decode(stream):
            while wanted and before is not None and frame.time is not None and frame.time > wanted[0]:
                yield wanted.pop(0), before.to_ndarray(format="bgra")
            if not wanted:
                return
            before = frame
        for moment in wanted:
            if before is not None:
                yield moment, before.to_ndarray(format="bgra")


def screens(data: Path, threads: int) -> None:
    truth = json.loads((data / "screens" / "screens_gt.json").read_text())["screens"]
    engine = PaddleEngine(threads)
    engine.load()
    total = lines = 0
    missed: list[tuple[str, str]] = []
    cpu_s = megapixels = 0.0
    for screen in truth:
        pixels = bgrx(Image.open(data / "screens" / screen["file"]))
        started = time.process_time()
        found = engine.read(pixels)
        cpu_s += time.process_time() - started
        megapixels += pixels.shape[0] * pixels.shape[1] / 1e6
        lines += len(found)
        text = joined(found)
        total += len(screen["lines"])
        missed += [(screen["file"], line["text"]) for line in screen["lines"] if normal(line["text"]) not in text]
    print(
        f"screens: {total - len(missed)}/{total} phrases, {lines} lines, {1000 * cpu_s / megapixels:.0f} CPU ms/Mpixel"
    )
    print(f"  {engine.counters}")
    for name, phrase in missed:
        print(f"  missed {name}: {phrase!r}")


def words(data: Path, threads: int) -> None:
    total = hits = 0
    for path in sorted((data / "recordings").glob("*.gt.json")):
        label: dict[str, Any] = json.loads(path.read_text())
        wanted: dict[float, list[tuple[int, str]]] = {}
        phrases: list[tuple[float, str]] = []
        for event in label["events"]:
            for word in event.get("words") or []:
                for settle in SETTLE_S:
                    moment = min(event["t"] + settle, event.get("end", 1e9) - 0.02)
                    wanted.setdefault(round(moment, 3), []).append((len(phrases), normal(word)))
                phrases.append((event["t"], word))
        if not phrases:
            continue
        engine = PaddleEngine(threads)
        read: set[int] = set()
        started, frames = time.process_time(), 0
        for moment, pixels in frames_at(data / "recordings" / label["media"], list(wanted)):
            text = joined(engine.read(pixels))
            read |= {index for index, word in wanted[moment] if word in text}
            frames += 1
        cpu_ms = 1000 * (time.process_time() - started) / max(1, frames)
        print(f"{label['id']}: {len(read)}/{len(phrases)} phrases, {cpu_ms:.0f} CPU ms/frame (decoding included)")
        for index, (moment, word) in enumerate(phrases):
            if index not in read:
                print(f"  missed at {moment} s: {word!r}")
        total += len(phrases)
        hits += len(read)
    print(f"recordings: {hits}/{total} phrases")


def terminals(data: Path, threads: int, states: int) -> None:
    for path in sorted((data / "recordings").glob("*.text.json")):
        truth = json.loads(path.read_text())
        name = path.name.removesuffix(".text.json")
        listed = truth["states"]
        ends = [state["t"] for state in listed[1:]] + [truth["duration"]]
        chosen = np.unique(np.linspace(0, len(listed) - 1, states).astype(int)).tolist()
        at = {round((listed[index]["t"] + ends[index]) / 2, 3): listed[index]["rows"] for index in chosen}
        grid = truth["geometry"]
        engine = PaddleEngine(threads)
        exact = total = 0
        for moment, pixels in frames_at(path.parent / f"{name}.mp4", list(at)):
            found = engine.read(pixels)
            for row, text in at[moment].items():
                if sum(character.isalnum() for character in text) < 2:
                    continue
                top = grid["pad"] + int(row) * grid["cell_h"]
                here = [each for each in found if top <= each.box.y + each.box.height / 2 < top + grid["cell_h"]]
                total += 1
                exact += joined(sorted(here, key=lambda each: each.box.x)) == normal(text)
        print(f"{name}: {exact}/{total} terminal lines exact")


def strips(threads: int, rounds: int) -> None:
    """One new line in a strip of 1920 x 40, every line new to the engine."""
    numbers = random.Random(1)
    for length in (20, 60, 120):
        engine = PaddleEngine(threads)
        wall_ms: list[float] = []
        cpu_ms: list[float] = []
        exact = 0
        for number in range(rounds + 3):
            text = "".join(numbers.choice("abcdefghijkmnpqrstuvwxyz  ") for _ in range(length - 9)).strip()
            text = f"{' '.join(text.split())} {numbers.getrandbits(32):08x}"
            image = Image.new("RGB", (1920, 40))
            try:
                font: Any = ImageFont.truetype("DejaVuSansMono.ttf", 13)
            except OSError:
                font = ImageFont.load_default(13)
            ImageDraw.Draw(image).text((8, 12), text, font=font, fill=(204, 204, 204))
            pixels = bgrx(image)
            started, cpu = time.perf_counter(), time.process_time()
            found = engine.read(pixels)
            if number >= 3:
                wall_ms.append(1000 * (time.perf_counter() - started))
                cpu_ms.append(1000 * (time.process_time() - cpu))
                exact += [line.text for line in found] == [text]
        print(
            f"strip, {length} characters: {np.median(wall_ms):.0f} ms p50, {np.quantile(wall_ms, 0.95):.0f} p95, "
            f"{np.median(cpu_ms):.0f} CPU ms, {exact}/{rounds} exact"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=40, help="strips of each length")
    parser.add_argument("--states", type=int, default=12, help="states of each recorded terminal")
    options = parser.parse_args()
    if not (options.data / "screens" / "screens_gt.json").is_file():
        print(f"no labelled screens in {options.data}", file=sys.stderr)
        return 2
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
        f"onnxruntime {onnxruntime.__version__}, {options.threads} thread(s)"
    )
    started = time.perf_counter()
    PaddleEngine(options.threads).load()
    print(f"load: {1000 * (time.perf_counter() - started):.0f} ms")
    strips(options.threads, options.rounds)
    screens(options.data, options.threads)
    terminals(options.data, options.threads, options.states)
    words(options.data, options.threads)
    return 0


if __name__ == "__main__":
    sys.exit(main())
