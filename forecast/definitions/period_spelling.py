"""Every spelling of a period met in official figures and in plans, read into a kind and two dates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta

from forecast.definitions.excel_dates import excel_mend, excel_range
from forecast.definitions.period_kind import (
    QUARTERS,
    YEAR_PAIRS,
    PeriodKind,
    Span,
    add_months,
    kind_of_months,
    span_of_months,
    year_span,
)
from forecast.errors import DefinitionError

_K = PeriodKind
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_YEAR = r"((?:19|20)\d\d)"
_PAIR = r"((?:19|20)\d\d|\d\d)\s*[/-]\s*((?:19|20)?\d\d)"  # 2014/15, 2014-15, 2014/2015, 14/15

_FEWEST_A_YEAR = 3  # dates, for them to stand for months or quarters
_MOST_YEARS = 31  # in one figure; a longer stretch is a slip, and a very long one lies outside the calendar

_Reader = Callable[[re.Match[str]], Span | None]
_KindReader = Callable[[re.Match[str], "PeriodKind | None"], Span | None]
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_LEADING = re.compile(r"^(?:by\s+)?(?:the\s+)?(?:end\s+of\s+)?(?:fy\s*|msitae-|wsitae-|period:\s*)?", re.I)
_EXAMPLES = "2014, 2014/15, 2012-14, 2016/17 Q1, 2016 Q3, 2016-09, September 2016 or 31 March 2018"


def read_span(text: str, kind: PeriodKind | None = None) -> Span:
    """The span that `text` spells; `kind` settles what is ambiguous and refuses what does not fit.

    Raises DefinitionError with the mend.
    """
    mend = excel_mend(text, kind)
    if mend:
        raise DefinitionError(f"The period {text!r} looks like a label that Excel turned into a date. {mend}")
    spans = _readings(text, kind)
    if kind is not None:
        spans = [fitted for span in spans if (fitted := _fit(span, kind))]
    if len(spans) == 1:
        return spans[0]
    if spans:
        raise DefinitionError(
            f"The period {text!r} may be the month {spans[0].start:%B %Y} or several years. "
            f"Write {spans[0].start:%B %Y} for the month and {_slashed(text)} for years, or give the kind."
        )
    if kind is None:
        raise DefinitionError(f"The period {text!r} is not understood. Write it like {_EXAMPLES}.")
    raise DefinitionError(f"The period {text!r} is not a {kind.words}. Write it like {_like(kind)}.")


def spells_period(text: str) -> bool:
    """Whether `text` can be read as a period of some kind, as the heading of a column may be."""
    return excel_mend(text) is None and bool(_readings(text, None))


def infer_kind(labels: Iterable[str], steps_per_year: int | None = None, times: Mapping[str, int] | None = None) -> PeriodKind:
    """The kind of period that the labels of one indicator have, judged together.

    `2010-11` alone may be a month, a year or two years; beside 2011-01 it is a month, beside 2011-12 a year,
    and 2009-11 beside 2010-12 three years. Labels that are unlike the others do not decide: each counts as often as it stands
    in the table (`times`; once where that is not said), so that the months of one area do not outvote the years of all others.
    `steps_per_year` (12, 4 or 1), where the caller knows it, settles the rest. Raises DefinitionError when
    nothing can be read or a choice remains.
    """
    texts = list(dict.fromkeys(str(label) for label in labels))
    # Oct-13 may be what Excel made of 10-13: such labels decide only where there is nothing else.
    texts = [text for text in texts if excel_range(text) is None] or texts
    votes: Counter[PeriodKind] = Counter()
    doubtful: list[tuple[str, list[Span]]] = []
    for text in texts:
        spans = _readings(text, None)
        if len(spans) > 1:
            doubtful.append((text, spans))
        elif spans:
            votes[spans[0].kind] += 1 if times is None else times[text]
    if steps_per_year == 12 and (doubtful or votes[_K.MONTH]):
        return _K.MONTH
    if votes:
        return _settle_dates(texts, votes.most_common(1)[0][0])
    if doubtful:
        return _settle_doubtful([spans for _, spans in doubtful], texts, steps_per_year)
    shown = ", ".join(repr(text) for text in texts[:3]) or "none given"
    raise DefinitionError(f"No period label can be read ({shown}). Write them like {_EXAMPLES}.")


def _settle_doubtful(readings: list[list[Span]], texts: list[str], steps_per_year: int | None) -> PeriodKind:
    months = [spans[0] for spans in readings]
    years = [spans[1] for spans in readings]
    widths = {(span.kind, span.end.year - span.start.year) for span in years}
    a_year_apart = len({span.start.year for span in years}) == len(years)
    if steps_per_year == 1 or (len(widths) == 1 and a_year_apart and len(years) > 1):
        return years[0].kind
    if len(years) > 1:
        return _K.MONTH
    raise DefinitionError(
        f"The only period, {texts[0]!r}, may be the month {months[0].start:%B %Y} or several years. "
        f"Write {months[0].start:%B %Y} for the month or {_slashed(texts[0])} for years."
    )


def _settle_dates(texts: list[str], kind: PeriodKind) -> PeriodKind:
    """Dates that come several times a year are months (or quarters): named by their first or last day, or one date in each."""
    if kind is not _K.SNAPSHOT:
        return kind
    days = [spans[0].start for text in texts if len(spans := _readings(text, None)) == 1]
    if len({day.year for day in days}) == len(days):
        return kind
    if not all(day.day == 1 or (day + timedelta(days=1)).day == 1 for day in days):
        return _settle_days_within({spans[0].start for text in texts if (spans := _readings(text, None))})
    firsts = all(day.day == 1 for day in days)
    quarterly = {1, 4, 7, 10} if firsts else {3, 6, 9, 12}
    return _K.QUARTER if {day.month for day in days} <= quarterly else _K.MONTH


def _settle_days_within(days: set[date]) -> PeriodKind:
    """Days inside their months: never two in a month, and so many a year that they are no yearly counts on days that move."""
    apart = len({(day.year, day.month) for day in days}) == len(days)
    if not apart or len(days) < _FEWEST_A_YEAR * len({day.year for day in days}):
        return _K.SNAPSHOT
    return _K.QUARTER if len({day.month % 3 for day in days}) == 1 else _K.MONTH


# ---- one reader for each shape ----


def _readings(text: str, kind: PeriodKind | None) -> list[Span]:
    """All readings of a label: two (month, years) for labels such as 2010-11 when no kind is given."""
    ranged = bool(_DASHES.search(text)) or bool(re.search(r"\d\s+-|-\s+\d|\bfy\b", text, re.IGNORECASE))
    plain = re.sub(r"\s*\([^)]*\)", "", _DASHES.sub("-", text).replace("_", " "))
    plain = _LEADING.sub("", re.sub(r"\s+", " ", plain).strip().lower())
    doubtful = re.fullmatch(_YEAR + r"-?(0[1-9]|1[0-2])", plain)
    if doubtful:
        year, two = int(doubtful[1]), int(doubtful[2])
        month = span_of_months(_K.MONTH, date(year, two, 1), 1)
        wanted = kind in YEAR_PAIRS or kind is _K.ROLLING_YEARS
        years = _years(year, _century(year, two), kind) if wanted or _plausible_range(year, two) else None
        if kind is _K.MONTH or years is None:
            return [] if ranged and kind is not _K.MONTH else [month]
        return [years] if ranged or kind is not None else [month, years]
    for pattern, kind_reader in _YEAR_SHAPES:
        if (match := pattern.fullmatch(plain)) and (span := kind_reader(match, kind)):
            return [span]
    for pattern, reader in _SHAPES:
        if (match := pattern.fullmatch(plain)) and (span := reader(match)):
            return [span]
    return []


def _plausible_range(year: int, two: int) -> bool:
    """Whether 2009-11 may be several years: the second number follows the first by one to nine."""
    return 1 <= (two - year) % 100 <= 9


def _century(first: int, second: int) -> int:
    """15 after 2014 is 2015; 01 after 1999 is 2001."""
    return second if second > 99 else first + (second - first) % 100


def _full(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year)


def _years(first: int, last: int, kind: PeriodKind | None) -> Span | None:
    """2014 and 2015 are one financial (academic, survey) year, or two years where rolling years are asked."""
    if last == first + 1 and kind is not _K.ROLLING_YEARS:
        return year_span(kind if kind in YEAR_PAIRS else _K.FINANCIAL_YEAR, first)
    if 1 <= last - first < _MOST_YEARS:
        return span_of_months(_K.ROLLING_YEARS, date(first, 1, 1), 12 * (last - first + 1))
    return None


def _year(match: re.Match[str], kind: PeriodKind | None) -> Span | None:
    return year_span(_K.SNAPSHOT if kind is _K.SNAPSHOT else _K.CALENDAR_YEAR, int(match[1]))


def _year_pair(match: re.Match[str], kind: PeriodKind | None) -> Span | None:
    first = _full(match[1])
    last = _century(first, int(match[2]))
    if last != first + 1 and (len(match[1]) == 2 or "/" in match[0]):
        return None  # 10-13 and 3/12 lack their century; 2014/17 is a slip
    return _years(first, last, kind)


def _pair_range(match: re.Match[str]) -> Span | None:
    """2009/10 - 11/12: several financial years in one figure."""
    first, last = _full(match[1]), _full(match[3])
    if _century(first, int(match[2])) != first + 1 or _century(last, int(match[4])) != last + 1 or last <= first:
        return None
    return span_of_months(_K.ROLLING_YEARS, date(first, 4, 1), 12 * (last - first + 1))


def _year_range(match: re.Match[str], kind: PeriodKind | None) -> Span | None:
    return _years(int(match[1]), int(match[2]), _K.ROLLING_YEARS if match[0].find("to") > 0 else kind)


def _calendar_quarter(year: str, quarter: str) -> Span:
    return span_of_months(_K.QUARTER, date(int(year), 3 * int(quarter) - 2, 1), 3)


def _financial_quarter(year: str, next_year: str, quarter: str) -> Span | None:
    first = _full(year)
    if _century(first, int(next_year)) != first + 1:
        return None
    start = add_months(date(first, 4, 1), 3 * (int(quarter) - 1))
    return span_of_months(_K.FINANCIAL_QUARTER, start, 3)


def _month_number(name: str) -> int:
    return _MONTH_NAMES.index(name[:3]) + 1


def _month(name: str, year: str) -> Span:
    return span_of_months(_K.MONTH, date(_full(year), _month_number(name), 1), 1)


def _month_in_pair(match: re.Match[str]) -> Span | None:
    """August 16/17: the August of the financial year 2016/17."""
    first, month = _full(match[2]), _month_number(match[1])
    if _century(first, int(match[3])) != first + 1:
        return None
    return span_of_months(_K.MONTH, date(first + (month < 4), month, 1), 1)


def _month_range(match: re.Match[str]) -> Span | None:
    """Aug 2001 - Jul 2002; Nov 2015 - Nov 2016 is the survey year from mid-November to mid-November."""
    last_year = _full(match[4])
    start = date(_full(match[2]) if match[2] else last_year, _month_number(match[1]), 1)
    last = date(last_year, _month_number(match[3]), 1)
    months = (last.year - start.year) * 12 + last.month - start.month + 1
    if months == 13 and start.month == 11:
        return year_span(_K.SURVEY_YEAR, start.year)
    of_kind = kind_of_months(start, months) if months > 0 else None
    return span_of_months(of_kind, start, months) if of_kind else None


def _iso_duration(match: re.Match[str]) -> Span | None:
    """2011-01-01/P3Y, 2020-09-01T00:00:00/P1M: a start and a length (ISO 8601)."""
    start = _date(match[1], match[2], match[3])
    if start is None or start.day > 28:
        return None
    if len(match[4]) > 4:
        return None
    number, unit = int(match[4]), match[5]
    if unit == "d":
        return Span(_K.SNAPSHOT, start, start) if number == 1 else None
    months = number * 12 if unit == "y" else number
    of_kind = kind_of_months(start, months) if months <= 12 * _MOST_YEARS else None
    return span_of_months(of_kind, start, months) if of_kind else None


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(_full(year), int(month), int(day))
    except ValueError:
        return None


def _day(day: date | None) -> Span | None:
    return Span(_K.SNAPSHOT, day, day) if day else None


# Years first: the only shapes whose reading hangs on the kind asked for.
_YEAR_SHAPES: tuple[tuple[re.Pattern[str], _KindReader], ...] = (
    (re.compile(_YEAR), _year),
    (re.compile(_PAIR), _year_pair),
    (re.compile(_YEAR + r"\s*(?:-|to)\s*" + _YEAR), _year_range),
    (re.compile(_YEAR + r"(\d\d)"), _year_pair),  # 201516
)
_SHAPES: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        (_PAIR + r"\s*(?:-|to|and)\s*" + _PAIR, _pair_range),
        (_YEAR + r"[\s-]*q(?:uarter)?\s*([1-4])", lambda m: _calendar_quarter(m[1], m[2])),
        (r"q(?:uarter)?\s*([1-4])[\s,-]*" + _YEAR, lambda m: _calendar_quarter(m[2], m[1])),
        (_PAIR + r"[\s,-]*q(?:uarter)?\s*([1-4])", lambda m: _financial_quarter(m[1], m[2], m[3])),
        (r"q(?:uarter)?\s*([1-4])[\s,-]*" + _PAIR, lambda m: _financial_quarter(m[2], m[3], m[1])),
        (_MONTH + r"[\s,/-]*" + _YEAR, lambda m: _month(m[1], m[2])),
        (_MONTH + r"[\s'-]*(\d\d)", lambda m: _month(m[1], m[2])),
        (_YEAR + r"[\s-]*" + _MONTH, lambda m: _month(m[2], m[1])),
        (
            _YEAR + r"\s*m(0[1-9]|1[0-2])",
            lambda m: span_of_months(_K.MONTH, date(int(m[1]), int(m[2]), 1), 1),
        ),
        (_MONTH + r"\s+" + _PAIR, _month_in_pair),
        (_MONTH + r"\s*(?:((?:19|20)\d\d)\s*)?(?:-|to)\s*" + _MONTH + r"\s*" + _YEAR, _month_range),
        (_YEAR + r"-(\d\d)-(\d\d)(?:[t ][\d:.]+z?)?/p(\d+)([dmy])", _iso_duration),
        (_YEAR + r"-(\d\d)-(\d\d)(?:[t ][\d:.]+z?)?", lambda m: _day(_date(m[1], m[2], m[3]))),
        (r"(\d\d?)/(\d\d?)/" + _YEAR, lambda m: _day(_date(m[3], m[2], m[1]))),
        (
            r"(\d\d?)(?:st|nd|rd|th)?\s+" + _MONTH + r",?\s+" + _YEAR,
            lambda m: _day(_date(m[3], str(_month_number(m[2])), m[1])),
        ),
    )
)


def _fit(span: Span, kind: PeriodKind) -> Span | None:
    """A reading as the kind asked for: the same days, or a month or quarter named by a day of it."""
    if span.kind is kind:
        return span
    if span.kind in QUARTERS and kind in QUARTERS:
        return Span(kind, span.start, span.end)
    if span.kind is _K.SNAPSHOT and kind is _K.MONTH:
        return span_of_months(kind, span.start.replace(day=1), 1)
    if span.kind is _K.SNAPSHOT and kind in QUARTERS:
        first = date(span.start.year, 3 * ((span.start.month - 1) // 3) + 1, 1)
        return span_of_months(kind, first, 3)
    return None


def _slashed(text: str) -> str:
    numbers = re.search(_YEAR + r"\D*(\d\d)", text)
    if numbers is None:
        return "2010/11 or 2009 - 2011"
    year, two = int(numbers[1]), int(numbers[2])
    last = _century(year, two)
    return f"{year}/{two:02d}" if last == year + 1 else f"{year} - {last}"


def _like(kind: PeriodKind) -> str:
    return {
        _K.CALENDAR_YEAR: "2014",
        _K.FINANCIAL_YEAR: "2014/15",
        _K.ACADEMIC_YEAR: "2014/15",
        _K.SURVEY_YEAR: "2015/16 or Nov 2015 - Nov 2016",
        _K.ROLLING_YEARS: "2012-14",
        _K.QUARTER: "2016 Q3",
        _K.FINANCIAL_QUARTER: "2016/17 Q1",
        _K.MONTH: "2016-09 or September 2016",
        _K.SNAPSHOT: "2016-08-31, or 2016 for 31 August 2016",
    }[kind]
