"""Two pictures of a run as SVG; colours come from the style of the page that holds them."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.evaluation.measures import Bin, CurvePoint

WIDTH, HEIGHT = 400, 300
LEFT, RIGHT, TOP, BOTTOM = 52, 26, 34, 46
"""Room around the field of the picture for what stands on the axes."""
STEPS = 5
LEAST_RISK = 0.1
"""The risk axis reaches at least this far, so that a good run does not look like a bad one."""


class _Field:
    """The field of a picture; both axes are shares that start at 0."""

    def __init__(self, highest: float = 1.0) -> None:
        self._highest = highest

    def x(self, share: float) -> float:
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, share: float) -> float:
        return round(HEIGHT - BOTTOM - share / self._highest * (HEIGHT - TOP - BOTTOM), 1)

    def axes(self, across: str, up: str) -> str:
        parts = []
        for step in range(STEPS + 1):
            share = step / STEPS
            height = share * self._highest
            parts.append(f'<line class="grid" x1="{self.x(0)}" x2="{self.x(1)}" y1="{self.y(height)}" y2="{self.y(height)}"/>')
            parts.append(f'<text x="{LEFT - 6}" y="{self.y(height) + 4}" text-anchor="end">{_percent(height)}</text>')
            parts.append(f'<text x="{self.x(share)}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{_percent(share)}</text>')
        parts.append(f'<text x="{self.x(0.5)}" y="{HEIGHT - 6}" text-anchor="middle">{across}</text>')
        parts.append(f'<text x="{LEFT - 44}" y="{TOP - 18}">{up}</text>')
        return "".join(parts)


def risk_picture(curve: Sequence[CurvePoint]) -> str:
    """Draw how many of the answers are wrong against how many questions are answered, the surest first."""
    highest = max(LEAST_RISK, ceil(max((point.risk for point in curve), default=0) * 10) / 10)
    field = _Field(highest)
    parts = [field.axes("作答的题 answered", "答错 wrong")]
    if curve:
        path = " ".join(f"{field.x(point.coverage)},{field.y(point.risk)}" for point in curve)
        parts.append(f'<polyline class="curve" points="{path}"/>')
        last = curve[-1]
        parts.append(f'<circle class="end" cx="{field.x(last.coverage)}" cy="{field.y(last.risk)}" r="5"/>')
        said = f"最后一点：作答 {_percent(last.coverage)}，其中答错 {_percent(last.risk)}"
    else:
        said = "没有作答 no answers"
        parts.append(_nothing(field, highest))
    return _svg("risk", "风险与覆盖 Risk against coverage", said, parts)


def reliability_picture(bins: Sequence[Bin]) -> str:
    """Draw the share of right answers in each bin of confidence; on the diagonal the confidence would be true."""
    field = _Field()
    parts = [field.axes("把握 confidence", "答对 right")]
    for some in bins:
        left, right, top = field.x(some.low), field.x(some.high), field.y(some.right)
        middle = round((left + right) / 2, 1)
        parts.append(
            f'<rect class="bar" x="{left + 2}" y="{top}" width="{right - left - 4:.1f}" height="{field.y(0) - top:.1f}"/>'
            f'<line class="top" x1="{left + 2}" x2="{right - 2}" y1="{top}" y2="{top}"/>'
            f'<text x="{middle}" y="{top - 5:.1f}" text-anchor="middle">{some.answers}</text>'
        )
    diagonal = f'x1="{field.x(0)}" y1="{field.y(0)}" x2="{field.x(1)}" y2="{field.y(1)}"'
    parts.append(f'<line class="diagonal" {diagonal}/>')
    if not bins:
        parts.append(_nothing(field, 1.0))
    said = "；".join(f"把握 {_percent(b.low)}–{_percent(b.high)}：{b.answers} 题，答对 {_percent(b.right)}" for b in bins)
    return _svg("reliability", "把握与正确 Reliability", said or "没有作答 no answers", parts)


def _nothing(field: _Field, highest: float) -> str:
    return f'<text x="{field.x(0.5)}" y="{field.y(highest / 2)}" text-anchor="middle">没有作答 no answers</text>'


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _svg(name: str, title: str, said: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="{name}-title {name}-said">'
        f'<title id="{name}-title">{title}</title><desc id="{name}-said">{said}</desc>{"".join(parts)}</svg>'
    )
