"""Promises taken together, and the record of closed forecasts, as a reader sees them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from forecast.assessment.closing import HIT, WITHIN_ERROR, closed_promises
from forecast.assessment.findings import Findings
from forecast.assessment.further import Calibration, Closed, Group
from forecast.definitions.chance import percent_words
from forecast.reporting.numbers import count_of, plain_number

_NONE_OPEN = "none open"  # in the cells of a group whose promises have all been decided
_HEADINGS = {"plan": "By plan", "theme": "By theme", "area": "By area", "owner": "By owner", "set": "Chosen sets"}


@dataclass(frozen=True)
class TogetherRow:
    """One plan, theme, area, owner or chosen set."""

    name: str
    promises: str
    expected: str
    likely: str
    every: str
    none: str
    decided: str


@dataclass(frozen=True)
class TogetherTable:
    """The rows of one way of grouping."""

    heading: str
    id: str
    rows: tuple[TogetherRow, ...]
    sentences: tuple[str, ...] = ()  # below the rows: what each chosen set holds, and the chance of at least so many

    @property
    def has_decided(self) -> bool:
        """Whether any promise was decided already, so that an empty column is not shown."""
        return any(row.decided for row in self.rows)


@dataclass(frozen=True)
class TogetherView:
    """The section of the report: sentences and tables."""

    sentences: tuple[str, ...]
    tables: tuple[TogetherTable, ...]
    record: tuple[str, ...]
    bins: tuple[tuple[str, str, str], ...]  # mean chance, forecasts, share kept


def together_view(findings: Findings) -> TogetherView | None:
    """The section, or None where no promise has a chance and nothing is on record."""
    together, record = findings.together, findings.calibration
    groups = together.groups if together is not None else ()
    whole = next((one for one in groups if one.by == "all" and one.promises), None)
    if whole is None and record is None and not any(one.by == "set" for one in groups):
        return None
    titles = {plan.id: plan.title for plan in findings.plans}
    tables = []
    for by, heading in _HEADINGS.items():
        members = [one for one in groups if one.by == by]
        if len(members) > 1 or (members and by in ("plan", "set")):
            rows = tuple(_row(one, titles.get(one.name, one.name) if by == "plan" else one.name) for one in members)
            told = tuple(_sets(members, findings)) if by == "set" else ()
            tables.append(TogetherTable(heading, f"together-{by}", rows, told))
    sentences = tuple(_sentences(whole, together.note)) if whole is not None and together is not None else ()
    bins = tuple(_bins(record)) if record is not None else ()
    return TogetherView(sentences, tuple(tables), tuple(_record(findings)), bins)


def _sentences(whole: Group, note: str) -> Iterable[str]:
    promises = count_of(whole.promises, "promise")
    yield (
        f"Of {promises} with a chance, about {plain_number(whole.expected, 1)} are expected to be kept; "
        f"four times in five the number will lie between {whole.lower80} and {whole.upper80}."
    )
    if whole.none_kept is not None and whole.all_kept is not None:
        none, every = percent_words(whole.none_kept), percent_words(whole.all_kept)
        yield f"The chance that none is kept is {none}; the chance that every one is kept is {every}."
    if whole.correlation is not None and whole.spread_if_independent > 0:
        yield _shared_words(whole.spread / whole.spread_if_independent)
    yield note


def _shared_words(ratio: float) -> str:
    """How much the promises go together, from the spread of the number kept over what it would be if they did not."""
    times = plain_number(ratio, 1)
    if times == "1.0":
        return "Promises hardly share bad and good years here: the number kept is as uncertain as if each went its own way."
    what = "share bad and good years" if ratio > 1 else "make up for each other, one doing well where another does badly"
    return f"Promises {what}: the number kept is {times} times as uncertain as it would be if each went its own way."


def _row(one: Group, name: str) -> TogetherRow:
    return TogetherRow(
        name=name,
        promises=f"{one.promises:,}",
        expected=_expected(one.expected) if one.promises else _NONE_OPEN,
        likely=_between(one.lower80, one.upper80) if one.promises else _NONE_OPEN,
        every=percent_words(one.all_kept) if one.all_kept is not None else _NONE_OPEN,
        none=percent_words(one.none_kept) if one.none_kept is not None else _NONE_OPEN,
        decided=f"{one.decided_kept} of {one.decided}" if one.decided else "",
    )


def _sets(members: Iterable[Group], findings: Findings) -> Iterable[str]:
    """What each chosen set holds, the chance of at least so many, and which of its promises are not in the numbers."""
    promises = {row.key: f"{row.measure}, {row.area_name} ({row.promised})" for row in findings.assessments}
    for one in members:
        words = [f"{one.name}: {'; '.join(promises.get(key, key) for key in one.targets) or 'no promise that has a chance'}."]
        if len(one.at_least) > 1:
            chances = [f"at least {number}: {percent_words(chance)}" for number, chance in enumerate(one.at_least[:-1], 1)]
            every = f"{'both' if one.promises == 2 else f'all {one.promises}'}: {percent_words(one.at_least[-1])}"
            words.append(f"Chance of keeping {'; '.join([*chances, every])}.")
        if one.decided and one.promises:
            words.append(
                f"{one.decided_kept} of {one.decided} already decided {_was(one.decided_kept)} kept; chances are of the rest."
            )
        if one.without_chance:
            words.append(f"Without a chance in this run, and so not in these numbers: {', '.join(one.without_chance)}.")
        yield " ".join(words)
    yield "In a set too a promise counts once: the version that counts stands for it, whichever is named."


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def _expected(number: float) -> str:
    """One decimal, and never a nought for what may happen."""
    return plain_number(number, 1) if number >= 0.05 else "under 0.1"


def _between(low: int, high: int) -> str:
    if low == high:
        return "none" if low == 0 else f"{low:,}"
    return f"{low:,} to {high:,}"


def _counted(share: float) -> str:
    """A share that has been counted, which unlike a chance may be none or all."""
    return f"{100 * share:.0f}%" if share in (0, 1) else percent_words(share)


def _within_error(hits: list[Closed], missed: list[Closed]) -> str:
    """How many of the hits and of the misses may owe their verdict to the error of a figure, in a sentence."""
    unsure = (sum(one.unsure for one in hits), sum(one.state == WITHIN_ERROR for one in missed))
    parts = [
        f"{some or 'none'} of the {count_of(len(ones), one, many)}"
        for some, ones, one, many in zip(unsure, (hits, missed), ("hit", "miss"), ("hits", "misses"), strict=True)
        if ones
    ]
    of_them = " and ".join(parts)
    lie = "lies" if len(parts) == 1 and sum(unsure) <= 1 else "lie"
    so = ", so that the true level may say otherwise" if sum(unsure) else ""
    return f"{of_them[0].upper()}{of_them[1:]} {lie} within the measurement error of the judging figure{so}."


def _record(findings: Findings) -> Iterable[str]:
    """What the closed forecasts show, in two sentences; nothing where none is closed."""
    closed = closed_promises(findings.assessments)
    if closed:
        hits, missed = ([one for one in closed if (one.state == HIT) is kept] for kept in (True, False))
        yield f"Promises whose judging figure is out: {len(hits)} hit, {len(missed)} missed. {_within_error(hits, missed)}"
    record = findings.calibration
    if record is None:
        return
    if record.forecasts:
        yield (
            f"{count_of(record.forecasts, 'forecast')} of {count_of(record.targets, 'target')} made in this workspace "
            f"{_have(record.forecasts)} been closed: the mean chance given was "
            f"{percent_words(record.mean_probability)}, the share kept {_counted(record.share_kept)} "
            f"(Brier score {plain_number(record.brier, 2)})."
        )
    if record.other_level:
        yield (
            f"Of these, {record.other_level} {_have(record.other_level)} been judged by another level than is promised now: the "
            "one promised when the forecast was made."
        )
    if record.left_out:
        yield (
            f"{count_of(record.left_out, 'forecast')} {_have(record.left_out)} been left out: the promise was another then, and "
            "the figure that decides now does not judge it."
        )
    if record.forecasts:
        yield "Forecasts of one target in successive months, and targets of one area, are not separate trials."


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def _bins(record: Calibration) -> Iterable[tuple[str, str, str]]:
    for one in record.bins:
        yield percent_words(one.mean_probability), f"{one.forecasts:,}", f"{round(100 * one.share_kept)}%"
