"""Figures of outside areas for reference classes: read like any others, for areas the workspace does not know."""

from pathlib import Path

from forecast.definitions.workspace import load_catalogue
from forecast.evidence.reference import read_reference

CATALOGUE = """id = "smoking"
name = "Smoking"
unit = "percent"
polarity = "lower_better"
kind = "survey_proportion"
period_kind = "calendar_year"
publisher = "ONS"

[lag]
months = 9
basis = "assumed"
"""


def test_any_area_of_a_known_indicator_is_taken_with_the_day_it_became_known(tmp_path: Path) -> None:
    (tmp_path / "indicators" / "catalogue").mkdir(parents=True)
    (tmp_path / "indicators" / "catalogue" / "smoking.toml").write_text(CATALOGUE, encoding="utf-8")
    (tmp_path / "data" / "reference").mkdir(parents=True)
    rows = "indicator,area,period,value\nsmoking,E06000001,2014,20.5\nsmoking,E06000002,2014,twenty\nother,E06000001,2014,1\n"
    (tmp_path / "data" / "reference" / "all.csv").write_text(rows, encoding="utf-8")
    catalogue, _ = load_catalogue(tmp_path)
    found, problems = read_reference(tmp_path, catalogue)
    assert [(r.area, r.value, r.known_on.date().isoformat()) for r in found.itertuples()] == [("E06000001", 20.5, "2015-09-30")]
    assert [(one.file, one.line) for one in problems] == [("data/reference/all.csv", 3)]


def test_no_folder_is_no_reference(tmp_path: Path) -> None:
    found, problems = read_reference(tmp_path, {})
    assert found.empty
    assert problems == []
