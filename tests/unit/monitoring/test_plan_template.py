"""The round trip: a plan's template, filled in, imported, and its held targets assessed with no further work."""

import shutil
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from forecast.definitions.check import check_workspace
from forecast.definitions.plan import Plan
from forecast.definitions.target import Target
from forecast.errors import DefinitionError
from forecast.monitoring.importing import import_figures
from forecast.monitoring.new_workspace import new_workspace
from forecast.monitoring.plan_template import new_indicator, write_plan_template
from forecast.monitoring.run import run_and_record

ROOT = Path(__file__).parents[3]
PLAN = "nottinghamshire-stp"
AS_OF = date(2016, 10, 21)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """The shipped Nottinghamshire plan without a single figure; its template with figures for three of its series."""
    root = tmp_path_factory.mktemp("ws")
    shutil.copytree(ROOT / "indicators", root / "indicators")
    for folder in (root / "indicators" / "plans").iterdir():
        if folder.name != PLAN:
            shutil.rmtree(folder)
    (root / "data" / "published").mkdir(parents=True)
    (root / "forecast.toml").write_text('name = "round trip"\nas_of = "2016-10-21"\n', encoding="utf-8")
    made = write_plan_template(root, PLAN, root / "figures.xlsx", today=date(2026, 11, 22))
    book = openpyxl.load_workbook(made.path)
    targets: dict[str, str] = {}
    for row in book["series"].iter_rows(min_row=2, values_only=True):
        targets[row[0]] = f"{targets[row[0]]}; {row[5]}" if row[0] in targets else row[5]
    local = next(series for series, said in targets.items() if series.startswith(PLAN) and "percent" not in said)
    wanted = {"breastfeeding-6-8-weeks": 40.0, "nhs-health-checks-uptake": 50.0, local: 30.0}
    for row in book["figures"].iter_rows(min_row=2):
        series, _, period, value = row[:4]
        if series.value in wanted and int(str(period.value)[:4]) <= 2015:
            value.value = wanted[series.value] + 1.5 * (int(str(period.value)[:4]) - 2012)
    book.save(made.path)
    return root, made, targets, local


def serving(findings, targets, series):
    ids = [part.partition(":")[0] for part in targets[series].split("; ")]
    return [row for row in findings.assessments if row.target in ids]


def test_the_workbook_has_a_title_and_its_long_texts_are_read_where_they_stand(filled):
    book = openpyxl.load_workbook(filled[1].path)
    assert "Transformation Plan" in book.properties.title
    assert book.properties.language == "en-GB"
    assert all(cell.alignment.wrap_text for name in ("series", "read me") for cell in book[name]["A"])


def test_rows_held_for_want_of_a_series_are_assessed_once_figures_are_in(filled):
    root, made, targets, local = filled
    before = {row.target: row for row in run_and_record(root, AS_OF).findings.assessments}
    done = import_figures(root, made.path)
    assert [str(p) for p in done.problems if p.severity == "error"] == []
    after = run_and_record(root, AS_OF).findings
    for series in ("breastfeeding-6-8-weeks", "nhs-health-checks-uptake", local):
        rows = serving(after, targets, series)
        assert rows, series
        for row in rows:
            assert before[row.target].status == "held"
            assert row.status == "assessed", (row.target, row.reason, row.reason_detail)
            assert "figures_brought_in" in row.assumptions
            assert 0 < row.probability < 1
            assert row.series in after.series
    still = [row for row in after.assessments if row.reason == "series_not_loaded"]
    assert still, "rows whose series nobody filled in stay held"
    assert all(row.probability is None for row in still)


def test_the_template_names_every_quantified_row_and_leaves_the_workspace_clean(filled):
    root, _, targets, _ = filled
    assert [str(p) for p in check_workspace(root) if p.severity == "error"] == []
    listed = {part.partition(":")[0] for said in targets.values() for part in said.split("; ")}
    rows = run_and_record(root, AS_OF).findings.assessments
    held = {
        row.target for row in rows if row.status == "held" and row.reason in ("series_not_loaded", "local_return_only", "money")
    }
    numbered = {row.target for row in rows if row.promised}
    assert held & numbered - listed - {row.target for row in rows if row.kind in ("direction", "undefined")} == set()


def test_a_mistyped_row_waits_for_its_mend_and_not_for_figures(tmp_path):
    new_workspace(tmp_path / "ws")
    path = next((tmp_path / "ws").glob("indicators/plans/*/targets.csv"))
    lines = path.read_text(encoding="utf-8").splitlines()
    assert ",at_most," in lines[1]
    path.write_text("\n".join([lines[0], lines[1].replace(",at_most,", ",atmost,")]) + "\n", encoding="utf-8")
    made = write_plan_template(tmp_path / "ws", path.parent.name, tmp_path / "figures.xlsx")
    assert (made.series, made.catalogue) == (0, ())


def test_a_second_template_makes_no_second_series(filled):
    root, made, _, _ = filled
    again = write_plan_template(root, PLAN, root / "again.csv")
    assert again.catalogue == ()
    assert again.series == made.series


def test_an_unknown_plan_is_told_with_those_there_are(filled):
    with pytest.raises(DefinitionError, match=PLAN):
        write_plan_template(filled[0], "no-such-plan", filled[0] / "x.csv")


@pytest.mark.parametrize(
    ("unit", "series", "decimals"), [("gbp_thousand", "gbp_m", 3), ("gbp_m", "gbp_m", 1), ("percent", "percent", 1)]
)
def test_money_printed_in_thousands_is_asked_for_in_millions_to_the_thousand(unit, series, decimals):
    row = Target(id="t", measure="Savings", kind="spend", status="held", reason="money", value=2.5, unit=unit)
    of_plan = Plan(id="p", title="P", publisher="B", published=AS_OF, ends="2020/21", targets=(row,))
    made = new_indicator(row, of_plan)
    assert (str(made.unit), made.decimals) == (series, decimals)


def test_a_measure_that_is_a_formula_is_not_run_in_the_template(tmp_path):
    root = new_workspace(tmp_path / "plan")
    targets = next(root.rglob("targets.csv"))
    text = targets.read_text(encoding="utf-8").replace("Adults who smoke,smoking-adults", "=cmd(),")
    targets.write_text(text.replace(",active,,", ",held,series_not_loaded,=ask()"), encoding="utf-8")
    made = write_plan_template(root, "example-plan", root / "figures.xlsx", today=date(2026, 11, 22))
    cells = [cell for sheet in openpyxl.load_workbook(made.path) for row in sheet.iter_rows() for cell in row if cell.value]
    assert {"'=cmd()", "'=ask()"} <= {cell.value for cell in cells}
    assert "f" not in {cell.data_type for cell in cells}


def test_rows_that_promise_the_same_measure_share_one_series_and_no_period_becomes_a_date(tmp_path):
    root = new_workspace(tmp_path / "plan")
    targets = next(root.rglob("targets.csv"))
    text = targets.read_text(encoding="utf-8").replace(",smoking-adults,", ",,").replace(",active,,", ",held,series_not_loaded,")
    row = text.splitlines()[1]
    more = [row.replace("smoking_2028", name) for name in ("again", "other")]
    more[1] = more[1].replace("Adults who smoke", "Adults who vape")
    targets.write_text(text + "".join(f"{one}\n" for one in more), encoding="utf-8")
    made = write_plan_template(root, "example-plan", root / "figures.xlsx", today=date(2026, 11, 22))
    assert (made.series, made.targets, len(made.catalogue)) == (2, 3, 2)
    sheet = openpyxl.load_workbook(made.path)["figures"]
    for last in (2, sheet.max_row):
        kept = {cell.value for cell in sheet[1] if sheet.cell(last, cell.column).number_format == "@"}
        assert kept == {"indicator", "area", "period", "known_on"}
