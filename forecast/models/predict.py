"""Predictive quantiles and threshold probabilities for any tidy table of figures, no workspace needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from forecast.definitions.period import Period
from forecast.definitions.reasons import words
from forecast.errors import DefinitionError, EvidenceError, Problem, StoreError
from forecast.models.columns import read_pieces, read_table
from forecast.models.limits import Limits, limits_of, read_limits
from forecast.models.panel import Panel, panel_from_codes
from forecast.models.pooled import forecast_panel
from forecast.models.prediction import Prediction
from forecast.models.priors import shipped
from forecast.models.tidy import Group, groups

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

_TALLIED = ("indicator", "period")  # columns by which a reader of the file skips row groups
_LONGEST_YEARS = 25
_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True)
class Request:
    """What is asked of every series: periods ahead, the origin, quantile levels, kinds."""

    periods: int
    as_of: str | None = None
    quantiles: tuple[float, ...] = QUANTILES
    underlying: bool = False

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
    request = Request(periods, as_of, tuple(quantiles), underlying)
    problems: list[Problem] = []
    failed: list[str] = []
    found = groups(observations, "observations", problems)
    batches = list(_tables(found, request, read_limits(thresholds), failed))
    if not batches:
        raise EvidenceError(_nothing("observations", problems, failed))
    result = _joined(batches).to_pandas()
    for name in result.columns[:8]:
        result[name] = result[name].astype("str")
    result.attrs["problems"], result.attrs["failed"] = problems, failed
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
    """As `predict`, from a file to a file (Parquet or CSV by its ending), streamed series by series.

    Returns the rows left out and the series without an answer. The output appears whole or not at all.
    """
    request = Request(periods, as_of, tuple(quantiles), underlying)
    limits = read_limits(read_table(thresholds, ("threshold",)) if thresholds else None)
    problems: list[Problem] = []
    failed: list[str] = []
    found = (group for above, piece in _one_ahead(read_pieces(source)) for group in groups(piece, source.name, problems, above))
    batches = _gathered(_tables(found, request, limits, failed))
    part = output.with_name(f".{output.name}.part")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        written = _write(batches, part)
        if not written:
            raise EvidenceError(_nothing(source.name, problems, failed))
        part.replace(output)
    except OSError as error:
        why = error.strerror or error
        mend = "Free some space, mend the rights, or name another file."
        raise StoreError(f"{output}: cannot be written ({why}). {mend}") from error
    finally:
        part.unlink(missing_ok=True)
    return problems, failed


def _one_ahead(items: Iterator[tuple[int, pa.Table]]) -> Iterator[tuple[int, pa.Table]]:
    """The items, the next one read while one is worked on."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item


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


def _nothing(name: str, problems: list[Problem], failed: list[str]) -> str:
    first = next((str(p) for p in problems if p.severity == "error"), None) or next(iter(failed), "it holds no rows")
    return f"{name}: no series could be forecast. The first reason: {first}"


def _tables(found: Iterable[Group], request: Request, limits: Limits | None, failed: list[str]) -> Iterator[pa.Table]:
    """The rows of one group after the other; series without an answer are added to `failed`."""
    for group in found:
        panel, reason = _panel(group, request)
        if panel is None:
            failed.append(f"{group.indicator}, {group.sex}: {reason}")
            continue
        horizon = min(request.periods, _LONGEST_YEARS * panel.season)
        prediction = forecast_panel(panel, horizon, shipped(panel.periods[-1].end))
        answered = np.isfinite(prediction.mixtures["published"].mean[0, :, 0])
        for area in np.flatnonzero(~answered):
            code = prediction.reasons.get(panel.areas[area], ("model_failed",))[0]
            failed.append(f"{group.indicator}, {panel.areas[area]}, {group.sex}: {words(code)}")
        if answered.any():
            yield _rows(panel, prediction, answered, request, limits)


def _gathered(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The tables, small ones put together: a file of many small row groups is slow to read."""
    held: list[pa.Table] = []
    rows = 0
    for table in tables:
        held.append(table)
        rows += len(table)
        if rows >= _ROWS_AT_ONCE:
            yield _joined(held)
            held, rows = [], 0
    if held:
        yield _joined(held)


def _joined(tables: list[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks() if len(tables) > 1 else tables[0]


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


def _rows(panel: Panel, prediction: Prediction, answered: NDArray[np.bool_], request: Request, limits: Limits | None) -> pa.Table:
    kinds = ("published", "underlying") if request.underlying else ("published",)
    levels, H = np.array(request.quantiles), len(prediction.periods)
    names = (
        [panel.indicator],
        [name for name, has in zip(panel.areas, answered, strict=True) if has],
        [panel.sex],
        [panel.age],
        [panel.periods[-1].label],
        [p.label for p in prediction.periods],
        kinds,
        ("quantile", "cdf"),
    )
    words = [pa.array(list(each), pa.string()) for each in names]
    asked = limits_of(limits, panel, prediction) if limits else None
    tables = []
    for number, kind in enumerate(kinds):
        if levels.size:
            area, ahead, ids = _grid(len(names[1]), H, request.quantiles)
            tables.append(_table(words, area, ahead, number, 0, ids, prediction.quantile(levels, kind)[answered].ravel()))
        if asked is not None:
            has = answered[asked[0]]
            row, ahead, limit = asked[0][has], asked[1][has], asked[2][has]
            area = (np.cumsum(answered, dtype=np.int32) - 1)[row]
            tables.append(_table(words, area, ahead, number, 1, limit, prediction.cdf_at(limit, row, ahead, kind)))
    return pa.concat_tables(tables) if tables else SCHEMA.empty_table()


def _table(
    words: list[pa.Array], area: Codes, ahead: Codes, kind: int, output_type: int, type_id: Array, value: Array
) -> pa.Table:
    """Rows in the schema's order: codes into `words`, then the numbers."""
    zero = _same(0, len(value))
    codes = (zero, area, zero, zero, zero, ahead, _same(kind, len(value)), _same(output_type, len(value)))
    text = [pa.DictionaryArray.from_arrays(pa.array(each), known) for each, known in zip(codes, words, strict=True)]
    return pa.Table.from_arrays([*text, pa.array(type_id), pa.array(value)], schema=SCHEMA)


def _same(code: int, length: int) -> Codes:
    return np.full(length, code, dtype=np.int32)


def _grid(areas: int, periods: int, levels: tuple[float, ...]) -> tuple[Codes, Codes, Array]:
    """Area, period and level of each quantile."""
    area, ahead, level = np.indices((areas, periods, len(levels)), dtype=np.int32)
    return area.ravel(), ahead.ravel(), np.array(levels)[level.ravel()]
