"""How likely each promise in a public health plan is to be kept, every month.

The verbs of the command line as functions: `predict`, `backtest`, `trend` and `odd` over tables of figures, `run` over a
workspace. They are brought in when first used, so that importing the package stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from forecast.errors import DefinitionError, EvidenceError, ForecastError, Problem, SourceError, StoreError

if TYPE_CHECKING:
    from forecast.assessment.findings import Findings
    from forecast.assessment.odd_figures import odd_table as odd
    from forecast.assessment.trend_table import trend_table as trend
    from forecast.definitions.period import Period
    from forecast.models.backtest.api import backtest
    from forecast.models.predict import predict
    from forecast.monitoring.run import run_workspace as run

_LAZY = {
    "Findings": ("forecast.assessment.findings", "Findings"),
    "Period": ("forecast.definitions.period", "Period"),
    "backtest": ("forecast.models.backtest.api", "backtest"),
    "odd": ("forecast.assessment.odd_figures", "odd_table"),
    "predict": ("forecast.models.predict", "predict"),
    "run": ("forecast.monitoring.run", "run_workspace"),
    "trend": ("forecast.assessment.trend_table", "trend_table"),
}

__all__ = [
    "DefinitionError",
    "EvidenceError",
    "Findings",
    "ForecastError",
    "Period",
    "Problem",
    "SourceError",
    "StoreError",
    "backtest",
    "odd",
    "predict",
    "run",
    "trend",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'forecast' has no attribute '{name}'")
    module, attribute = _LAZY[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
