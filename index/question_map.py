"""Moves a question's vector a little: from how people ask to how documents answer.

People ask in everyday words about their own case; statutes, rules and notices speak officially. A low-rank linear map of the
question's vector (passages stay as they are, no index is embedded anew) was learnt from questions with the passages that answer
them: ``python -m bench.question_map`` makes the file.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from safetensors.numpy import load_file

if TYPE_CHECKING:
    from index.types import Rows

FILE = "question_map.safetensors"


class QuestionMap(NamedTuple):
    """A change of unit-length rows; ``rank`` is far below ``dimension``."""

    down: Rows
    """``(dimension, rank)``."""
    up: Rows
    """``(rank, dimension)``."""
    shift: Rows
    """``(dimension,)``."""

    def __call__(self, rows: Rows) -> Rows:
        """Return ``(n, dimension)`` float32 rows of unit length for such rows of questions."""
        moved = rows + rows @ self.down @ self.up + self.shift
        return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12), np.float32)


@cache
def bundled_map() -> QuestionMap:
    """Return the map that was learnt for the encoder that comes with the install."""
    with as_file(files("index").joinpath(FILE)) as path:
        return QuestionMap(**{name: tensor.astype(np.float32) for name, tensor in load_file(path).items()})
