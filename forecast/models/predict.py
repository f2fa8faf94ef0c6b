"""Predictive quantiles and threshold probabilities for any tidy table of figures, no workspace needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
import pyarrow as pa

from forecast.definitions.reasons import words
from forecast.definitions.spreadsheet import safe_text
from forecast.errors import EvidenceError, ForecastError, Problem
from forecast.evidence.whole_file import put_in_place
from forecast.models.columns import read_pieces, read_source, source_of
from forecast.models.contract import LONGEST_YEARS, PooledTrend, with_fallback
from forecast.models.limits import Limits, limits_of, read_limits, unanswered
from forecast.models.output_rows import SCHEMA, TALLIED, WITH_METHOD, rows_of
from forecast.models.panel import Panel, PanelKey, panel_from_codes
from forecast.models.priors import shipped
from forecast.models.releases import Standpoint, check_as_of, seen, standpoint, unseen
from forecast.models.tidy import Coded, Group, code, groups, header

QUANTILES = (0.01, 0.025, *(round(0.05 * k, 2) for k in range(1, 20)), 0.975, 0.99)
_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True)
class Request:
    """What is asked of every series: periods ahead, the origin, quantile levels, kinds; whether answers name the method."""

    periods: int
    as_of: str | None = None
    quantiles: tuple[float, ...] = QUANTILES
    underlying: bool = False
    methods: bool = False

    @property
    def schema(self) -> pa.Schema:
        """The columns of the answers."""
        return WITH_METHOD if self.methods else SCHEMA

    def __post_init__(self) -> None:
        if self.periods < 1:
            raise EvidenceError(f"--periods is {self.periods}. Ask for at least 1.")
        if any(not 0 < level < 1 for level in self.quantiles):
            raise EvidenceError(f"Quantile levels lie between 0 and 1, not {list(self.quantiles)}.")
        if self.as_of is not None:
            check_as_of(self.as_of)


@dataclass(frozen=True)
class _Told:
    """What could not be done, gathered on the way: rows left out, series without an answer, panels whose model failed."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def fallen_back(self, said: list[str]) -> None:
        mend = "A random walk with drift stands in (reason fallback_used); please report it."
        self.problems.extend(Problem(self.file, None, None, None, each, mend) for each in said)

    def nothing(self) -> str:
        """Why there is no output at all."""
        errors = (str(problem) for problem in self.problems if problem.severity == "error")
        first = next(errors, None) or next(iter(self.failed), "it has a header but no rows")
        return f"{self.file}: no series could be forecast. The first reason: {first}"


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

    observations: `indicator, area, period, value` and optionally `sex, age, method, unit, lower95, upper95, count, denominator`
    and `published` (of a figure published more than once the newest release counts). as_of: a period or a day; figures of later
    periods are not seen, nor releases of later days; periods that had ended by then and have no figure are forecast as well
    (reason `nowcast`). thresholds: `indicator, area[, sex, age, method], period, threshold`. Returns `indicator, area, sex, age,
    origin (the area's own last figure), period, kind, output_type (quantile or cdf), output_type_id, value, reasons (codes)`,
    and `method` after `age` where the observations have that column; rows that were left out and series without an answer are
    in `.attrs["problems"]` and `.attrs["failed"]`.
    Raises EvidenceError where the table or a request cannot be used at all.
    """
    request = Request(periods, as_of, tuple(quantiles), underlying)
    asked = None if thresholds is None else read_limits(source_of(thresholds, "thresholds"))
    given = source_of(observations, "observations")
    told = _Told(given.file, header(given))
    request = replace(request, methods="method" in given.columns)
    found = (group for piece in given.pieces for group in groups(code(piece, told.file), told.problems))
    batches = list(_tables(found, request, asked, told))
    if not batches:
        raise EvidenceError(told.nothing())
    result = _joined(batches).to_pandas()
    for column in request.schema:
        if pa.types.is_dictionary(column.type):
            result[column.name] = result[column.name].astype("str")
    result.attrs["problems"], result.attrs["failed"] = told.problems, told.failed
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
    """As `predict`, from a file to a file (Parquet where its name ends in .parquet, else CSV), streamed series by series.

    Returns the rows left out and the series without an answer. The output appears whole or not at all.
    """
    request = Request(periods, as_of, tuple(quantiles), underlying)
    given = read_pieces(source)
    told = _Told(given.file, header(given))
    request = replace(request, methods="method" in given.columns)
    pieces = _one_ahead(code(piece, told.file) for piece in given.pieces)
    limits = read_limits(read_source(thresholds, ("threshold",))) if thresholds else None
    found = (group for piece in pieces for group in groups(piece, told.problems))
    batches = _gathered(_tables(found, request, limits, told))
    with put_in_place(output) as part:
        written = _write(batches, part, request.schema, parquet=output.suffix.lower() == ".parquet")
        if not written:
            raise EvidenceError(told.nothing())
    return told.problems, told.failed


def _one_ahead(items: Iterator[Coded]) -> Iterator[Coded]:
    """The items, the next one read while one is worked on, and the first from now on."""
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(1)
    first = pool.submit(next, items, None)

    def in_turn() -> Iterator[Coded]:
        coming = first
        with pool:
            while (item := coming.result()) is not None:
                coming = pool.submit(next, items, None)
                yield item

    return in_turn()


def _write(batches: Iterator[pa.Table], path: Path, schema: pa.Schema, *, parquet: bool) -> int:
    """Write the batches as they come; one is being compressed while the next is forecast."""
    from concurrent.futures import Future, ThreadPoolExecutor

    import pyarrow.csv as pacsv
    import pyarrow.parquet as pq

    written = 0
    plain = pa.schema([(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in schema])
    coded = [name for name in schema.names if name != "value"]  # values hardly repeat: a dictionary of them costs time and room
    options = {"compression": "zstd", "use_dictionary": coded, "write_statistics": list(TALLIED)}
    writer = pq.ParquetWriter(path, schema, **options) if parquet else pacsv.CSVWriter(path, plain)
    under_way: Future[None] | None = None
    with writer, ThreadPoolExecutor(1) as pool:
        for batch in batches:
            if under_way is not None:
                under_way.result()
            under_way = pool.submit(writer.write_table, batch if parquet else _safe(batch).cast(plain))
            written += len(batch)
        if under_way is not None:
            under_way.result()
    return written


def _safe(batch: pa.Table) -> pa.Table:
    """The rows as a spreadsheet may open them: no text of the figures' is run as a formula. Words stand there once a batch."""
    for number, column in enumerate(batch.schema):
        if pa.types.is_dictionary(column.type):
            chunks = batch.column(number).unify_dictionaries().chunks
            safe = [
                pa.DictionaryArray.from_arrays(each.indices, pa.array(map(safe_text, each.dictionary.to_pylist()), pa.string()))
                for each in chunks
            ]
            batch = batch.set_column(number, column, pa.chunked_array(safe, column.type))
    return batch


def _tables(found: Iterable[Group], request: Request, limits: Limits | None, told: _Told) -> Iterator[pa.Table]:
    """The rows of one group after the other; what has no answer is added to `told`."""
    answered: set[PanelKey] = set()
    told.problems.extend(limits.problems if limits is not None else ())
    for group in found:
        try:
            table = _answer(group, request, limits, told)
        except ForecastError as error:
            told.failed.append(f"{group.called()}: {error}")
            continue
        except Exception as error:  # one series' failure must not cost the file its answers
            told.failed.append(f"{group.called()}: {type(error).__name__}: {error}")
            continue
        if table is not None:
            answered.add(group.key)
            yield table
    if limits is not None:
        told.problems.extend(unanswered(limits, answered))


def _answer(group: Group, request: Request, limits: Limits | None, told: _Told) -> pa.Table | None:
    """The rows of one group; None where no area of it has an answer."""
    at = standpoint(request.as_of, group.first) if request.as_of is not None else None
    found = seen(group, at)
    why = words("no_figures_known") if at is None else f"no figure up to {request.as_of}"
    if found is None:
        told.failed.append(f"{group.called()}: {why}")
        return None
    told.failed.extend(f"{group.called(area)}: {why}" for area in unseen(group, found))
    panel = replace(_panel(found), known_by=_stands(found, at))
    said: list[str] = []
    horizon = _horizon(panel, at, request.periods, told)
    prediction = with_fallback(PooledTrend(), panel, horizon, shipped(panel.periods[-1].end), said)
    told.fallen_back(said)
    answered = np.isfinite(prediction.mixtures["published"].mean[0, :, 0])
    for area in np.flatnonzero(~answered):
        code = prediction.reasons.get(panel.areas[area], ("model_failed",))[0]
        told.failed.append(f"{group.called(panel.areas[area])}: {words(code)}")
    if not answered.any():
        return None
    asked = limits_of(limits, panel, prediction, told.problems) if limits else None
    kinds = ("published", "underlying") if request.underlying else ("published",)
    return rows_of(panel, prediction, answered, request.quantiles, kinds, asked, at.step if at else None, request.schema)


def _panel(found: Group) -> Panel:
    return panel_from_codes(found.key, found.area, found.areas, found.step, found.first, found.numbers, found.unit)


def _stands(found: Group, at: Standpoint | None) -> date | None:
    """The day the forecast is made at: the one asked for or, where later, that of the newest release seen (the figures of a
    period that is asked for come out after it); None where neither is said."""
    released = None if found.known is None else cast(date, found.known.max().astype("datetime64[D]").item())
    return max(filter(None, (at.day if at else None, released)), default=None)


def _horizon(panel: Panel, at: Standpoint | None, periods: int, told: _Told) -> int:
    """Periods to forecast: those that had ended without a figure, and those asked for; at most 25 years of them."""
    wanted = periods + (max(at.step - panel.periods[-1].step, 0) if at else 0)
    longest = LONGEST_YEARS * panel.season
    if wanted > longest:
        message = f"{panel.indicator}, {panel.sex}: the forecast ends {LONGEST_YEARS} years after the last figure"
        told.problems.append(Problem(told.file, None, None, None, message, "Ask for fewer --periods.", "warning"))
    return min(wanted, longest)


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
