"""A small workspace that tests may spoil."""

from __future__ import annotations

from pathlib import Path

import pytest

SETTINGS = 'name = "Test"\nas_of = "2016-10-21"\n'
INDICATOR = """id = "smoking-adults"
name = "Smoking prevalence in adults"
unit = "percent"
polarity = "lower_better"
kind = "survey_proportion"
period_kind = "calendar_year"
publisher = "ONS"
comparator = "E92000001"

[lag]
months = 9
basis = "assumed"
"""
AREAS = (
    "code,name,type,note\n"
    "E92000001,England,country,\n"
    "E06000018,Nottingham,unitary,\n"
    "RJE,North Midlands,trust,\n"
    "RJF,Burton,trust,\n"
    "ours,Our trusts,footprint,\n"
)
MEMBERSHIPS = "member,group,from,to,weight\nRJE,ours,,,\nRJF,ours,,2018-06-30,\n"
PLAN = """id = "our-plan"
title = "Our plan"
publisher = "Us"
published = 2016-10-21
ends = "2020/21"
document = "Our plan, 2016"
areas = ["E06000018"]
"""
HEADER = (
    "id,promise,version,measure,indicator,area,sex,kind,operator,value,unit,by,baseline_value,status,reason,assumptions,lines\n"
)
GOOD = "smoke,,,Adult smoking,smoking-adults,E06000018,,level,at_most,18.8,percent,2020/21,24.2,active,,,12\n"
HELD = "money,,,Savings,,,,spend,,3,gbp_m,,,held,money,,13\n"


class Folder:
    """A workspace folder whose files can be written anew."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, text: str, encoding: str = "utf-8") -> Folder:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding=encoding)
        return self

    def targets(self, *rows: str, header: str = HEADER) -> Folder:
        return self.write("indicators/plans/our-plan/targets.csv", header + "".join(rows))

    def indicator(self, text: str, name: str = "smoking-adults") -> Folder:
        return self.write(f"indicators/catalogue/{name}.toml", text)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path)
    made.write("forecast.toml", SETTINGS).write("indicators/areas.csv", AREAS)
    made.write("indicators/memberships.csv", MEMBERSHIPS).write("indicators/plans/our-plan/plan.toml", PLAN)
    return made.indicator(INDICATOR).targets(GOOD, HELD)
