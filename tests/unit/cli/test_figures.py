"""What `import` and `fetch` print of revisions: numbers as people write them."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from forecast.cli import figures
from forecast.evidence.loading import Loaded
from forecast.monitoring.importing import Imported
from forecast.monitoring.own_figures import Change


@pytest.mark.parametrize(
    ("before", "after", "printed"),
    [
        (1_234_567.0, 1_416_367.0, "1,234,567 -> 1,416,367 (+181,800)"),
        (24.2, 24.5, "24.2 -> 24.5 (+0.3)"),
        (2.5e11, 1.0e11, "250,000,000,000 -> 100,000,000,000 (-150,000,000,000)"),
        (0.00002, 0.00001, "0.00002 -> 0.00001 (-0.00001)"),
        (float("nan"), 5.0, "missing -> 5\n"),
    ],
)
def test_a_revision_is_printed_without_exponents(
    before: float, after: float, printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    key = {"indicator": "visits", "area": "E1", "sex": "Persons", "age": "All ages", "period": "2016-09"}
    revised = pd.DataFrame([key | {"before": before, "after": after, "change": after - before}])
    loaded = Loaded("nhs-england-ae", "visits.csv", 0, 0, revised, (), ())
    figures._show(Imported(0, 1, 0, (), (), None, loaded=loaded))
    said = capsys.readouterr().out
    assert f"  visits, E1, 2016-09: {printed}" in said
    assert "e+" not in said


def test_limits_that_changed_are_printed_beside_values_that_did(capsys: pytest.CaptureFixture[str]) -> None:
    who = ("smoking", "E1", "Persons", "All ages")
    beside = (("lower95", 19.0, 12.0), ("upper95", float("nan"), 31.0))
    changes = (
        Change(*who, "2015", 24.2, 24.9, date(2026, 1, 2), "s.csv"),
        Change(*who, "2016", 21.5, 21.5, date(2026, 1, 2), "s.csv", beside),
    )
    figures._show(Imported(2, 0, 0, (), (), None, changes=changes))
    said = capsys.readouterr().out
    assert "1 figure held before has another value:\n  smoking, E1, 2015: 24.2 -> 24.9, known from 2 January 2026 (s.csv)" in said
    assert "1 figure held before has another limit, count or denominator:\n" in said
    assert "  smoking, E1, 2016: lower95 19 -> 12, upper95 missing -> 31, known from 2 January 2026 (s.csv)" in said
