"""A target that cannot be judged, and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Held:
    """Why a target cannot be judged: a code of definitions.reasons.HELD and the particular."""

    reason: str
    detail: str = ""
