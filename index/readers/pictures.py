"""Photos and scanned pages as picture files."""

from __future__ import annotations

import io

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from index.errors import ReadError
from index.readers.parsed import Parsed, join_pages
from index.readers.scans import read_images


def read_picture(content: bytes) -> Parsed:
    """Return the text of a picture; each picture of a file with several is a page.

    :raises ReadError: it is damaged, or no text is recognised in it.
    """
    try:
        with Image.open(io.BytesIO(content)) as file:
            images = [ImageOps.exif_transpose(frame.convert("RGB")) for frame in ImageSequence.Iterator(file)]
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise ReadError("it is not a valid picture, or it is damaged") from error
    texts, recognition = read_images(images)
    if recognition is None:
        raise ReadError("no text is recognised in this picture")
    text, pages = join_pages((text, None) for text in texts)
    return Parsed(text, None, pages if len(images) > 1 else (), recognition=recognition)
