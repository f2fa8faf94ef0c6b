"""What an analyst would do without a model, scored in every backtest: random walk with drift, and a straight line."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from forecast.models.backtest.cases import Forecaster
from forecast.models.classical import drift, line
from forecast.models.contract import DRIFT

LINE = line.MODEL.name
BASELINES: Mapping[str, Forecaster] = MappingProxyType({DRIFT: drift.MODEL.predict, LINE: line.MODEL.predict})
