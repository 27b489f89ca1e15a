"""Pictures to lines of text with RapidOCR, which brings its models along."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from rapidocr import RapidOCR

from index.readers.reading_order import Line

if TYPE_CHECKING:
    from collections.abc import Sequence

SURE = 0.85
"""Mean confidence; upright print reaches 0.95, and text that stands on its head hardly half of it."""
_TURNS = {90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270}


def lines_of(image: Image.Image) -> list[Line]:
    """Return the lines of a picture, turned upright where it lies on its side or stands on its head.

    :returns: places are those in the upright picture.
    """
    image = image.convert("RGB")
    lines = _recognised(image)
    if not lines:
        return lines
    is_on_its_side = sum(_is_tall(line) * len(line.text) for line in lines) > sum(len(line.text) for line in lines) / 2
    if not is_on_its_side and _confidence(lines) >= SURE:
        return lines
    turns = (90, 270) if is_on_its_side else (180,)
    return max([lines, *(_recognised(image.transpose(_TURNS[turn])) for turn in turns)], key=_worth)


def _worth(lines: Sequence[Line]) -> float:
    """Return the sum of the confidence of all characters that stand in lines which lie as lines do."""
    return sum(line.confidence**2 * len(line.text) for line in lines if not _is_tall(line))


def _confidence(lines: Sequence[Line]) -> float:
    return sum(line.confidence * len(line.text) for line in lines) / sum(len(line.text) for line in lines)


def _is_tall(line: Line) -> bool:
    return len(line.text) > 1 and line.bottom - line.top > 1.5 * (line.right - line.left)


def _recognised(image: Image.Image) -> list[Line]:
    # its classifier turns single lines that stand on their head, but not their order: pages are turned as a whole instead
    found = _engine()(np.asarray(image)[:, :, ::-1], use_cls=False)
    if found.boxes is None or found.txts is None or found.scores is None:
        return []
    lines = []
    for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
        (left, top), (right, bottom) = box.min(axis=0).tolist(), box.max(axis=0).tolist()
        if text.strip():
            lines.append(Line(left, top, right, bottom, text.strip(), float(score)))
    return lines


@lru_cache(maxsize=1)
def _engine() -> RapidOCR:
    threads = max(1, (os.cpu_count() or 1) // 2)  # the other half is for the encoder, which works at the same time
    name = "EngineConfig.onnxruntime.intra_op_num_threads"
    return RapidOCR(params={"Global.log_level": "error", "Global.use_cls": False, name: threads})
