"""Trains the network that says what a rectangle of a screen is, and stores its weights.

    python tools/objects/train.py PARTS OUT [--minutes 6] [--seed 7]

OUT/weights.npz has each layer's weights and biases, batch normalisation folded into them; export.py makes the ONNX file
of it. OUT/train.txt says how well it did on every fortieth scene, which it does not learn from. Runs on a GPU where
there is one. Needs PyTorch, which is no part of the project's environment.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

KINDS = ("none", "dialog", "toast", "window", "card", "menu")
WEIGHTS = (1.0, 1.0, 1.0, 0.6, 0.8, 0.8)
FRAME_HEIGHT, FRAME_WIDTH, MEASURES = 24, 48, 10
BATCH, RATE, EVERY = 1024, 3e-3, 40


def layer(into: int, out: int, stride: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(into, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU())


class Judge(nn.Module):
    """(count, 2, 48, 96) as crops.py packs it to (count, 6) logits."""

    def __init__(self) -> None:
        super().__init__()
        detail = [(1, 16, 2), (16, 32, 2), (32, 32, 1), (32, 64, 2), (64, 64, 1), (64, 96, 2)]
        frame = [(2, 16, 2), (16, 32, 2), (32, 48, 2)]
        self.detail = nn.Sequential(*(layer(*each) for each in detail))
        self.frame = nn.Sequential(*(layer(*each) for each in frame))
        self.seen, self.place = nn.Linear(96 * 3 * 6, 64), nn.Linear(48 * 3 * 6, 48)
        self.both, self.kind = nn.Linear(64 + 48 + MEASURES, 64), nn.Linear(64, len(KINDS))
        self.drop = nn.Dropout(0.25)

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        detail, packed = batch[:, :1], batch[:, 1]
        frame = torch.stack([packed[:, :FRAME_HEIGHT, :FRAME_WIDTH], packed[:, :FRAME_HEIGHT, FRAME_WIDTH:]], dim=1)
        seen = functional.relu(self.seen(self.drop(self.detail(detail).flatten(1))))
        place = functional.relu(self.place(self.drop(self.frame(frame).flatten(1))))
        both = torch.cat([seen, place, packed[:, -1, :MEASURES]], dim=1)
        return self.kind(self.drop(functional.relu(self.both(both))))


class Data:
    """All parts on one device."""

    def __init__(self, folder: Path, device: torch.device) -> None:
        parts = [dict(np.load(name)) for name in sorted(folder.glob("*.npz"))]
        first = np.cumsum([0, *(len(each["frames"]) for each in parts)])
        owners = np.concatenate([each["owners"] + start for each, start in zip(parts, first, strict=False)])
        self.held = owners % EVERY == 0
        kinds = np.concatenate([each["kinds"] for each in parts])
        sizes, numbers = (np.concatenate([each[name] for each in parts]) for name in ("sizes", "numbers"))
        wide, tall = sizes[owners, 1], sizes[owners, 0]
        self.boxes = torch.tensor(numbers[:, :4] / np.stack([wide, tall, wide, tall], 1), device=device).float()
        self.measures = torch.tensor(_measures(numbers, tall, wide), device=device)
        self.owners, self.kinds = torch.tensor(owners, device=device).long(), torch.tensor(kinds, device=device).long()
        self.frames = torch.tensor(np.concatenate([each["frames"] for each in parts]), device=device)
        self.details = torch.tensor(np.concatenate([each["details"] for each in parts]), device=device)

    def batch(self, index: torch.Tensor, changed: bool) -> torch.Tensor:
        """What the network sees of these rectangles, with other shades where ``changed``."""
        detail, frame = self.details[index].float() / 255, self.frames[self.owners[index]].float() / 255
        if changed:
            detail, frame = _shaded(detail, frame)
        left, top, right, bottom = self.boxes[index].T
        out = torch.zeros(len(index), 2, 48, 96, device=detail.device)
        out[:, 0], out[:, 1, :FRAME_HEIGHT, :FRAME_WIDTH] = detail, frame
        rows, columns = _shares(top, bottom, FRAME_HEIGHT), _shares(left, right, FRAME_WIDTH)
        out[:, 1, :FRAME_HEIGHT, FRAME_WIDTH:] = rows[:, :, None] * columns[:, None, :]
        measures = self.measures[index]
        if changed:
            measures = measures + torch.randn_like(measures) * 0.01
        out[:, 1, -1, :MEASURES] = measures
        return out


def _measures(numbers: Any, height: Any, width: Any) -> Any:
    """As ``ironcliw.objects.crops.measures``, with a size for each rectangle."""
    left, top, right, bottom = numbers[:, :4].T.astype(np.float64)
    wide, tall = np.maximum(right - left, 1), np.maximum(bottom - top, 1)
    bits = (numbers[:, 8] & 0x55) | ((numbers[:, 8] & 0xAA) >> 1)
    on = sum((bits >> shift) & 1 for shift in (0, 2, 4, 6))
    size = [np.log2(wide) / 11, np.log2(tall) / 11, wide / width, tall / height]
    place = [left / width, top / height, (width - right) / width, (height - bottom) / height]
    return np.stack([*size, *place, numbers[:, 4:8].min(axis=1) / 256, on / 4], axis=1).astype(np.float32)


def _shares(low: torch.Tensor, high: torch.Tensor, cells: int) -> torch.Tensor:
    edges = torch.arange(cells + 1, device=low.device) / cells
    inside = torch.minimum(edges[None, 1:], high[:, None]) - torch.maximum(edges[None, :-1], low[:, None])
    return (inside * cells).clamp(0, 1)


def _shaded(detail: torch.Tensor, frame: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Dark for light, more or less contrast, noise: alike for a rectangle and its frame; details move a bit."""
    count, device = len(detail), detail.device
    turned = (torch.rand(count, 1, 1, device=device) < 0.25).float()
    gain, lift = 1 + 0.25 * torch.randn(count, 1, 1, device=device), 0.1 * torch.randn(count, 1, 1, device=device)
    pair: list[torch.Tensor] = []
    for plane in (detail, frame):
        plane = plane * (1 - turned) + (1 - plane) * turned
        plane = (plane - 0.5) * gain + 0.5 + lift
        pair.append((plane + 0.015 * torch.randn_like(plane)).clamp(0, 1))
    down, over = (int(torch.randint(-1, 2, ()).item()) for _ in range(2))
    return torch.roll(pair[0], (down, 2 * over), (1, 2)), pair[1]


def folded(model: Judge) -> dict[str, Any]:
    """Weights and biases of each layer, as NumPy arrays."""
    layers: dict[str, Any] = {}
    for name in ("detail", "frame"):
        for place, (convolution, norm, _) in enumerate(getattr(model, name)):
            scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            layers[f"{name}{place}.weight"] = convolution.weight * scale[:, None, None, None]
            layers[f"{name}{place}.bias"] = norm.bias - norm.running_mean * scale
    for name in ("seen", "place", "both", "kind"):
        layers[f"{name}.weight"], layers[f"{name}.bias"] = getattr(model, name).weight, getattr(model, name).bias
    return {name: value.detach().float().cpu().numpy() for name, value in layers.items()}


def report(model: Judge, data: Data) -> str:
    """What every fortieth scene's rectangles were taken for."""
    index = torch.tensor(np.flatnonzero(data.held), device=data.kinds.device)
    model.eval()
    with torch.no_grad():
        told = torch.cat([model(data.batch(each, False)).argmax(1) for each in index.split(BATCH)])
    model.train()
    table = torch.zeros(len(KINDS), len(KINDS), dtype=torch.long)
    for true, said in zip(data.kinds[index].tolist(), told.tolist(), strict=True):
        table[true, said] += 1
    return "\n".join(
        f"{kind:8}" + " ".join(f"{count:6}" for count in row) for kind, row in zip(KINDS, table.tolist(), strict=True)
    )


def train(data: Data, device: torch.device, seconds: float, steps: int) -> Judge:
    """A network trained for so many steps, or until the time is up."""
    model = Judge().to(device)
    index = torch.tensor(np.flatnonzero(~data.held), device=device)
    weights = torch.tensor(WEIGHTS, device=device)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.02)
    begun, step = time.monotonic(), 0
    while step < steps:
        done = max(step / steps, (time.monotonic() - begun) / seconds)
        if done >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1.0, step / 300 + 0.01) * 0.5 * (1 + np.cos(np.pi * done)) + 1e-6
        chosen = index[torch.randint(len(index), (BATCH,), device=device)]
        logits = model(data.batch(chosen, True))
        loss = functional.cross_entropy(logits, data.kinds[chosen], weights, label_smoothing=0.05)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        step += 1
        if step % 1000 == 0:
            print(
                f"{step:6} {time.monotonic() - begun:6.1f} s loss {loss.item():.4f}\n{report(model, data)}", flush=True
            )
    print(f"{step} steps in {time.monotonic() - begun:.0f} s")
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=6)
    parser.add_argument("--steps", type=int, default=24_000)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    data = Data(arguments.parts, device)
    print(
        f"{len(data.kinds)} rectangles of {len(data.frames)} scenes: {np.bincount(data.kinds.cpu().numpy())}",
        flush=True,
    )
    model = train(data, device, arguments.minutes * 60, arguments.steps)
    arguments.out.mkdir(parents=True, exist_ok=True)
    np.savez(arguments.out / "weights.npz", **folded(model))
    (arguments.out / "train.txt").write_text(report(model, data) + "\n")
    print(report(model, data))


if __name__ == "__main__":
    main()
