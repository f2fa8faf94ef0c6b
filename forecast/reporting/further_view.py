"""The further questions about one target in a reader's words: blocks of named values, each under the question it answers."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from forecast.assessment.findings import Assessment
from forecast.assessment.further import Boldness, Compared, Familiar, Further, Reverse, ScenarioAnswer, YearSoFar
from forecast.assessment.wording import named
from forecast.definitions.chance import percent_words
from forecast.reporting.direction_words import RIGHT_WAY, is_direction, verdict_words, way
from forecast.reporting.lines_chart import SCENARIO, line_name, lines_chart
from forecast.reporting.numbers import count_of, difference, level, period_words, plain_number, span, vanishes
from forecast.reporting.outcome_words import verdict_remark
from forecast.reporting.promised_values import NOUNS, noun, shift_remark, shift_row, standing_row, standing_words, value_words
from forecast.reporting.wording import paced, period_over
from forecast.reporting.yardstick import chance_label

_SHOWN_MOVERS = 5
_NEVER_NEGATIVE = ("count", "percent", "per_100k", "per_10k", "per_1k", "days")
_NO_PICTURE = Markup("")


@dataclass(frozen=True)
class Block:
    """One question: its heading, the rows that answer it, and remarks below them."""

    heading: str
    rows: tuple[tuple[str, ...], ...]
    remarks: tuple[str, ...] = ()
    picture: Markup = _NO_PICTURE
    columns: tuple[str, ...] = ()  # headings, where a row holds more than a name and a value


def further_blocks(item: Assessment, key: str) -> tuple[Block, ...]:
    """The answers that there are, in the order in which a board asks; `key` makes ids unique on the page."""
    further = item.further
    if further is None:
        return ()
    found = (
        _reverse(item, further),
        _scenarios(item, further.scenarios),
        _lines(item, further, key),
        _boldness(item, further.boldness),
        _year(item, further.year),
        _compared(item, further),
        _familiar(further.familiar),
        _closed(item, further),
    )
    return tuple(block for block in found if block is not None and (block.rows or block.remarks or block.picture))


def _reverse(item: Assessment, further: Further) -> Block | None:
    found = further.reverse
    if found is None:
        return None
    kind = "A figure" if is_direction(item) else noun(found.value_is)
    rows = [
        (f"{kind} with an even chance", value_words(item, found, found.value_50, found.value_50_to)),
        (f"{kind} with a 4 in 5 chance", value_words(item, found, found.value_80, found.value_80_to)),
        *_pace_rows(item, found),
        ("First year with a better than even chance", _first(found)),
    ]
    moved = shift_row(item, found) if found.value_is not in ("", "level") or found.shift_reason else None
    if moved is not None:
        rows.insert(2, moved)
    apart = shift_remark(item, found) if moved is not None else ""
    remarks = [text for text in (found.reason, found.value_reason, apart) if text]
    cases = further.cases
    if cases is not None:
        values = ", ".join(level(v, item.unit, item.decimals) for v in (cases.best, cases.base, cases.worst))
        rows.append((f"Best, base and worst case, {period_words(item.judging_period)}", values))
        standing = standing_row(item, cases)
        rows += [standing] if standing is not None else []
        remarks.append(_cases_remark(found))
    return Block("What would have an even chance?", tuple(rows), tuple(remarks))


def _cases_remark(found: Reverse) -> str:
    if found.value_is == "range":
        return "Best: where the 80% interval lies nearest to the middle of the range. Worst: its end further from it."
    return "One chance in ten of better than the best case, one in ten of worse than the worst."


def _pace_rows(item: Assessment, found: Reverse) -> list[tuple[str, str]]:
    if found.yearly_change_50 is None or period_over(item):
        return []
    needed, expected = paced(found.yearly_change_50, item), paced(found.forecast_yearly_change, item)
    return [("Change that would make the chance even", f"{needed} (forecast: {expected})")]


def _first(found: Reverse) -> str:
    return period_words(found.first_period_50) if found.first_period_50 else found.first_period_reason


def _scenarios(item: Assessment, answers: tuple[ScenarioAnswer, ...]) -> Block | None:
    rows = [(one.name, scenario_words(item, one)) for one in answers]
    return Block("What would announced effects do?", tuple(rows)) if rows else None


def scenario_words(item: Assessment, one: ScenarioAnswer) -> str:
    """What an announced effect does to the chance and to the figure, or why that cannot be said."""
    if one.chance is None or one.without is None:
        return one.reason or "not known"
    text = f"chance {percent_words(one.chance)} instead of {percent_words(one.without)}"
    if one.best is not None and one.worst is not None and one.best != one.worst:
        text += f" ({percent_words(one.worst)} to {percent_words(one.best)} by the effect's own range)"
    if one.effect is not None:
        side = " less" if one.effect < 0 else " more"
        little = vanishes(one.effect, item.unit, item.decimals)
        size = "next to no difference" if little else difference(one.effect, item.unit, item.decimals) + side
        text += f"; {size} in {period_words(item.judging_period)}"
    return text


def _lines(item: Assessment, further: Further, key: str) -> Block | None:
    table = further.lines
    if table is None or len(table) < 2:
        return None
    called = {f"{SCENARIO}{one.scenario}": f"{SCENARIO}{one.name}" for one in further.scenarios if one.name}
    if len(set(called.values())) == len(called):  # two of one name stay told apart by their ids
        table = table.rename(columns=called)
    who = named(item.measure, item.area_name, item.sex, item.age)
    drawing = lines_chart(table, item.unit, item.decimals, f"{key}-lines", (item.lower80, item.upper80), who)
    names = [name for name in table.columns if name not in ("period", "start", "end") and table[name].notna().any()]
    remarks: tuple[str, ...] = ()
    if "do_nothing" in table and "do_nothing" not in names:
        remarks = ("No line of doing nothing: the figures known on the day the plan was published gave no forecast of it.",)
    if "do_nothing" in names and table["do_nothing"].equals(table["forecast"]):
        names.remove("do_nothing")
        remarks = ("On the day the plan was published, doing nothing is what is forecast.",)
    elif "do_nothing" in names:
        remarks = ("Doing nothing: as forecast from the figures known on the day the plan was published.",)
    if drawing and item.lower80 is not None:
        interval = span(item.lower80, item.upper80, item.unit, item.decimals)
        remarks = (*remarks, f"The bar at the end of the forecast is its 80% interval, {interval}.")
    if "compared_with" in names:
        remarks = (*remarks, "Compared with: the level that decides, published where it is and forecast after.")
    rows = [
        (period_words(str(row["period"])), *(level(row[name], item.unit, item.decimals) for name in names))
        for row in table.to_dict("records")
    ]
    columns = ("Period", *(line_name(name) for name in names))
    return Block("Doing nothing, plan and forecast", tuple(rows), remarks, drawing, columns)


def _boldness(item: Assessment, found: Boldness | None) -> Block | None:
    if found is None:
        return None
    if found.reason or found.change is None:
        return Block("How bold is it?", (), (found.reason,))
    change = f"{way(item)} of any size" if is_direction(item) else _change_words(item, found, found.change)
    asked = f"{change} in {count_of(round(found.years or 0), 'year')}"
    start = f"from {_bold_value(item, found, found.from_value)} in {period_words(found.from_period)}"
    rows = [("Asked", f"{asked}, {start}{' (a year assumed: the plan gives none)' if found.from_assumed else ''}")]
    if found.compared_change is not None and not is_direction(item) and found.compared_years != round(found.years or 0):
        share = _change_words(item, found, found.compared_change)
        rows.append(("Compared", f"{share} in {count_of(found.compared_years or 0, 'year')}"))
    rows.append(("Has it been done?", found.verdict))
    rows += [
        (
            one.area_name,
            f"{_bold_value(item, found, one.from_value)} in {period_words(one.from_period)}, "
            f"{_bold_value(item, found, one.to_value)} in {period_words(one.to_period)}",
        )
        for one in found.movers[:_SHOWN_MOVERS]
    ]
    return Block("How bold is it?", tuple(rows), (found.caution,) if found.caution else ())


def _bold_value(item: Assessment, found: Boldness, value: float | None) -> str:
    """A figure, a gap or a place."""
    if found.of in NOUNS and value is not None:
        return standing_words(item, found.of, value)
    return level(value, item.unit, item.decimals)


def _change_words(item: Assessment, found: Boldness, change: float) -> str:
    if vanishes(change, "percent" if found.relative else item.unit, 1 if found.relative else item.decimals):
        return "no change"
    if found.of == "rank":
        places = plain_number(abs(change), 0 if float(change).is_integer() else 1)
        return f"{places} {'place' if places == '1' else 'places'} {'better' if change < 0 else 'worse'}"
    if found.of == "gap":
        return f"a gap {difference(change, item.unit, item.decimals)} {'narrower' if change < 0 else 'wider'}"
    if found.relative:
        return f"{plain_number(abs(change), 1)}% {'fewer' if change < 0 else 'more'}"
    return f"{difference(change, item.unit, item.decimals)} {'less' if change < 0 else 'more'}"


def _year(item: Assessment, found: YearSoFar | None) -> Block | None:
    if found is None:
        return None
    unit, decimals = item.unit, item.decimals
    before = level(found.so_far_last_year, unit, decimals) if found.so_far_last_year is not None else "not known"
    known = f"{level(found.so_far, unit, decimals)} in {found.known} of {found.of} periods (the year before: {before})"
    rows = [(f"{period_words(found.year)}{', as far as published' if found.over else ' so far'}", known)]
    if found.wanted is not None:
        wanted = span(found.wanted, found.wanted_to, unit, decimals) if found.wanted_to else level(found.wanted, unit, decimals)
        rows.append(("Wanted for the whole year", f"{wanted}, {found.wanted_basis}"))
    if found.met is not None:
        rows.append(("Periods that meet it so far", f"{found.met} of {found.known}; {found.needed} of {found.of} are needed"))
        text = f"{found.must_meet} of the {found.of - found.known} {'not yet published' if found.over else 'to come'}"
        rows.append(
            ("Must have met it" if found.over else "Must still meet it", f"{text}: out of reach" if found.out_of_reach else text)
        )
    if found.must_average is not None:
        text = _must_average(item, found, found.must_average)
        if found.last_year_averaged is not None:
            text += f" (the same periods a year before: {level(found.last_year_averaged, unit, decimals)})"
        name = "Each period not yet published must have averaged" if found.over else "Each remaining period must average"
        rows.append((name, f"{text}: out of reach" if found.out_of_reach else text))
    return Block("The year that is over but not wholly published" if found.over else "The year under way", tuple(rows))


def _must_average(item: Assessment, found: YearSoFar, value: float) -> str:
    """What each period to come must average; a value that no figure can have is told as what it means."""
    if found.must_average_to is not None:
        return span(value, found.must_average_to, item.unit, item.decimals)
    below = item.unit in _NEVER_NEGATIVE and value < 0
    above = item.unit == "percent" and value > 100
    if (below or above) and not found.out_of_reach:
        return "any figure is enough"
    if below or above:
        return f"less than {level(0, item.unit, item.decimals)}" if below else f"more than {level(100, item.unit, item.decimals)}"
    return level(value, item.unit, item.decimals)


def _compared(item: Assessment, further: Further) -> Block | None:
    rows = [(f"Beside {one.against}", compared_words(item, one)) for one in further.compared]
    head = further.per_head
    if head is not None:
        text = head.reason
        if head.rate is not None:
            interval = span(head.lower95, head.upper95, "per_1k", 1)
            text = f"{level(head.rate, 'per_1k', 1)} (95% interval {interval}), all ages, population of {head.population_year}"
        rows.append((f"Per head, {period_words(head.period)}", text))
    return Block("Beside others", tuple(rows)) if rows else None


def compared_words(item: Assessment, one: Compared) -> str:
    """How the latest figure lies beside another place's, or why that cannot be said."""
    if one.difference is None:
        return one.reason
    none = vanishes(one.difference, item.unit, item.decimals)
    side = "higher" if one.difference > 0 else "lower"
    text = "no different" if none else f"{difference(one.difference, item.unit, item.decimals)} {side}"
    if one.better is not None and not none:
        text += f" ({'better' if one.better else 'worse'})"
    text += f" in {period_words(one.period)}"
    if one.significant is None:
        return f"{text}; {one.reason}"
    return f"{text}; {'more than chance would explain' if one.significant else 'within what chance would explain'} (95%)"


def _familiar(found: Familiar | None) -> Block | None:
    if found is None:
        return None
    trend = found.recent_trend + (f": {found.recent_trend_reason}" if found.recent_trend_reason else "")
    rows = [("Recent trend, as Fingertips labels it", trend)]
    rows.append(("Variation (control chart)", found.spc_variation_words or f"none: {found.spc_reason}"))
    if found.spc_assurance_words:
        rows.append(("Assurance (control chart)", found.spc_assurance_words))
    marked = [f"{period_words(period)} {why}" for period, _, why in found.spc_points if why]
    if marked:
        rows.append(("Marked points", "; ".join(marked)))
    rows += [(name, f"{plain_number(value, 2)}: {label}") for name, value, label in found.progress]
    if not found.progress and found.progress_reason:
        rows.append(("Progress measures", f"none: {found.progress_reason}"))
    met = [point for point in found.trajectory if point.met is not None]
    if met:
        kept = sum(1 for point in met if point.met)
        rows.append(("On the plan's own line so far", f"{kept} of {count_of(len(met), 'year')}"))
    remark = f"Rules of the control chart: {found.spc_rules}. None of these says how likely the target is."
    return Block("Measures you may know", tuple(rows), (remark,))


def _closed(item: Assessment, further: Further) -> Block | None:
    if further.closed is None or item.outcome is None:
        return None
    words = verdict_words(item.outcome.hit) if is_direction(item) else further.closed.words
    words = ", ".join(part for part in (words, verdict_remark(item)) if part)
    rows = [("Closed as", words[0].upper() + words[1:])]
    if further.closed.lower95 is not None:
        interval = span(further.closed.lower95, further.closed.upper95, item.unit, item.decimals)
        rows.append(("95% interval of the judging figure", interval))
    if item.probability is not None:
        name = RIGHT_WAY if is_direction(item) else "Chance that had been given"
        rows.append((name, chance_label(item.probability)))
    return Block("How it was closed", tuple(rows))
