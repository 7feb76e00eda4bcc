"""Make the networks that the engine runs out of the upstream ones: the same arithmetic in fewer steps.

    derive(detector, recogniser, tiny, characters, folder)   # detector.onnx, recogniser.onnx, scripts.onnx, quick.onnx

- The detector's two doublings of size become two pointwise convolutions that leave each pixel's 16 probabilities
  side by side: nothing is computed at full size.
- The recogniser's last layer knows 18,710 characters, and costs as much as everything before it. It keeps those that
  text in Latin script is made of; the whole layer becomes a network of its own, for the few steps that need it.
- Of the tiny recogniser's last layer, all that is not Latin becomes one score, the best of them: enough to know that a
  line is for the other one.

Weights are copied, never changed, and the same input files give the same bytes.
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

DETECTOR, RECOGNISER, SCRIPTS, QUICK = "detector.onnx", "recogniser.onnx", "scripts.onnx", "quick.onnx"

SIGNS = (
    (0x0000, 0x0250),  # Latin, its accents, digits, punctuation
    (0x1E00, 0x1F00),
    (0x2000, 0x2C00),  # punctuation, currency, arrows, mathematics, boxes, shapes, checks
    (0x3000, 0x3001),
    (0xFF01, 0xFF5F),  # full-width forms, which are read as the plain ones
)
"""Code points, half-open, of what stands in text of Latin script, in terminals and on buttons."""


def derive(detector: Path, recogniser: Path, tiny: Path, characters: Path, folder: Path) -> None:
    """Write the four networks into ``folder``. ValueError where a file is not the network it should be."""
    _save(_detector(_without_identities(onnx.load(str(detector)))), folder / DETECTOR)
    network = _without_identities(onnx.load(str(recogniser)))
    _save(_scripts(network), folder / SCRIPTS)
    _save(_recogniser(network), folder / RECOGNISER)
    listed = ["", *characters.read_text(encoding="utf-8").rstrip("\n").split("\n"), " "]
    _save(_quick(_without_identities(onnx.load(str(tiny))), listed), folder / QUICK)


def is_latin(character: str) -> bool:
    """Whether the recogniser's class ``character`` (the blank is "") stands in text of Latin script."""
    return all(
        any(first <= ord(each) < end for first, end in SIGNS) and not unicodedata.name(each, "").startswith("CIRCLED")
        for each in character
    )


def characters_of(network: onnx.ModelProto) -> list[str]:
    """The classes of the upstream recogniser in order; the first is the blank."""
    listed = {entry.key: entry.value for entry in network.metadata_props}.get("character")
    if listed is None:
        raise ValueError("the recogniser does not carry its list of characters")
    return ["", *listed.split("\n"), " "]


def _without_identities(network: onnx.ModelProto) -> onnx.ModelProto:
    graph, renamed = network.graph, dict[str, str]()
    kept: list[onnx.NodeProto] = []
    for node in graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]
        if node.op_type == "Identity":
            renamed[node.output[0]] = node.input[0]
        else:
            kept.append(node)
    del graph.node[:]
    graph.node.extend(kept)
    return network


def _detector(network: onnx.ModelProto) -> onnx.ModelProto:
    graph = network.graph
    weights = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    places = [index for index, node in enumerate(graph.node) if node.op_type == "ConvTranspose"]
    if len(places) != 2 or graph.node[-1].op_type != "Sigmoid":
        raise ValueError("the detector does not end in two doublings and a sigmoid")
    first, second = (graph.node[place] for place in places)
    # Kernels of 2 x 2 with stride 2 do not overlap: each quadrant is a pointwise convolution of its own.
    quadrants = [(row, column) for row in (0, 1) for column in (0, 1)]
    widened = np.concatenate([weights[first.input[1]][:, :, row, column].T for row, column in quadrants])
    narrow = np.stack([weights[second.input[1]][:, 0, row, column] for row, column in quadrants])
    _add(network, "up.1.weight", widened[:, :, np.newaxis, np.newaxis])
    _add(network, "up.1.bias", np.tile(_bias(graph, weights, first), 4))
    _add(network, "up.2.weight", np.tile(narrow, (4, 1))[:, :, np.newaxis, np.newaxis])
    _add(network, "up.2.bias", np.repeat(_bias(graph, weights, second), 16))
    source = first.input[0]
    del graph.node[places[0] :]
    graph.node.extend(
        [
            helper.make_node("Conv", [source, "up.1.weight", "up.1.bias"], ["up.1"], kernel_shape=[1, 1]),
            helper.make_node("Relu", ["up.1"], ["up.1.relu"]),
            helper.make_node("Conv", ["up.1.relu", "up.2.weight", "up.2.bias"], ["up.2"], kernel_shape=[1, 1], group=4),
            helper.make_node("Sigmoid", ["up.2"], ["probability"]),
        ]
    )
    return _ended(network, [("probability", ["n", 16, "rows", "columns"])])


def _bias(graph: onnx.GraphProto, weights: dict[str, np.ndarray], node: onnx.NodeProto) -> np.ndarray:
    """What is added to the output of ``node``, one value a channel."""
    (addition,) = (each for each in graph.node if each.op_type == "Add" and node.output[0] in each.input)
    return next(weights[name] for name in addition.input if name in weights).ravel()


def _head(network: onnx.ModelProto) -> tuple[str, np.ndarray, np.ndarray]:
    """Name of what goes into the recogniser's last layer, the layer's weights and bias."""
    weights = {each.name: numpy_helper.to_array(each) for each in network.graph.initializer}
    if [node.op_type for node in network.graph.node[-3:]] != ["MatMul", "Add", "Softmax"]:
        raise ValueError("the recogniser does not end in one layer and a softmax")
    product, addition = network.graph.node[-3], network.graph.node[-2]
    return product.input[0], weights[product.input[1]], weights[addition.input[1]]


def _scripts(network: onnx.ModelProto) -> onnx.ModelProto:
    _, weight, bias = _head(network)
    inputs = [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", weight.shape[0]])]
    outputs = [helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["n", weight.shape[1]])]
    nodes = [
        helper.make_node("MatMul", ["features", "weight"], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probability"], axis=1),
    ]
    initial = [numpy_helper.from_array(weight, "weight"), numpy_helper.from_array(bias, "bias")]
    graph = helper.make_graph(nodes, "scripts", inputs, outputs, initial)
    made = helper.make_model(graph, opset_imports=list(network.opset_import), ir_version=network.ir_version)
    _note(made, "characters", characters_of(network))
    return made


def _recogniser(network: onnx.ModelProto) -> onnx.ModelProto:
    source, weight, bias = _head(network)
    characters = characters_of(network)
    kept = [index for index, character in enumerate(characters) if is_latin(character)]
    del network.graph.node[-3:]
    _add(network, "head.weight", np.ascontiguousarray(weight[:, kept]))
    _add(network, "head.bias", bias[kept])
    network.graph.node.extend(
        [
            helper.make_node("MatMul", [source, "head.weight"], ["product"]),
            helper.make_node("Add", ["product", "head.bias"], ["logits"]),
        ]
    )
    del network.metadata_props[:]
    _note(network, "characters", [characters[index] for index in kept])
    _note(network, "classes", kept)
    return _ended(network, [("logits", ["n", "steps", len(kept)]), (source, ["n", "steps", weight.shape[0]])])


def _quick(network: onnx.ModelProto, characters: list[str]) -> onnx.ModelProto:
    source, weight, bias = _head(network)
    if weight.shape[1] != len(characters):
        raise ValueError(f"the tiny recogniser knows {weight.shape[1]} characters, its list has {len(characters)}")
    latin = [index for index, character in enumerate(characters) if is_latin(character)]
    others = sorted(set(range(len(characters))) - set(latin))
    del network.graph.node[-3:]
    for name, columns in (("head", latin), ("others", others)):
        _add(network, f"{name}.weight", weight[:, columns])
        _add(network, f"{name}.bias", bias[columns])
    network.graph.node.extend(
        [
            helper.make_node("MatMul", [source, "head.weight"], ["product"]),
            helper.make_node("Add", ["product", "head.bias"], ["logits"]),
            helper.make_node("MatMul", [source, "others.weight"], ["others.product"]),
            helper.make_node("Add", ["others.product", "others.bias"], ["others.logits"]),
            helper.make_node("ReduceMax", ["others.logits"], ["other"], axes=[2], keepdims=0),
        ]
    )
    del network.metadata_props[:]
    _note(network, "characters", [characters[index] for index in latin])
    return _ended(network, [("logits", ["n", "steps", len(latin)]), ("other", ["n", "steps"])])


def _note(network: onnx.ModelProto, key: str, listed: list[str] | list[int]) -> None:
    network.metadata_props.add(key=key, value=json.dumps(listed))


def _add(network: onnx.ModelProto, name: str, values: np.ndarray) -> None:
    network.graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(values, np.float32), name))


def _ended(network: onnx.ModelProto, outputs: list[tuple[str, list[str | int]]]) -> onnx.ModelProto:
    """The network with these outputs, without the weights that nothing uses any more."""
    graph = network.graph
    del graph.output[:]
    graph.output.extend([helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs])
    del graph.value_info[:]
    used = {name for node in graph.node for name in node.input}
    kept = [each for each in graph.initializer if each.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    return network


def _save(network: onnx.ModelProto, path: Path) -> None:
    onnx.checker.check_model(network)
    path.write_bytes(network.SerializeToString(deterministic=True))
