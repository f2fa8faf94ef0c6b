"""Why a target is not assessed, what an assessment had to assume, and why a question beside it has no answer.

Codes with words a reader understands.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """A code that programs rely on and the words a reader sees."""

    code: str
    words: str


def _table(pairs: dict[str, str]) -> dict[str, Reason]:
    return {code: Reason(code, words) for code, words in pairs.items()}


HELD: dict[str, Reason] = _table(
    {
        # written in targets.csv: known before any figure is read
        "local_return_only": "Measured only in local returns; no public series exists.",
        "series_not_loaded": "A public series exists but this workspace does not hold it.",
        "series_not_for_area": "The public series exists but not for this area.",
        "series_not_for_group": "The public series does not separate this group of people.",
        "measure_undefined": "The plan does not say precisely what is measured.",
        "number_to_be_confirmed": "The plan announces a number but leaves it blank or 'to be confirmed'.",
        "standard_not_printed": "The plan promises to meet a national standard without printing its number.",
        "no_number": "The plan gives a direction but no number, and no series held here can show which way it moved.",
        "general_aim": "A general aim, not a measurable commitment.",
        "national_question": "Restates a national question or standard; not a local commitment.",
        "money": "Money: budgets, savings and spending are not forecast from a published series.",
        "process_milestone": "A task or deliverable with a date, not a measured outcome.",
        "capacity_input": "An input such as staff, places or sites planned, with no published series.",
        "activity_averted": "Counts activity that did not happen; it cannot be observed without a do-nothing level.",
        "do_nothing_not_printed": "Measured against a do-nothing projection whose level is not printed.",
        "no_denominator": "A share whose denominator is not published.",
        "cohort_undefined": "Covers a group of patients or sites that the plan does not define.",
        "benchmark_not_defined": "Compares with a benchmark that the plan does not define or that has no series.",
        "peers_needed": "A rank or quartile: needs the figures of all peer areas.",
        "combined_measure": "Adds different measures together; no single series shows it.",
        "restated_by_other_rows": "Restates other rows of this plan that are assessed.",
        "observed_figure": "A figure the plan prints as observed, not a promise.",
        "kind_not_supported": "A kind of promise that the software does not assess yet.",
        # found when the row itself is read
        "row_wrong": "The row in the plan's file has an error; `forecast check` names it.",
        "catalogue_wrong": "The catalogue's file of its series has an error; `forecast check` names it.",
        # found when the target meets the figures
        "no_figures_known": "No figure was known on this date.",
        "too_few_figures": "Fewer than three figures were known on this date.",
        "baseline_unknown": "The figure for the baseline year was not known or is missing.",
        "baseline_other_survey": "The printed baseline is from another survey, so the change cannot be measured.",
        "member_missing": "One member of the area's sum has no figure.",
        "relative_change_from_zero": "A relative change from a baseline of zero has no meaning.",
        "period_before_last_figure": "The target period is earlier than the last figure known; it is settled, not forecast.",
        "period_not_understood": "The date by which the target is to be met could not be read.",
        "horizon_too_long": "The target period is too far beyond the last figure.",
        "judging_figures_missing": "A figure that the target is judged on has not been published.",
        "benchmark_missing": "The figure to compare with is missing or is not forecast for the target period.",
        "peer_group_too_small": "The group of areas to compare with is too small.",
        "baseline_before_break": "The series breaks between the baseline and now, so the change cannot be measured.",
        "moved_by_later_document": "A later document has put another target in this one's place.",
        "unit_differs": "The target's unit is not the unit of the series and cannot be turned into it.",
        "model_failed": "No model gave an answer for this series.",
    }
)

ASSUMED: dict[str, Reason] = _table(
    {
        "period_assumed": "No date is printed for this target; the plan's end is taken.",
        "period_from_heading": "The date stands in a heading above the target.",
        "baseline_year_assumed": "No baseline year is printed, so one had to be chosen.",
        "baseline_differs": "The printed baseline differs from the figure published now.",
        "baseline_other_survey": "The printed baseline comes from another survey than the series.",
        "other_method": "The target was set on an earlier method than the series that judges it.",
        "proxy_measure": "A published measure close to the promised one stands in for it.",
        "proxy_area": "The nearest area with a published series stands in for the promised one.",
        "derived_series": "The series is derived from two published ones.",
        "narrow_definition": "The narrow definition of alcohol-related admissions is taken.",
        "comparator_observed": "The plan does not say whether the change is from the observed or a do-nothing level; observed is taken.",
        "do_nothing_assumed": "The plan does not print the do-nothing level; one is worked out for it.",
        "averted_by_all_causes": "The whole difference from the do-nothing level counts, whatever brought it about.",
        "benchmark_printed": "The benchmark is taken as the plan prints it; the real one may move.",
        "benchmark_moves": "The figure compared with moves too; it is forecast together with the area's.",
        "peers_missing": "Some areas of the group have no figures and are left out.",
        "spent_in_full": "The plan announces an amount; it is taken to be kept when at least that much is spent.",
        "unit_taken": "The figures are taken to be in the unit the plan prints.",
        "area_assumed": "The plan's row names no area; the first of the plan's areas is taken.",
        "figures_brought_in": "The plan's row is held for want of a series; figures brought in since then make it assessable.",
        "milestone_after_end": "A milestone lies after the target's own end and is given no chance.",
        "path_already_missed": "A milestone on the way has been missed already, so the whole path cannot be kept.",
        "already_decided": "The figures already published decide this target before its period has ended.",
        "version_settled": "Of several versions of this promise the workspace has settled on this one.",
        "version_set_aside": "The workspace has settled on another version of this promise; this one is shown, not counted.",
        "break_on_the_way": "The series breaks between the baseline and the judging figure.",
        "constant_population": "The population is taken as constant to turn a rate into a count.",
        "pairing_ours": "The plan states one goal; its pairing with this baseline is ours.",
        "version_of_several": "The plan prints more than one version of this promise; each is shown, the promise is counted once.",
        "range_end": "One end of a printed range.",
        "sustain_on_average": "A standard to sustain: the year's average decides; the chance of every month is shown beside it.",
        "last_published_judges": "The series stopped before the target period; its last published period judges.",
        "later_revision": "The figures are later revisions of those known at the time.",
        "known_on_assumed": "The dates on which the figures became known are assumed from usual publication lags.",
        "few_figures": "Fewer than five figures were known; the forecast leans on similar series.",
        "figure_doubted": "A figure far out of line with its neighbours was given little weight, or taken for a sudden step.",
        "neighbour_prior": "No long record of this kind of figure was at hand to learn from; that of the nearest kind is used.",
        "across_pandemic": "The forecast crosses the pandemic of 2020 and 2021; its range allows for what that may do.",
        "definition_assumed": "The plan's wording leaves the exact measure open; the usual published one is taken.",
        "already_met": "The last published figure already meets the target.",
        "fallback_used": "The chosen model gave no answer for this series; a random walk with drift stands in.",
        "nowcast": "The period had ended when the forecast was made; its figure was not yet known.",
        "stale_figures": "The area's last figure is far older than the newest there could be, by more than a year or two periods.",
        "missing_figures": "Some figures in the series are missing.",
        "figures_left_out": "Figures of this series are left out by a recorded decision.",
        "odd_figures": "Figures behind this look odd; nobody has decided on them yet, and they are used as published.",
    }
)

# Why a question beside the chance has no answer.
UNANSWERED: dict[str, Reason] = _table(
    {
        "decided": "The figures already published decide this target, so nothing is left to ask about its chance.",
        "forecast_too_short": "The forecast does not reach the target's date.",
        "no_even_shift": "No shift of the area's own forecast makes the chance even.",
        "no_start": "No figure says where the promise starts.",
        "no_full_year": "The promise leaves no full year after its baseline.",
        "starts_there": "It was kept already where the promise starts, so no change is asked.",
        "start_not_positive": "A change in per cent cannot be worked out from a baseline that is not above zero.",
        "compared_unknown_at_start": "A figure of what it is compared with is missing where the promise starts.",
        "nothing_comparable": "No area held here has two figures that can be compared.",
        "too_early": "Less than a year of figures after the baseline was known.",
        "rank_is_no_quantity": "A place among areas is no quantity, so no share of the way to it can be worked out.",
        "projection_moves": "The level rests on a projection of our own; these measures need one that the plan fixes.",
        "no_ratio": "These measures have no value for this start and this target.",
        "one_figure_a_year": "One figure a year judges it, so there is no year under way.",
        "year_not_begun": "No figure of a year under way is known.",
        "no_chance": "The target has no chance of its own that an effect could change.",
        "effect_too_late": "The effect starts after the target is judged.",
        "effect_gone": "Nothing of the effect is left when the target is judged.",
    }
)


def assumption_words(code: str) -> str:
    """The reader's sentence for what an assessment assumed: a code that can also hold a target says another thing there."""
    return ASSUMED[code].words if code in ASSUMED else words(code)


# Held because the catalogue's own series was not held for the area: its figures alone make the row assessable.
SERIES_WANTED = frozenset({"series_not_loaded", "series_not_for_area", "peers_needed"})


def words(code: str) -> str:
    """The reader's sentence for a code; an unknown code is shown as it stands."""
    reason = HELD.get(code) or ASSUMED.get(code) or UNANSWERED.get(code)
    return reason.words if reason else code
