"""LiteRT networks: checked when read, run on one picture at a time."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from jaxtyping import Float32, Shaped

from tcmr.errors import TcmrError

Array = np.ndarray
Shape = tuple[int, ...]


def read_model(path: Path, output_shapes: Sequence[Shape]) -> bytes:
    """Return the content of a LiteRT model file.

    Raises:
        TcmrError: the file is missing, damaged, or a model whose outputs do not have the expected shapes.
    """
    try:
        content = path.read_bytes()
        interpreter = Interpreter(model_content=content)
    except OSError as error:
        raise TcmrError(f"cannot read the model {path}: {error.strerror}") from error
    except ValueError as error:
        raise TcmrError(f"{path} is damaged or not a LiteRT model; delete it and fetch it again") from error
    found = [tuple(int(length) for length in output["shape"]) for output in interpreter.get_output_details()]
    if found != list(output_shapes):
        raise TcmrError(
            f"{path} is another model than expected: its outputs are {found}, not {list(output_shapes)}; "
            "delete it and fetch it again"
        )
    return content


class Network:
    """A LiteRT network that takes one picture, of any size if the model allows it.

    Threads may share it: each has an interpreter of its own, which goes when the thread ends.
    """

    def __init__(self, content: bytes, num_threads: int = 1):
        self._content = content
        self._num_threads = num_threads
        self._of_thread = threading.local()

    def __call__(self, picture: Shaped[Array, "height width 3"]) -> list[Float32[Array, "..."]]:
        """Return the outputs, in the model's order, for a picture of the type that the model takes."""
        if not hasattr(self._of_thread, "runner"):
            self._of_thread.runner = _Runner(self._content, self._num_threads)
        return self._of_thread.runner(picture[None])


class _Runner:
    """An interpreter, for one thread."""

    def __init__(self, content: bytes, num_threads: int):
        self._interpreter = Interpreter(model_content=content, num_threads=num_threads)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._shape: Shape | None = None

    def __call__(self, batch: Shaped[Array, "1 height width 3"]) -> list[Float32[Array, "..."]]:
        if batch.shape != self._shape:
            self._interpreter.resize_tensor_input(self._input, batch.shape)
            self._interpreter.allocate_tensors()
            self._shape = batch.shape
        self._interpreter.set_tensor(self._input, batch)
        self._interpreter.invoke()
        outputs = self._interpreter.get_output_details()
        return [self._interpreter.get_tensor(output["index"])[0] for output in outputs]
