"""How likely each promise in a public health plan is to be kept, every month.

The verbs of the command line as functions: `predict`, `backtest`, `trend` and `odd` over tables of figures, `run` over a
workspace. They are brought in when first used, so that importing the package stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from forecast.errors import DefinitionError, EvidenceError, ForecastError, Problem, ServiceError, SourceError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from forecast.assessment.findings import Findings
    from forecast.assessment.odd_figures import odd
    from forecast.assessment.trend_table import trend
    from forecast.definitions.period import Period
    from forecast.models.backtest.api import backtest
    from forecast.models.predict import predict

_LAZY = {
    "Findings": ("forecast.assessment.findings", "Findings"),
    "Period": ("forecast.definitions.period", "Period"),
    "backtest": ("forecast.models.backtest.api", "backtest"),
    "odd": ("forecast.assessment.odd_figures", "odd"),
    "predict": ("forecast.models.predict", "predict"),
    "trend": ("forecast.assessment.trend_table", "trend"),
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
    "backtest",
    "odd",
    "predict",
    "run",
    "trend",
]


def run(
    root: Path | str, as_of: date | None = None, compare_with: date | None = None, progress: Callable[[str], None] | None = None
) -> Findings:
    """Run the workspace at `root` as `forecast run` does, report and files beside it included, and give what was found.

    `as_of` wins over the workspace's own date; `compare_with` is the as-of date of the run to compare with, by default the run
    before; `progress` is told each step. Raises DefinitionError for a workspace that cannot be read, StoreError when another
    run is at work or the disk refuses.
    """
    from pathlib import Path as Folder

    from forecast.monitoring.run import run_and_record
    from forecast.reporting.site import write_report

    return run_and_record(Folder(root), as_of=as_of, compare_with=compare_with, report=write_report, progress=progress).findings


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'forecast' has no attribute '{name}'")
    module, attribute = _LAZY[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
