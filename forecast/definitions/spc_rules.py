"""The rule sets of control charts that can be chosen, by name; what each holds stands in assessment/spc.py."""

from __future__ import annotations

from enum import StrEnum


class SpcRules(StrEnum):
    """Rules differ by tool and year, so that a name carries both (docs/file-formats.md)."""

    MAKING_DATA_COUNT_2023 = "making-data-count-2023"
    MAKING_DATA_COUNT_2023_EXCEL = "making-data-count-2023-excel"
    MAKING_DATA_COUNT_BEFORE_2023 = "making-data-count-before-2023"
