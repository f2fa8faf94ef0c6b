"""Control characters are left out where files are read, and told with file and line."""

from __future__ import annotations

from forecast.definitions.check import check_workspace
from forecast.definitions.control_characters import CONTROLS, without_controls
from forecast.definitions.workspace import load_workspace

from .conftest import AREAS, GOOD, HELD, INDICATOR, Folder


def test_definitions_are_read_without_them_and_say_so(folder: Folder) -> None:
    folder.write("indicators/areas.csv", AREAS.replace("E06000018,Nottingham", "E06\x07000018,Notting\x9bham"))
    folder.targets(HELD, GOOD.replace("Adult smoking", "\x1b[2JAdult smoking"))
    folder.indicator(INDICATOR.replace("Smoking prevalence", r"Smoking\u001b[31m prevalence"))
    workspace = load_workspace(folder.root)
    assert workspace.areas["E06000018"].name == "Nottingham"
    assert workspace.plans[0].targets[1].measure == "[2JAdult smoking"
    assert workspace.catalogue["smoking-adults"].name == "Smoking[31m prevalence in adults"
    told = [(problem.file, problem.line, problem.severity) for problem in check_workspace(folder.root)]
    assert told == [
        ("indicators/areas.csv", 3, "warning"),
        ("indicators/catalogue/smoking-adults.toml", 2, "warning"),
        ("indicators/plans/our-plan/targets.csv", 3, "warning"),
    ]


def test_what_is_wrong_is_told_without_them(folder: Folder) -> None:
    folder.indicator(INDICATOR + '\n"od\\u001bd" = 1\n')
    assert "unknown key" in " ".join(map(str, check_workspace(folder.root)))
    assert not any(CONTROLS.search(str(problem)) for problem in check_workspace(folder.root))


def test_tabs_and_line_breaks_are_text() -> None:
    assert without_controls("a\tb\r\nc\n", "a.csv") == ("a\tb\r\nc\n", [])


def test_many_lines_are_told_together() -> None:
    text, problems = without_controls("\x00a\n" * 500, "a.csv")
    assert text == "a\n" * 500
    assert [problem.line for problem in problems] == list(range(1, 22))
    assert "480 more lines" in problems[-1].message
