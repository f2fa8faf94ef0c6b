"""docs/python.md: every example runs, one after the other, and every verb has one."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import forecast

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
VERBS = [name for name in forecast.__all__ if name[0].islower()]


def test_every_verb_has_an_example_and_says_what_it_answers() -> None:
    assert len(VERBS) == 12
    for name in VERBS:
        assert f"forecast.{name}(" in PAGE, name
        verb = getattr(forecast, name)
        assert "Raises" in (verb.__doc__ or "") or name == "check", name


def test_the_examples_of_the_page_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from forecast.monitoring import fetching

    asked: list[Any] = []

    def no_network(root: Path, source: str, wanted: Any = (), options: Any = None) -> list[fetching.FetchedFile]:
        asked.append((root, source, wanted, options))
        return [fetching.FetchedFile("", None, "no network in a test")]

    monkeypatch.setattr(fetching, "fetch_figures", no_network)
    monkeypatch.chdir(tmp_path)
    seen: dict[str, Any] = {}
    for example in re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE):
        exec(compile(example, "docs/python.md", "exec"), seen)
    assert forecast.check("our-plan") == []
    assert seen["one"].target == "smoking_2028"
    assert seen["one"].status == "assessed"
    assert seen["sheet"].exists()
    assert (seen["done"].added, seen["done"].problems) == (1, ())
    assert seen["done"].used.columns["area"] == "LA code"  # kept for the next such file
    again = forecast.import_figures("our-plan", "smokers.csv", known_on="2025-09-30")
    assert (again.added, again.unchanged) == (0, 1)
    (tmp_path / "odd.csv").write_text("Place;Smoke\nE06000018;14\n", encoding="utf-8")
    with pytest.raises(forecast.SourceError, match=r"odd\.csv: nothing says what .*period.* is\. Say it in columns"):
        forecast.import_figures("our-plan", "odd.csv", columns={"area": "Place", "value": "Smoke"})
    with pytest.raises(forecast.SourceError, match="none of the files we know"):
        forecast.import_figures("our-plan", "odd.csv")
    assert asked == [(Path("our-plan"), "fingertips", ["92443"], None)]
    assert set(seen["quantiles"]["output_type"]) == {"quantile", "cdf"}
    assert len(seen["scores"].cases) > 0
    assert set(seen["series"]["area"]) == {"E06000018", "E92000001"}
    assert (tmp_path / "our-plan" / "reports" / "output" / "2025-01-31" / "index.html").exists()
    with pytest.raises(forecast.DefinitionError, match="is not a date"):
        forecast.run("our-plan", as_of="2016-13-45")


def test_importing_the_package_stays_quick() -> None:
    began = time.perf_counter()
    ask = "import sys, forecast; dir(forecast); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert time.perf_counter() - began < 1.0
    assert not {"pandas", "numpy", "pyarrow", "forecast.verbs"} & set(loaded)
