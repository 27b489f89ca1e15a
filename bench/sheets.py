"""Pictures put together on sheets, to be looked at side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = {"desktop": 2, "phone": 6}
SHRUNK = {"desktop": 2, "phone": 1}
SCHEMES = ("light", "dark")
BAR_PX = 20
"""Above each picture, for its name."""


def sheets(out: Path) -> None:
    """Write ``sheet-SIZE-SCHEME-N.png``, two rows each."""
    for size, columns in COLUMNS.items():
        for scheme in SCHEMES:
            names = sorted(out.glob(f"*.{size}.{scheme}.png"))
            for number, first in enumerate(range(0, len(names), columns * 2)):
                sheet = _sheet(names[first : first + columns * 2], columns, SHRUNK[size])
                sheet.save(out / f"sheet-{size}-{scheme}-{number}.png")


def _sheet(names: list[Path], columns: int, shrunk: int) -> Image.Image:
    pictures = [Image.open(name).convert("RGB").reduce(shrunk) for name in names]
    width, height = pictures[0].width + 8, pictures[0].height + BAR_PX + 4
    sheet = Image.new("RGB", (width * columns, height * 2), "#888888")
    for place, (name, picture) in enumerate(zip(names, pictures, strict=True)):
        left, top = place % columns * width, place // columns * height
        sheet.paste(picture, (left, top + BAR_PX))
        ImageDraw.Draw(sheet).text((left + 4, top + 4), name.name, fill="white")
    return sheet
