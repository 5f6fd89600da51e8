"""BlazePose's landmark model, cut down to what is used here; its weights, read and replaced."""

from collections.abc import Mapping
from pathlib import Path

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from jaxtyping import Float16, Shaped

from tcmr.errors import TcmrError
from tcmr.people.network import read_model

# Landmarks, score, segmentation, heatmaps, world landmarks.
OUTPUT_SHAPES = [(1, 195), (1, 1), (1, 256, 256, 1), (1, 64, 64, 39), (1, 117)]


def read_without_segmentation(path: Path) -> bytes:
    """Return the model with the pooled feature as its last output, and without the segmentation.

    The segmentation branch takes two fifths of the time. The other outputs are the same to the last bit.

    Raises:
        TcmrError: the file is no BlazePose landmark model.
    """
    model = schema.ModelT.InitFromPackedBuf(read_model(path, OUTPUT_SHAPES), 0)
    graph = model.subgraphs[0]
    landmarks, score, _, heatmaps, world = (int(tensor) for tensor in graph.outputs)
    graph.outputs = [landmarks, score, heatmaps, world, _pooled_feature(graph, world)]
    graph.operators = _needed_operators(graph)
    return _packed(model)


def with_weights(content: bytes, weights: Mapping[str, Float16[np.ndarray, "..."]]) -> bytes:
    """Return a model with other weights, given by their names in the file.

    Raises:
        TcmrError: a name is unknown, or a weight of another shape.
    """
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    stored = {
        name_of(model, number): tensor
        for number, tensor in enumerate(model.subgraphs[0].tensors)
        if tensor.type == schema.TensorType.FLOAT16
    }
    for name, weight in weights.items():
        if name not in stored or list(stored[name].shape) != list(weight.shape):
            raise TcmrError(f"BlazePose has no weights {name!r} of the shape {list(weight.shape)}")
        data = np.frombuffer(np.ascontiguousarray(weight).tobytes(), np.uint8)
        model.buffers[stored[name].buffer].data = data
    return _packed(model)


def operator_kind(model: schema.ModelT, operator: schema.OperatorT) -> str:
    """Return the name that LiteRT's schema has for an operator."""
    code = model.operatorCodes[operator.opcodeIndex]
    number = max(code.builtinCode, code.deprecatedBuiltinCode)
    kinds = vars(schema.BuiltinOperator)
    return next(name for name, value in kinds.items() if value == number and name.isupper())


def name_of(model: schema.ModelT, tensor: int) -> str:
    """Return a tensor's name."""
    return bytes(model.subgraphs[0].tensors[tensor].name).decode()


def constant(model: schema.ModelT, tensor: int) -> Shaped[np.ndarray, "..."]:
    """Return the value of a tensor that is part of the file."""
    entry = model.subgraphs[0].tensors[tensor]
    dtype = {schema.TensorType.FLOAT16: np.float16, schema.TensorType.INT32: np.int32}[entry.type]
    return np.frombuffer(bytes(model.buffers[entry.buffer].data), dtype).reshape(entry.shape).copy()


def _packed(model: schema.ModelT) -> bytes:
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _pooled_feature(graph: schema.SubGraphT, output: int) -> int:
    """Return the tensor that the convolution behind an output reads."""
    makers = _makers(graph)
    operator = makers[output]
    while len(operator.inputs) < 3:  # a convolution has weights and a bias, the reshapes after it do not
        operator = makers[int(operator.inputs[0])]
    return int(operator.inputs[0])


def _needed_operators(graph: schema.SubGraphT) -> list[schema.OperatorT]:
    """Return the operators on which the outputs depend, in order."""
    makers = _makers(graph)
    needed: set[int] = set()
    waiting = list(graph.outputs)
    while waiting:
        tensor = int(waiting.pop())
        if tensor in makers and id(makers[tensor]) not in needed:
            needed.add(id(makers[tensor]))
            waiting.extend(makers[tensor].inputs)
    return [operator for operator in graph.operators if id(operator) in needed]


def _makers(graph: schema.SubGraphT) -> dict[int, schema.OperatorT]:
    return {int(tensor): operator for operator in graph.operators for tensor in operator.outputs}
