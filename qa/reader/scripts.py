"""Which script a text is in: terms of two scripts cannot be compared."""

from __future__ import annotations


def same_script(one: str, other: str) -> bool:
    """Tell whether most letters of both texts are East Asian, or of neither."""
    return _is_east_asian(one) == _is_east_asian(other)


def _is_east_asian(text: str) -> bool:
    east_asian = sum("\u2e80" <= char <= "\U000323af" for char in text)
    return 3 * east_asian > sum(char.isalpha() for char in text) - east_asian
