"""Predictive quantiles and threshold probabilities for any tidy table of figures, no workspace needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from forecast.definitions.period import Period
from forecast.definitions.reasons import words
from forecast.errors import DefinitionError, EvidenceError, Problem, StoreError
from forecast.models.panel import Panel, panel_from_codes
from forecast.models.pooled import forecast_panel
from forecast.models.prediction import Prediction
from forecast.models.priors import shipped
from forecast.models.tidy import Group, groups, read_table

QUANTILES = (0.01, 0.025, *(round(0.05 * k, 2) for k in range(1, 20)), 0.975, 0.99)
_TEXT = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        ("indicator", _TEXT),
        ("area", _TEXT),
        ("sex", _TEXT),
        ("age", _TEXT),
        ("origin", _TEXT),
        ("period", _TEXT),
        ("kind", _TEXT),
        ("output_type", _TEXT),
        ("output_type_id", pa.float64()),
        ("value", pa.float64()),
    ]
)
_LONGEST_YEARS = 25
_SERIES = (("indicator", ""), ("sex", "Persons"), ("age", "All ages"))


@dataclass(frozen=True)
class Limits:
    """Thresholds as columns sorted by series, and where those of each (indicator, sex, age) stand."""

    area: NDArray[np.object_]
    period: NDArray[np.object_]
    value: NDArray[np.float64]
    spans: Mapping[tuple[str, str, str], tuple[int, int]]


@dataclass(frozen=True)
class Request:
    """What is asked of every series: periods ahead, the origin, quantile levels, kinds, and thresholds by series."""

    periods: int
    as_of: str | None = None
    quantiles: tuple[float, ...] = QUANTILES
    thresholds: Limits | None = None
    underlying: bool = False
    failed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.periods < 1:
            raise EvidenceError(f"--periods is {self.periods}. Ask for at least 1.")
        if any(not 0 < level < 1 for level in self.quantiles):
            raise EvidenceError(f"Quantile levels lie between 0 and 1, not {list(self.quantiles)}.")


def predict(
    observations: pd.DataFrame,
    periods: int,
    *,
    as_of: str | None = None,
    quantiles: Sequence[float] = QUANTILES,
    thresholds: pd.DataFrame | None = None,
    underlying: bool = False,
) -> pd.DataFrame:
    """Forecast every series of a tidy table `periods` periods beyond its indicator's last figure (or beyond `as_of`).

    observations: `indicator, area, period, value` and optionally `sex, age, unit, lower95, upper95, count, denominator`.
    as_of: a period; figures of later periods are not seen. thresholds: `indicator, area[, sex, age], period, threshold`.
    Returns `indicator, area, sex, age, origin, period, kind, output_type (quantile or cdf), output_type_id, value`; rows that
    were left out and series without an answer are in `.attrs["problems"]` and `.attrs["failed"]`.
    Raises EvidenceError where the table or a request cannot be used at all.
    """
    request = Request(periods, as_of, tuple(quantiles), _read_thresholds(thresholds), underlying)
    problems: list[Problem] = []
    batches = list(_tables(observations, "observations", request, problems))
    if not batches:
        raise EvidenceError(_nothing("observations", problems, request))
    result = pa.concat_tables(batches, promote_options="none").unify_dictionaries().to_pandas()
    for name in result.columns[:8]:
        result[name] = result[name].astype("str")
    result.attrs["problems"], result.attrs["failed"] = problems, request.failed
    return result


def predict_file(
    source: Path,
    output: Path,
    periods: int,
    *,
    as_of: str | None = None,
    quantiles: Sequence[float] = QUANTILES,
    thresholds: Path | None = None,
    underlying: bool = False,
) -> tuple[list[Problem], list[str]]:
    """As `predict`, from a file to a file (Parquet or CSV by its ending), streamed indicator by indicator.

    Returns the rows left out and the series without an answer. The output appears whole or not at all.
    """
    limits = _read_thresholds(read_table(thresholds, ("threshold",)).to_pandas() if thresholds else None)
    request = Request(periods, as_of, tuple(quantiles), limits, underlying)
    problems: list[Problem] = []
    batches = _tables(read_table(source), source.name, request, problems)
    part = output.with_name(f".{output.name}.part")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        written = _write(batches, part)
        if not written:
            raise EvidenceError(_nothing(source.name, problems, request))
        part.replace(output)
    except OSError as error:
        why = error.strerror or error
        mend = "Free some space, mend the rights, or name another file."
        raise StoreError(f"{output}: cannot be written ({why}). {mend}") from error
    finally:
        part.unlink(missing_ok=True)
    return problems, request.failed


def _write(batches: Iterator[pa.Table], path: Path) -> int:
    """Write the batches as they come; one is being compressed while the next is forecast."""
    from concurrent.futures import Future, ThreadPoolExecutor

    import pyarrow.csv as pacsv
    import pyarrow.parquet as pq

    written = 0
    csv = ".csv" in path.suffixes
    plain = pa.schema([(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in SCHEMA])
    writer = pacsv.CSVWriter(path, plain) if csv else pq.ParquetWriter(path, SCHEMA, compression="zstd")
    under_way: Future[None] | None = None
    with writer, ThreadPoolExecutor(1) as pool:
        for batch in batches:
            if under_way is not None:
                under_way.result()
            under_way = pool.submit(writer.write_table, batch.cast(plain) if csv else batch)
            written += len(batch)
        if under_way is not None:
            under_way.result()
    return written


def _nothing(name: str, problems: list[Problem], request: Request) -> str:
    first = next((str(p) for p in problems if p.severity == "error"), None) or next(iter(request.failed), "it holds no rows")
    return f"{name}: no series could be forecast. The first reason: {first}"


def _tables(data: pd.DataFrame | pa.Table, name: str, request: Request, problems: list[Problem]) -> Iterator[pa.Table]:
    for group in groups(data, name, problems):
        panel, reason = _panel(group, request)
        if panel is None:
            request.failed.append(f"{group.indicator}, {group.sex}: {reason}")
            continue
        horizon = min(request.periods, _LONGEST_YEARS * panel.season)
        prediction = forecast_panel(panel, horizon, shipped(panel.periods[-1].end))
        answered = np.isfinite(prediction.mixtures["published"].mean[0, :, 0])
        for area in np.flatnonzero(~answered):
            code = prediction.reasons.get(panel.areas[area], ("model_failed",))[0]
            request.failed.append(f"{group.indicator}, {panel.areas[area]}, {group.sex}: {words(code)}")
        if answered.any():
            yield _rows(panel, prediction, np.flatnonzero(answered), request)


def _panel(group: Group, request: Request) -> tuple[Panel | None, str]:
    key = (group.indicator, group.sex, group.age, "")
    keep = np.ones(len(group.step), dtype=bool)
    if request.as_of is not None:
        try:
            limit = Period.parse(request.as_of, group.first.kind).step
        except DefinitionError:
            try:
                end = Period.parse(request.as_of).end
            except DefinitionError as error:
                raise EvidenceError(f"--as-of {request.as_of!r} is not a period. {error}") from error
            limit = Period.last_ending_by(group.first.kind, end, group.first.window_years).step
        keep = group.step <= limit
    if not keep.any():
        return None, f"no figure up to {request.as_of}"
    numbers = {name: column[keep] for name, column in group.numbers.items()}
    return panel_from_codes(key, group.area[keep], group.areas, group.step[keep], group.first, numbers, group.unit), ""


def _rows(panel: Panel, prediction: Prediction, answered: NDArray[np.int64], request: Request) -> pa.Table:
    kinds = ("published", "underlying") if request.underlying else ("published",)
    levels = np.array(request.quantiles)
    A, H = len(answered), len(prediction.periods)
    blocks = []
    for number, kind in enumerate(kinds):
        if levels.size:
            values = prediction.quantile(levels, kind)[answered]
            at, step, level = (grid.ravel() for grid in np.indices((A, H, levels.size), dtype=np.int32))
            blocks.append((answered[at], step, np.full(at.size, number), np.zeros(at.size), levels[level], values.ravel()))
        limits = _thresholds_of(panel, prediction, request)
        if limits is not None:
            row, step, limit = limits
            chance = np.empty(len(row))
            for k in np.unique(step):
                here = step == k
                grid = np.full((int(np.bincount(row[here]).max(initial=0)), len(panel.areas)), np.nan)
                chance[here] = _chances(prediction, kind, row[here], int(k), limit[here], grid)
            blocks.append((row, step, np.full(len(row), number), np.ones(len(row)), limit, chance))
    area, step, kind_at, type_at, type_id, value = (np.concatenate(column) for column in zip(*blocks, strict=True))
    origin = panel.periods[-1].label

    def word(codes: NDArray[np.int64] | NDArray[np.float64], names: Sequence[str]) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(list(names), pa.string()))

    one = np.zeros(len(value))
    columns = [
        word(one, [panel.indicator]),
        word(area, panel.areas),
        word(one, [panel.sex]),
        word(one, [panel.age]),
        word(one, [origin]),
        word(step, [p.label for p in prediction.periods]),
        word(kind_at, kinds),
        word(type_at, ["quantile", "cdf"]),
        pa.array(type_id),
        pa.array(value),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _chances(
    prediction: Prediction, kind: str, row: NDArray[np.int64], column: int, limit: NDArray[np.float64], grid: NDArray[np.float64]
) -> NDArray[np.float64]:
    """P(figure <= limit) for thresholds of one period; `grid` has a line for each further threshold of the same area."""
    order = np.argsort(row, kind="stable")
    rank = np.empty(len(row), dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(np.bincount(row[order]))])[row[order]]
    rank[order] = np.arange(len(row)) - starts
    grid[rank, row] = limit
    chance = np.stack([prediction.at(column).cdf(line[:, None], kind)[:, 0] for line in grid])
    return chance[rank, row]


def _read_thresholds(table: pd.DataFrame | None) -> Limits | None:
    """Thresholds by series and period. Raises EvidenceError naming what is missing."""
    if table is None:
        return None
    frame = table.rename(columns=lambda name: str(name).strip().lower())
    missing = [name for name in ("indicator", "area", "period", "threshold") if name not in frame]
    if missing:
        raise EvidenceError(f"thresholds: no column {', '.join(missing)}. Give indicator, area, period and threshold.")
    value = pd.to_numeric(frame["threshold"], errors="coerce").to_numpy(float)
    bad = np.flatnonzero(np.isnan(value))
    if len(bad):
        raise EvidenceError(f"thresholds, row {bad[0] + 2}: the threshold is not a number. Write it as a plain number.")
    keys = [frame[name] if name in frame else pd.Series(default, index=frame.index) for name, default in _SERIES]
    keys = [key.astype("object").where(key.notna(), default) for key, (_, default) in zip(keys, _SERIES, strict=True)]
    number, names = pd.factorize(pd.MultiIndex.from_arrays(keys))
    order = np.argsort(number, kind="stable")
    ends = np.cumsum(np.bincount(number, minlength=len(names)))
    spans = {
        (str(name[0]), str(name[1]), str(name[2])): (int(start), int(end))
        for name, start, end in zip(names, [0, *ends[:-1]], ends, strict=True)
    }
    area, period = (frame[name].astype("object").to_numpy()[order] for name in ("area", "period"))
    return Limits(area, period, value[order], spans)


def _thresholds_of(
    panel: Panel, prediction: Prediction, request: Request
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]] | None:
    key = (panel.indicator, panel.sex, panel.age)
    if request.thresholds is None or key not in request.thresholds.spans:
        return None
    own = slice(*request.thresholds.spans[key])
    areas = {name: k for k, name in enumerate(panel.areas)}
    steps = {p.step: k for k, p in enumerate(prediction.periods)}
    kind = panel.periods[0].kind
    labels = request.thresholds.period[own]
    at = {label: steps.get(Period.parse(str(label), kind).step, -1) for label in set(labels)}
    row = np.array([areas.get(name, -1) for name in request.thresholds.area[own]], dtype=np.int64)
    step = np.array([at[label] for label in labels], dtype=np.int64)
    inside = (row >= 0) & (step >= 0)
    return row[inside], step[inside], request.thresholds.value[own][inside]
