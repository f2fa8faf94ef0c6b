"""The folder of figures: whatever people save there is read or told about, file by file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from forecast.evidence.observations import validate
from forecast.evidence.published import read_published


@dataclass
class Workspace:
    root: Path
    catalogue: Any
    areas: Any

    @property
    def published_path(self) -> Path:
        return self.root / "data" / "published"


@pytest.fixture
def workspace(tmp_path: Path, catalogue: Any, areas: Any) -> Workspace:
    (tmp_path / "data" / "published").mkdir(parents=True)
    return Workspace(tmp_path, catalogue, areas)


def put(workspace: Workspace, name: str, text: str, encoding: str = "utf-8") -> None:
    (workspace.root / "data" / "published" / name).write_bytes(text.encode(encoding))


CSV = "indicator,area,period,value\nsmoking-adults,E06000018,2014,24.2\nsmoking-adults,E06000018,2015,23.0\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_encoding_and_separator_gives_the_same_figures(workspace: Workspace, encoding: str, separator: str) -> None:
    put(workspace, "a.csv", CSV.replace(",", separator), encoding)
    table, problems = read_published(workspace)
    assert problems == []
    assert table["value"].tolist() == [24.2, 23.0]


def test_files_that_are_not_figures_are_let_be(workspace: Workspace) -> None:
    put(workspace, "a.csv", CSV)
    put(workspace, "README.md", "notes")
    put(workspace, "~$a.csv", "lock")
    put(workspace, ".hidden.csv", "x")
    put(workspace, "a.csv.rejects.csv", "file,line,message\na.csv,4,what an import refused\n")
    table, problems = read_published(workspace)
    assert (len(table), problems) == (2, [])


def test_unusable_files_are_told_and_the_others_read(workspace: Workspace) -> None:
    put(workspace, "a.csv", CSV)
    put(workspace, "empty.csv", "")
    put(workspace, "wrong.csv", "date,shoe size\n1,2\n")
    put(workspace, "book.csv", "PK\x03\x04 not text")
    put(workspace, "bad.parquet", "not parquet")
    bytes_of = pd.DataFrame({"indicator": ["smoking-adults"], "area": [b"\xff\xfe"], "period": ["2014"], "value": [24.2]})
    bytes_of.to_parquet(workspace.root / "data" / "published" / "bytes.parquet")
    put(workspace, "long.csv", "indicator,area,period,value\nsmoking-adults,E06000018,2012-01-01/P99999Y,24.2\n")
    table, problems = read_published(workspace)
    assert len(table) == 2
    told = {problem.file.rsplit("/", 1)[1] for problem in problems}
    assert told == {"empty.csv", "wrong.csv", "book.csv", "bad.parquet", "bytes.parquet", "long.csv"}
    assert all(problem.mend for problem in problems)


def test_lines_are_counted_through_blank_lines_quoted_breaks_and_a_separator_line(workspace: Workspace) -> None:
    rows = 'smoking-adults,E06000018,2014,24.2,"two\nlines"\nsmoking-adults,E06000018,2015,124,\n'
    text = "sep=,\nindicator,area,period,value,note\n\n" + rows
    put(workspace, "a.csv", text)
    table, problems = read_published(workspace)
    assert table["note"].tolist() == ["two\nlines"]
    assert [problem.line for problem in problems] == [6]


def test_a_row_with_too_many_cells_is_told_and_the_rest_read(workspace: Workspace) -> None:
    put(workspace, "a.csv", CSV + "smoking-adults,E06000018,2016,1,2,3\n")
    table, problems = read_published(workspace)
    assert len(table) == 2
    assert problems[0].line == 4
    assert "cells" in problems[0].message


def test_two_files_that_contradict_each_other_are_both_named(workspace: Workspace) -> None:
    put(workspace, "a.csv", CSV)
    put(workspace, "b.csv", CSV.replace("24.2", "42.4"))
    table, problems = read_published(workspace)
    assert table["value"].tolist() == [23.0]
    errors = [problem for problem in problems if problem.severity == "error"]
    assert [(p.file, p.line) for p in errors] == [("data/published/a.csv", 2), ("data/published/b.csv", 2)]
    assert "line 2 of data/published/b.csv" in errors[0].message


def test_parquet_is_read_as_csv_is(workspace: Workspace) -> None:
    frame = pd.DataFrame({"indicator": "smoking-adults", "area": "E06000018", "period": [2014, 2015], "value": [24.2, None]})
    frame.to_parquet(workspace.root / "data" / "published" / "a.parquet")
    table, problems = read_published(workspace)
    assert problems == []
    assert table["value"].iloc[0] == 24.2
    assert table["note"].iloc[1] == "value missing: left blank"
    assert table["source"].iloc[0] == "data/published/a.parquet"


def test_an_empty_workspace_gives_an_empty_table_with_the_right_columns(tmp_path: Path) -> None:
    table, problems = read_published(Workspace(tmp_path, {}, {}))
    assert validate(table).empty
    assert problems[0].severity == "warning"


def test_control_characters_in_figures_are_left_out_and_told(workspace: Workspace) -> None:
    put(workspace, "a.csv", CSV.replace("E06000018,2015", "E06\x07000018,2015"))
    frame = pd.DataFrame(
        {"indicator": "smoking-adults", "area": "RX1", "period": ["2014"], "value": [1.0], "note": ["\x1b[31mred"]}
    )
    frame.to_parquet(workspace.root / "data" / "published" / "b.parquet")
    table, problems = read_published(workspace)
    assert table["area"].tolist() == ["E06000018", "E06000018", "RX1"]
    assert table["note"].tolist() == ["", "", "[31mred"]
    told = [(problem.file, problem.line, problem.severity) for problem in problems]
    assert told == [("data/published/a.csv", 3, "warning"), ("data/published/b.parquet", 1, "warning")]
    assert all("control characters" in problem.message for problem in problems)
