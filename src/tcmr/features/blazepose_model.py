"""BlazePose's landmark model, cut down to what is used here."""

from pathlib import Path

import flatbuffers
from ai_edge_litert import schema_py_generated as schema

from tcmr.people.network import read_model

LANDMARKS, SCORE, SEGMENTATION, HEATMAPS, WORLD = range(5)
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
