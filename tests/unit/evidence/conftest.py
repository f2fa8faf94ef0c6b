"""A small workspace in memory: a few indicators and areas, enough to meet every rule of the evidence."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest


def indicator(name: str, unit: str, period_kind: str, **more: Any) -> SimpleNamespace:
    settings: dict[str, Any] = {
        "name": name,
        "unit": unit,
        "period_kind": period_kind,
        "decimals": 1,
        "aggregate": "none",
        "lag": SimpleNamespace(months=9, days=0, basis="assumed"),
        "derived": None,
        "loaded": True,
    }
    return SimpleNamespace(**{**settings, **more})


@pytest.fixture
def catalogue() -> dict[str, Any]:
    return {
        "smoking-adults": indicator("Smoking prevalence in adults", "percent", "calendar_year"),
        "falls-admissions-65": indicator("Falls", "per_100k", "financial_year", decimals=0),
        "life-expectancy": indicator("Healthy life expectancy", "years", "rolling_years"),
        "ae-4-hour": indicator("A&E within four hours", "percent", "month", aggregate="ratio"),
        "ae-attendances": indicator("A&E attendances", "count", "month", aggregate="sum"),
        "acute-beds-available": indicator("Beds", "count", "financial_quarter", aggregate="sum"),
    }


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
    listed = {code: SimpleNamespace(code=code, name=name, type="trust") for code, name in names.items()}
    for group in ("nottinghamshire-trusts", "staffordshire-stoke-trusts"):
        listed[group] = SimpleNamespace(code=group, name=group, type="footprint")
    return listed


@pytest.fixture
def today() -> date:
    return date(2026, 11, 22)
