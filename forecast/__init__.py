"""How likely each promise in a public health plan is to be kept, every month.

The verbs of the command line as functions: `predict`, `backtest`, `trend` and `odd` over tables of figures; `init`, `check`,
`import_figures`, `fetch`, `template`, `run`, `explain` and `alerts` over a workspace (docs/python.md). They are brought in when
first used, so that importing the package stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from forecast.errors import DefinitionError, EvidenceError, ForecastError, Problem, ServiceError, SourceError, StoreError

if TYPE_CHECKING:
    from forecast.assessment.findings import Findings
    from forecast.assessment.odd_figures import odd
    from forecast.assessment.trend_table import trend
    from forecast.definitions.period import Period
    from forecast.models.backtest.api import backtest
    from forecast.models.predict import predict
    from forecast.verbs import alerts, check, explain, fetch, import_figures, init, run, template

_LAZY = {
    "Findings": "forecast.assessment.findings",
    "Period": "forecast.definitions.period",
    "alerts": "forecast.verbs",
    "backtest": "forecast.models.backtest.api",
    "check": "forecast.verbs",
    "explain": "forecast.verbs",
    "fetch": "forecast.verbs",
    "import_figures": "forecast.verbs",
    "init": "forecast.verbs",
    "odd": "forecast.assessment.odd_figures",
    "predict": "forecast.models.predict",
    "run": "forecast.verbs",
    "template": "forecast.verbs",
    "trend": "forecast.assessment.trend_table",
}

__all__ = [
    "DefinitionError",
    "EvidenceError",
    "Findings",
    "ForecastError",
    "Period",
    "Problem",
    "ServiceError",
    "SourceError",
    "StoreError",
    "alerts",
    "backtest",
    "check",
    "explain",
    "fetch",
    "import_figures",
    "init",
    "odd",
    "predict",
    "run",
    "template",
    "trend",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'forecast' has no attribute '{name}'")
    value = getattr(import_module(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
