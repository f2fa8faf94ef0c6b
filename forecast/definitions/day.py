"""A day as readers write it, whatever the language of the machine."""

from __future__ import annotations

from datetime import date

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def day_words(day: date) -> str:
    """21 October 2016."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
