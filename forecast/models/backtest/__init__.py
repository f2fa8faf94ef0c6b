"""How well the models would have done: rolling origins, scores, and the record shown beside a probability."""

from __future__ import annotations

from forecast.models.backtest.api import BacktestResult, backtest

__all__ = ["BacktestResult", "backtest"]
