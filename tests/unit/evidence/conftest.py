"""A small workspace in memory: a few indicators and areas, enough to meet every rule of the evidence."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from forecast.definitions.area import Area
from forecast.definitions.indicator import Indicator


def indicator(code: str, name: str, unit: str, period_kind: str, **more: Any) -> Indicator:
    settings: dict[str, Any] = {
        "polarity": "lower_better",
        "kind": "other",
        "publisher": "ONS",
        "lag": {"months": 9},
        "window_years": 3 if period_kind == "rolling_years" else 1,
    }
    return Indicator.model_validate({**settings, "id": code, "name": name, "unit": unit, "period_kind": period_kind, **more})


@pytest.fixture
def catalogue() -> dict[str, Any]:
    listed = [
        indicator("smoking-adults", "Smoking prevalence in adults", "percent", "calendar_year"),
        indicator("falls-admissions-65", "Falls", "per_100k", "financial_year", decimals=0),
        indicator("life-expectancy", "Healthy life expectancy", "years", "rolling_years"),
        indicator("ae-4-hour", "A&E within four hours", "percent", "month", aggregate="ratio"),
        indicator("ae-attendances", "A&E attendances", "count", "month", aggregate="sum"),
        indicator("bed-occupancy", "Bed occupancy", "percent", "financial_quarter", aggregate="ratio"),
        indicator(
            "acute-bed-days",
            "Acute bed days",
            "count",
            "financial_quarter",
            aggregate="sum",
            derived={"from": "bed-occupancy", "take": "count", "times": "days_in_period"},
        ),
    ]
    return {one.id: one for one in listed}


@pytest.fixture
def areas() -> dict[str, Any]:
    names = {
        "E06000018": "Nottingham",
        "E10000024": "Nottinghamshire",
        "RX1": "Nottingham University Hospitals",
        "RK5": "Sherwood Forest Hospitals",
        "RJE": "University Hospitals of North Midlands",
        "RJF": "Burton Hospitals",
    }
    listed = {code: Area(code=code, name=name, type="trust") for code, name in names.items()}
    for group in ("nottinghamshire-trusts", "staffordshire-stoke-trusts"):
        listed[group] = Area(code=group, name=group, type="footprint")
    return listed


@pytest.fixture
def today() -> date:
    return date(2026, 11, 22)
