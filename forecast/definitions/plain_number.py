"""A number as a plan's table holds it: plain digits, perhaps a sign, a decimal point and a power of ten."""

from __future__ import annotations

import re
from math import isfinite
from typing import Final

LARGEST: Final = 1e15  # no figure of health or money is larger in any unit, and sums of squares stay numbers
# Python also reads 1_4 and the digits of every script as 14, which nobody typed on purpose.
_PLAIN: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def plain_number(text: str) -> float | None:
    """The number that a text is; None where it is none, or one that no computer can hold."""
    if not _PLAIN.fullmatch(text.strip()):
        return None
    value = float(text)
    return value if isfinite(value) else None
