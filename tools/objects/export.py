"""Makes the int8 ONNX file of the weights that train.py stored.

    python tools/objects/export.py WEIGHTS.npz PART.npz python/ironcliw/objects/models/objects.onnx

PART.npz, a part of the set that was trained on, gives the ranges of what is between the layers. Needs onnx and
onnxruntime. The same weights and part give the same file, whose SHA-256 is printed.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

from ironcliw.objects.crops import FRAME_HEIGHT, FRAME_WIDTH, HEIGHT, MEASURES, WIDTH, packed
from ironcliw.objects.network import OUTPUTS

STRIDES = {"detail": (2, 2, 1, 2, 1, 2), "frame": (2, 2, 2)}
OPSET, SAMPLES = 17, 512


class Graph:
    """Nodes in order, and the numbers they use."""

    def __init__(self, weights: dict[str, Any]) -> None:
        self.nodes: list[Any] = []
        self.numbers = [numpy_helper.from_array(value, name) for name, value in weights.items()]

    def add(self, operation: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operation, inputs, [output], name=output, **attributes))
        return output

    def constant(self, name: str, values: list[int]) -> str:
        self.numbers.append(numpy_helper.from_array(np.array(values, np.int64), name))
        return name

    def part(self, name: str, starts: list[int], ends: list[int]) -> str:
        """What lies from ``starts`` to before ``ends`` on the axes 1, 2 and 3 of the batch."""
        ranges = [
            self.constant(f"{name}.{end}", values)
            for end, values in (("from", starts), ("to", ends), ("on", [1, 2, 3]))
        ]
        return self.add("Slice", ["batch", *ranges], name)

    def convolved(self, name: str, value: str) -> str:
        for place, stride in enumerate(STRIDES[name]):
            inputs = [value, f"{name}{place}.weight", f"{name}{place}.bias"]
            value = self.add(
                "Conv", inputs, f"{name}{place}.sum", strides=[stride] * 2, pads=[1] * 4, kernel_shape=[3, 3]
            )
            value = self.add("Relu", [value], f"{name}{place}.out")
        return self.add("Flatten", [value], f"{name}.flat")

    def dense(self, name: str, value: str, rectified: bool = True) -> str:
        value = self.add(
            "Gemm", [value, f"{name}.weight", f"{name}.bias"], f"{name}.sum" if rectified else "logits", transB=1
        )
        return self.add("Relu", [value], f"{name}.out") if rectified else value


def network(weights: dict[str, Any]) -> Any:
    """The network of train.py, ending in shares of the kinds that sum to 1."""
    graph = Graph(weights)
    detail = graph.part("part.detail", [0, 0, 0], [1, HEIGHT, WIDTH])
    left = graph.part("part.frame", [1, 0, 0], [2, FRAME_HEIGHT, FRAME_WIDTH])
    right = graph.part("part.place", [1, 0, FRAME_WIDTH], [2, FRAME_HEIGHT, 2 * FRAME_WIDTH])
    last = graph.part("part.measures", [1, HEIGHT - 1, 0], [2, HEIGHT, MEASURES])
    frame = graph.add("Concat", [left, right], "frame", axis=1)
    seen = graph.dense("seen", graph.convolved("detail", detail))
    place = graph.dense("place", graph.convolved("frame", frame))
    both = graph.add("Concat", [seen, place, graph.add("Flatten", [last], "measures")], "joined", axis=1)
    graph.add("Softmax", [graph.dense("kind", graph.dense("both", both), rectified=False)], "kinds", axis=1)
    batch = helper.make_tensor_value_info("batch", TensorProto.FLOAT, ["count", 2, HEIGHT, WIDTH])
    kinds = helper.make_tensor_value_info("kinds", TensorProto.FLOAT, ["count", len(OUTPUTS)])
    whole = helper.make_graph(graph.nodes, "objects", [batch], [kinds], graph.numbers)
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="ironcliw")
    model.ir_version = 9
    onnx.checker.check_model(model)
    return model


def sample(part: Path) -> Any:
    """(512, 2, 48, 96) of one part of the set."""
    data = np.load(part)
    chosen = np.random.default_rng(0).permutation(len(data["kinds"]))[:SAMPLES]
    rows: list[Any] = []
    for each in chosen:
        owner = data["owners"][each]
        height, width = data["sizes"][owner]
        rows.append(
            packed(
                data["details"][each : each + 1], data["frames"][owner], data["numbers"][each : each + 1], height, width
            )
        )
    return np.concatenate(rows)


class Reader(CalibrationDataReader):
    """Gives the quantiser what the network will see."""

    def __init__(self, rows: Any) -> None:
        self._batches = iter(np.array_split(rows, 8))

    def get_next(self) -> dict[str, Any] | None:
        rows = next(self._batches, None)
        return None if rows is None else {"batch": rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("part", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        onnx.save(network(dict(np.load(arguments.weights))), whole)
        quantize_static(
            whole,
            arguments.out,
            Reader(sample(arguments.part)),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            # Seven bits: on machines without VNNI eight overflow in pairs.
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            op_types_to_quantize=["Conv", "Gemm", "Relu"],
            nodes_to_exclude=["kind.sum", "logits"],
        )
    content = arguments.out.read_bytes()
    print(f"{arguments.out}: {len(content)} bytes, SHA-256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
