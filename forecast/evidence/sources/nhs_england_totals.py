"""The TOTAL row of NHS England's files by provider: only a month whose rows add up to it is whole, and gives England's figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from forecast.definitions.day import MONTHS
from forecast.errors import Problem
from forecast.evidence.sources.contract import Total

_MEND: Final = "Download the file again; the providers' own figures are used as they stand."


@dataclass(frozen=True)
class Checked:
    """The months whose rows are all there, the totals printed in the file beside what the rows add up to, and what is wrong."""

    whole: frozenset[str]
    totals: tuple[Total, ...]
    problems: tuple[Problem, ...]


def check_months(numbers: pd.DataFrame, months: pd.Series, total: pd.Series, lines: pd.Series, file: str) -> Checked:
    """Which months add up to their TOTAL row, column by column and to the nearest whole number.

    `months` are the labels of the rows' periods, missing where a TOTAL row does not say its own; `total` marks the TOTAL rows.
    Half of a download lacks its last rows: what the others add up to is no figure of England's.
    """
    months = months.where(months.notna(), _around(months, total))
    whole, totals, problems = set(), [], []
    for month, rows in numbers[~total].groupby(months[~total], sort=False):
        added, printed = rows.sum(), numbers[total & (months == month)]
        compared = [
            (at, Total(str(name), float(row[name]), float(added[name]))) for at, row in printed.iterrows() for name in row.index
        ]
        totals += [one for _, one in compared]
        wrong = [(at, one) for at, one in compared if not one.agrees]
        year, _, number = str(month).partition("-")
        left_out = f"England's figures of {MONTHS[int(number) - 1]} {year} are left out"
        if not len(printed):
            sums = f"its {len(rows):,} rows add up to {added.iloc[0]:,.0f} in {added.index[0]!r}"
            message = f"{left_out}: the month has no TOTAL row to check them by, so rows may be missing; {sums}"
            problems.append(Problem(file, None, None, None, message, _MEND))
        elif wrong:
            at, one = wrong[0]
            shown = "blank" if pd.isna(one.printed) else f"{one.printed:,.0f}"
            others = f" (as in {len(wrong) - 1} other columns)" if len(wrong) > 1 else ""
            message = f"{left_out}: the TOTAL row prints {shown}, which is not the sum of the rows, {one.added:,.0f}{others}"
            problems.append(Problem(file, int(lines[at]), one.column, None, message, _MEND))
        else:
            whole.add(str(month))
    return Checked(frozenset(whole), tuple(totals), tuple(problems))


def _around(months: pd.Series, total: pd.Series) -> pd.Series:
    """The month that a TOTAL row closes: that of the rows above it; of those below where the file begins with its total."""
    providers = months.where(~total)
    above, below = providers.ffill(), providers.bfill()
    first, second = (below, above) if bool(total.iloc[:1].any()) else (above, below)
    return first.where(first.notna(), second)
