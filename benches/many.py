"""Sixteen VNC screens at 2 captures a second in one process: what it costs, and whether each is seen in time.

python benches/many.py --seconds 60 [--sources 16] [--no-text]
"""

from __future__ import annotations

import argparse
import os
import resource
import socket
import sys
import threading
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from conftest import Display
from ironcliw.memory import Ledger
from ironcliw.monitor.many import ManyWatch, Named
from ironcliw.monitor.watch_options import WatchOptions
from xclient import XClient


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sources", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--fps", type=float, default=2)
    parser.add_argument("--text", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    displays: list[Display] = []
    try:
        ports = free_ports(options.sources)
        displays += [Display("Xvnc", 1280, 720, ("-rfbport", str(port), "-localhost")) for port in ports]
        measure(displays, ports, options)
    finally:
        for display in displays:
            display.close()


def free_ports(count: int) -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def draw(displays: list[Display], done: threading.Event) -> None:
    """Something changes on each screen twice a second: a bar grows, and a block comes and goes."""
    clients = [XClient(display.display) for display in displays]
    windows = [client.window(0, 0, 1280, 720, 0x223344) for client in clients]
    step = 0
    while not done.wait(0.5):
        step += 1
        for client, window in zip(clients, windows, strict=True):
            client.rect(window, 100, 300, 10 + 10 * (step % 80), 30, 0x44CC66)
            client.rect(window, 900, 100 + 40 * (step % 8), 300, 40, 0x101010 * (step % 15))
            client.sync()
    for client in clients:
        client.close()


def measure(displays: list[Display], ports: list[int], options: argparse.Namespace) -> None:
    ledger = Ledger()
    named = [
        Named(f"s{n}", f"vnc://127.0.0.1:{port}", WatchOptions(fps=options.fps, text=options.text, memory=ledger))
        for n, port in enumerate(ports)
    ]
    done = threading.Event()
    drawing = threading.Thread(target=draw, args=(displays, done), daemon=True)
    with ManyWatch(named) as many:
        started: set[str] = set()
        while len(started) < len(named):
            event = many.get(30)
            if event is None:
                done.set()
                missing = sorted(each.name for each in named if each.name not in started)
                sys.exit(f"not all sources began within 30 s: {', '.join(missing)}")
            if event.type == "gap":
                print(f"{event.source}: {event.data['detail']}", file=sys.stderr, flush=True)
            started |= {event.source} if event.type == "start" else set()
        print(f"{len(named)} screens have begun", file=sys.stderr, flush=True)
        drawing.start()
        time.sleep(3)
        while many.get(0) is not None:
            pass
        before, began = time.process_time(), time.monotonic()
        changes, gaps, latencies = Counter[str](), 0, []
        while time.monotonic() - began < options.seconds:
            event = many.get(0.5)
            if event is None:
                continue
            changes[event.source] += event.type == "change"
            gaps += event.type == "gap"
            if event.latency_ms is not None:
                latencies.append(event.latency_ms)
        passed = time.monotonic() - began
        cpu = time.process_time() - before
        done.set()
        drawing.join()
        summaries = []
        many.stop()
        while not many.ended:
            event = many.get(0.5)
            if event is not None and event.type == "summary":
                summaries.append(event.data["frames"])
    dropped = sum(sum(frames["dropped"].values()) for frames in summaries)
    rates = [changes[each.name] / passed for each in named]
    print(f"load {os.getloadavg()[0]:.1f}, {len(named)} screens of 1280x720, text {'on' if options.text else 'off'}")
    print(f"changes a second and screen: least {min(rates):.2f}, most {max(rates):.2f}; gaps {gaps}; dropped {dropped}")
    latencies.sort()
    middle, late = (latencies[len(latencies) * part // 100] for part in (50, 95))
    print(f"capture to event: p50 {middle:.0f} ms, p95 {late:.0f} ms")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"processor: {100 * cpu / passed:.1f} % of a core (drawing threads of the bench included), {peak} MB at most")


if __name__ == "__main__":
    main()
