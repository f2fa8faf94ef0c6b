"""The rows that `predict` writes: quantiles and chances as coded columns, each with its origin and what a reader should know."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import compress

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from forecast.definitions.pandemic import PANDEMIC_END, PANDEMIC_START
from forecast.definitions.period_kind import furthest_behind
from forecast.models.limits import Asked
from forecast.models.panel import Panel
from forecast.models.prediction import Prediction

Array = NDArray[np.float64]
Codes = NDArray[np.int32]

_TEXT = pa.dictionary(pa.int32(), pa.string())
_WORDS = ("indicator", "area", "sex", "age", "origin", "period", "kind", "output_type")
SCHEMA = pa.schema(
    [*((name, _TEXT) for name in _WORDS), ("output_type_id", pa.float64()), ("value", pa.float64()), ("reasons", _TEXT)]
)
# of figures that name the method by which they were made
WITH_METHOD = SCHEMA.insert(SCHEMA.names.index("age") + 1, pa.field("method", _TEXT))
TALLIED = ("indicator", "period")  # columns by which a reader of the file skips row groups

NOWCAST, STALE, CROSSING = "nowcast", "stale_figures", "across_pandemic"


@dataclass(frozen=True)
class Told:
    """What is said of each answered area and period: codes into words.

    origin (A,) into origins; reason (A, H) into reasons.
    """

    origins: list[str]
    origin: Codes
    reasons: list[str]
    reason: Codes


def told_of(panel: Panel, prediction: Prediction, answered: NDArray[np.bool_], standing: int | None) -> Told:
    """Each area's own origin (its last figure), and the reason codes of its rows.

    standing: the step of the last period that had ended when the forecast is made; None where no moment is named.
    """
    seen = np.isfinite(panel.value[answered])
    at = seen.shape[1] - 1 - np.argmax(seen[:, ::-1], axis=1)
    used, origin = np.unique(at, return_inverse=True)
    newest = panel.periods[-1].step if standing is None else max(standing, panel.periods[-1].step)
    stale = newest - (panel.periods[0].step + at) > furthest_behind(panel.season)
    codes: dict[tuple[str, ...], int] = {}
    if prediction.reasons or stale.any():
        areas = compress(panel.areas, answered)
        own = [(*prediction.reasons.get(area, ()), *([STALE] if old else [])) for area, old in zip(areas, stale, strict=True)]
        series = np.array([codes.setdefault(each, len(codes)) for each in own], dtype=np.int32)
    else:
        codes[()] = 0
        series = np.zeros(len(at), dtype=np.int32)
    step = np.array([period.step for period in prediction.periods])
    nowcast = step <= (panel.periods[-1].step if standing is None else standing)
    before = np.array([panel.periods[k].end <= PANDEMIC_END for k in used])[origin]
    after = np.array([period.end >= PANDEMIC_START for period in prediction.periods])
    reasons = [";".join((*own, *also)) for own in codes for also in ((), (CROSSING,), (NOWCAST,), (NOWCAST, CROSSING))]
    origins = [panel.periods[k].label for k in used]
    reason = 4 * series[:, None] + 2 * nowcast + (before[:, None] & after)
    return Told(origins, origin.astype(np.int32), reasons, reason.astype(np.int32))


def rows_of(
    panel: Panel,
    prediction: Prediction,
    answered: NDArray[np.bool_],
    quantiles: tuple[float, ...],
    kinds: tuple[str, ...],
    asked: Asked | None,
    standing: int | None,
    schema: pa.Schema,
) -> pa.Table:
    """The answers of one panel, in the schema's columns."""
    told = told_of(panel, prediction, answered, standing)
    areas = tuple(compress(panel.areas, answered))
    labels = [period.label for period in prediction.periods]
    people = {"sex": [panel.sex], "age": [panel.age], "method": [panel.method]}
    asks = {"kind": kinds, "output_type": ("quantile", "cdf"), "reasons": told.reasons}
    names = {"indicator": [panel.indicator], "area": areas, **people, "origin": told.origins, "period": labels, **asks}
    words = {name: _words(tuple(each)) for name, each in names.items()}
    tables = []
    for number, kind in enumerate(kinds):
        if quantiles:
            area, ahead, ids = _grid(len(areas), len(labels), quantiles)
            value = prediction.quantile(np.array(quantiles), kind)[answered].ravel()
            tables.append(_table(schema, words, told, area, ahead, number, 0, ids, value))
        if asked is not None:
            has = answered[asked.area]
            row, ahead, limit = asked.area[has], asked.ahead[has], asked.limit[has]
            area = (np.cumsum(answered, dtype=np.int32) - 1)[row]
            chance = prediction.cdf_at(limit, row, ahead, kind)
            tables.append(_table(schema, words, told, area, ahead, number, 1, limit, chance))
    return pa.concat_tables(tables) if tables else schema.empty_table()


def _table(
    schema: pa.Schema,
    words: dict[str, pa.Array],
    told: Told,
    area: Codes,
    ahead: Codes,
    kind: int,
    output_type: int,
    type_id: Array,
    value: Array,
) -> pa.Table:
    """Rows in the schema's columns: codes into `words` (0 where there is one word only), and the numbers."""
    zero = _same(0, len(value))
    codes = {
        "area": area,
        "origin": told.origin[area] if len(told.origins) > 1 else zero,
        "period": ahead,
        "kind": _same(kind, len(value)),
        "output_type": _same(output_type, len(value)),
        "reasons": told.reason[area, ahead] if told.reason.any() else zero,
    }
    numbers = {"output_type_id": type_id, "value": value}
    text = {name: pa.array(codes.get(name, zero)) for name in schema.names if name not in numbers}
    columns = {name: pa.DictionaryArray.from_arrays(each, words[name], safe=False) for name, each in text.items()}
    columns |= {name: pa.array(each) for name, each in numbers.items()}
    return pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)


@lru_cache(maxsize=64)
def _words(names: tuple[str, ...]) -> pa.Array:
    return pa.array(names, pa.string())


def _same(code: int, length: int) -> Codes:
    return np.full(length, code, dtype=np.int32)


@lru_cache(maxsize=8)
def _grid(areas: int, periods: int, levels: tuple[float, ...]) -> tuple[Codes, Codes, Array]:
    """Area, period and level of each quantile; not to be written to."""
    area, ahead, level = np.indices((areas, periods, len(levels)), dtype=np.int32)
    grid = area.ravel(), ahead.ravel(), np.array(levels)[level.ravel()]
    for column in grid:
        column.flags.writeable = False
    return grid
