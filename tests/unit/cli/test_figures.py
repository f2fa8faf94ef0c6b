"""What `import` and `fetch` print of revisions: numbers as people write them."""

from __future__ import annotations

import pandas as pd
import pytest

from forecast.cli import figures
from forecast.evidence.loading import Loaded
from forecast.monitoring.importing import Imported


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
