"""Predictive quantiles and threshold probabilities for any tidy table of figures, no workspace needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from forecast.definitions.period import Period
from forecast.definitions.reasons import words
from forecast.errors import DefinitionError, EvidenceError, Problem, StoreError
from forecast.models.limits import Limits, limits_of, read_limits
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
Array = NDArray[np.float64]
Codes = NDArray[np.int32]

_TALLIED = ("indicator", "area", "sex", "age", "period", "output_type")  # columns by which a reader of the file skips row groups
_LONGEST_YEARS = 25


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
    request = Request(periods, as_of, tuple(quantiles), read_limits(thresholds), underlying)
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
    limits = read_limits(read_table(thresholds, ("threshold",)) if thresholds else None)
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
    coded = [name for name in SCHEMA.names if name != "value"]  # values hardly repeat: a dictionary of them costs time and room
    options = {"compression": "zstd", "use_dictionary": coded, "write_statistics": list(_TALLIED)}
    writer = pacsv.CSVWriter(path, plain) if csv else pq.ParquetWriter(path, SCHEMA, **options)
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
    if request.as_of is not None:
        try:
            limit = Period.parse(request.as_of, group.first.kind).step
        except DefinitionError:
            try:
                end = Period.parse(request.as_of).end
            except DefinitionError as error:
                raise EvidenceError(f"--as-of {request.as_of!r} is not a period. {error}") from error
            limit = Period.last_ending_by(group.first.kind, end, group.first.window_years).step
        seen = group.only(group.step <= limit)
        if seen is None:
            return None, f"no figure up to {request.as_of}"
        group = seen
    return panel_from_codes(key, group.area, group.areas, group.step, group.first, group.numbers, group.unit), ""


def _rows(panel: Panel, prediction: Prediction, answered: NDArray[np.int64], request: Request) -> pa.Table:
    kinds = ("published", "underlying") if request.underlying else ("published",)
    levels = np.array(request.quantiles)
    A, H, Q = len(answered), len(prediction.periods), len(levels)
    limits = limits_of(request.thresholds, panel, prediction)
    blocks: list[tuple[Array | Codes, ...]] = []  # area, step, kind, output type, its id, value
    for number, kind in enumerate(kinds):
        if Q:
            whose, when = np.repeat(answered.astype(np.int32), H * Q), np.tile(np.repeat(np.arange(H, dtype=np.int32), Q), A)
            values = prediction.quantile(levels, kind)[answered]
            blocks.append((whose, when, _same(number, A * H * Q), _same(0, A * H * Q), np.tile(levels, A * H), values.ravel()))
        if limits is not None:
            row, step, limit = limits
            chance = np.empty(len(row))
            for k in np.unique(step):
                here = step == k
                grid = np.full((int(np.bincount(row[here]).max(initial=0)), len(panel.areas)), np.nan)
                chance[here] = _chances(prediction, kind, row[here], int(k), limit[here], grid)
            blocks.append((row, step, _same(number, len(row)), _same(1, len(row)), limit, chance))
    area, ahead, kind_at, type_at, type_id, value = (np.concatenate(column) for column in zip(*blocks, strict=True))
    one = _same(0, len(value))
    words = [
        (one, [panel.indicator]),
        (area, panel.areas),
        (one, [panel.sex]),
        (one, [panel.age]),
        (one, [panel.periods[-1].label]),
        (ahead, [p.label for p in prediction.periods]),
        (kind_at, kinds),
        (type_at, ["quantile", "cdf"]),
    ]
    text = [pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(list(names), pa.string())) for codes, names in words]
    return pa.Table.from_arrays([*text, pa.array(type_id), pa.array(value)], schema=SCHEMA)


def _same(code: int, length: int) -> Codes:
    return np.full(length, code, dtype=np.int32)


def _chances(prediction: Prediction, kind: str, row: Codes, column: int, limit: Array, grid: Array) -> Array:
    """P(figure <= limit) for thresholds of one period; `grid` has a line for each further threshold of the same area."""
    order = np.argsort(row, kind="stable")
    rank = np.empty(len(row), dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(np.bincount(row[order]))])[row[order]]
    rank[order] = np.arange(len(row)) - starts
    grid[rank, row] = limit
    chance = np.stack([prediction.at(column).cdf(line[:, None], kind)[:, 0] for line in grid])
    return chance[rank, row]
