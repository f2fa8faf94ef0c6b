"""The table of observations: one row per figure, one schema wherever figures travel."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import pandas as pd

from forecast.errors import EvidenceError

if TYPE_CHECKING:
    import pandera.pandas as pa

SERIES_KEY: Final = ["indicator", "area", "sex", "age", "method"]
FIGURE_KEY: Final = [*SERIES_KEY, "period"]

TEXT_COLUMNS: Final = [*FIGURE_KEY, "unit", "publisher", "known_on_basis", "vintage", "source", "note"]
NUMBER_COLUMNS: Final = ["value", "lower95", "upper95", "count", "denominator"]
DATE_COLUMNS: Final = ["period_start", "period_end", "known_on"]

COLUMNS: Final = [
    *FIGURE_KEY,
    "period_start",
    "period_end",
    *NUMBER_COLUMNS,
    "unit",
    "publisher",
    "known_on",
    "known_on_basis",
    "vintage",
    "source",
    "note",
]

SEXES: Final = ("Persons", "Male", "Female")
UNITS: Final = (
    "percent",
    "per_100k",
    "per_10k",
    "per_1k",
    "years",
    "count",
    "ratio",
    "days",
    "gbp_m",
    "index",
)
DATE_TYPE: Final = "datetime64[us]"


def empty() -> pd.DataFrame:
    """A table of observations with no rows and the right column types."""
    return with_types(pd.DataFrame({name: pd.Series(dtype="object") for name in COLUMNS}))


def with_types(frame: pd.DataFrame) -> pd.DataFrame:
    """The schema's columns in their order and types; absent columns are filled with the defaults."""
    defaults = {"sex": "Persons", "age": "All ages"}
    columns: dict[str, pd.Series] = {}
    for name in COLUMNS:
        if name not in frame:
            fill: object = None if name in NUMBER_COLUMNS or name in DATE_COLUMNS else defaults.get(name, "")
            columns[name] = pd.Series(fill, index=frame.index, dtype="object")
        else:
            columns[name] = frame[name]
        if name in NUMBER_COLUMNS:
            columns[name] = columns[name].astype("float64")
        elif name in DATE_COLUMNS:
            columns[name] = columns[name].astype(DATE_TYPE)
        else:
            columns[name] = columns[name].astype("str").fillna(defaults.get(name, ""))
    return pd.DataFrame(columns)


@cache
def schema() -> pa.DataFrameSchema:
    """The pandera schema of observations: types, vocabularies and what can never be true of a figure.

    pandera is imported here because it takes half a second and most commands never validate.
    """
    import pandera.pandas as pa

    columns: dict[str, pa.Column] = {}
    for name in TEXT_COLUMNS:
        columns[name] = pa.Column("str", nullable=False)
    for name in ("indicator", "area", "age", "period"):
        columns[name] = pa.Column("str", pa.Check.ne("", error=f"{name} is blank"), nullable=False)
    for name in NUMBER_COLUMNS:
        columns[name] = pa.Column("float64", nullable=True)
    for name in DATE_COLUMNS:
        columns[name] = pa.Column(DATE_TYPE, nullable=False)
    columns["sex"] = pa.Column("str", pa.Check.isin(SEXES))
    columns["known_on_basis"] = pa.Column("str", pa.Check.isin(["stated", "assumed"]))
    return pa.DataFrameSchema(columns, checks=_table_checks(), strict="filter", ordered=False)


def _table_checks() -> list[pa.Check]:
    import pandera.pandas as pa

    def percent_in_range(table: pd.DataFrame) -> pd.Series:
        return (table["unit"] != "percent") | table["value"].isna() | table["value"].between(0, 100)

    def interval_in_order(table: pd.DataFrame) -> pd.Series:
        return table["lower95"].isna() | table["upper95"].isna() | (table["lower95"] <= table["upper95"])

    def missing_has_note(table: pd.DataFrame) -> pd.Series:
        return table["value"].notna() | (table["note"] != "")

    def finite(table: pd.DataFrame) -> pd.Series:
        return ~table[NUMBER_COLUMNS].isin([float("inf"), float("-inf")]).any(axis=1)

    def ended(table: pd.DataFrame) -> pd.Series:
        return table["period_start"] <= table["period_end"]

    return [
        pa.Check(percent_in_range, error="a percentage lies outside 0 to 100"),
        pa.Check(interval_in_order, error="a lower limit lies above its upper limit"),
        pa.Check(missing_has_note, error="a missing value has no note that says why"),
        pa.Check(finite, error="a figure is infinite"),
        pa.Check(ended, error="a period ends before it starts"),
    ]


def validate(frame: pd.DataFrame, origin: str = "observations") -> pd.DataFrame:
    """The frame, if it satisfies the schema. Raises EvidenceError naming the first faults.

    `normalise` reports faults row by row; this is the guard at the door of the store for frames made in code.
    """
    import pandera.errors

    try:
        return schema().validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as fault:
        cases = fault.failure_cases
        shown = "; ".join(
            f"{case.column or 'table'}: {case.check} ({case.failure_case!r}, row {case.index})"
            for case in cases.drop_duplicates(["column", "check"]).head(5).itertuples()
        )
        raise EvidenceError(
            f"{origin}: {len(cases)} figures do not fit the table of observations: {shown}. "
            "Pass the table through forecast.evidence.normalise.normalise, which names each row and its mend."
        ) from None
