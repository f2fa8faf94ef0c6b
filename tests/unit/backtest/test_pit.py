"""Where figures came out within their forecasts: what is told of them, and what chance alone is not blamed for."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import forecast
from forecast.models.backtest.pit import (
    TENTHS,
    bands_words,
    counts_words,
    pit_sentences,
    pit_table,
    read_bands,
    read_pit,
    read_together,
    spell_counts,
)
from forecast.models.backtest.pit_record import COLUMNS, past_bands, past_readings, pit_record, shipped_pit
from forecast.models.backtest.skill_record import shipped_skill
from forecast.models.scoring import LEVELS, tenth_in_forecast

HONEST = np.full(10, 30)
NARROW = np.array([80, 25, 20, 15, 10, 10, 15, 20, 25, 80])
WIDE = np.array([5, 15, 30, 45, 55, 55, 45, 30, 15, 5])
ABOVE = np.array([5, 10, 15, 20, 25, 30, 35, 40, 55, 65])


def _spells(shape: np.ndarray, spells: int = 8) -> np.ndarray:
    """So many spells of about the same shape, a few figures apart."""
    random = np.random.default_rng(3)
    return np.array([random.multinomial(shape.sum(), shape / shape.sum()) for _ in range(spells)], dtype=float)


def test_honest_forecasts_have_a_tenth_of_the_figures_in_each_tenth_and_not_only_nearly() -> None:
    figures = norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    quantiles = np.broadcast_to(norm.ppf(LEVELS), (20_000, len(LEVELS)))
    tenth = tenth_in_forecast(figures, quantiles)
    shares = np.bincount(tenth.astype(int), minlength=11)[1:] / 20_000
    # ranks among 99 levels, put into ten bins, would have 9.6% at both ends: honest forecasts would look too wide
    np.testing.assert_allclose(shares, 0.1, atol=0.0005)
    assert (tenth[0], tenth[-1]) == (1, 10)


def test_a_forecast_of_one_number_counts_in_the_middle_and_a_missing_one_nowhere() -> None:
    one = np.full((3, len(LEVELS)), 5.0)
    one[2, 0] = np.nan
    assert tenth_in_forecast([5.0, np.nan, 5.0], one).tolist() == pytest.approx([5.0, np.nan, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("shape", "label", "words"),
    [
        (HONEST, "about right", "the forecasts were about right, as far as 8 separate spells of dates can tell"),
        (NARROW, "too narrow", "the forecasts were too narrow (too sure)"),
        (WIDE, "too wide", "the forecasts were too wide (too cautious)"),
        (ABOVE, "figures above", "figures tended to come out above what was forecast"),
        (ABOVE[::-1], "figures below", "figures tended to come out below what was forecast"),
        (2 * NARROW + ABOVE, "too narrow; figures above", "the forecasts were too narrow (too sure), and figures tended to"),
    ],
)
def test_a_departure_is_named(shape: np.ndarray, label: str, words: str) -> None:
    found = read_pit(_spells(shape))
    assert found.label() == label
    assert found.words().startswith(words)


def test_one_wild_spell_is_chance_however_many_figures_it_has() -> None:
    wild = _spells(HONEST)
    wild[2] = 100 * ABOVE
    found = read_pit(wild)
    assert found.label() == "uneven, may be chance"
    assert "chance alone could make them so in 8 separate spells of dates" in found.words()
    assert read_pit(_spells(100 * NARROW, 3)).label() == "too few dates to tell"


def test_a_few_figures_that_agree_by_luck_are_no_departure() -> None:
    alike = np.zeros((4, 10))
    alike[:, 9] = 1  # one figure a spell, all in the highest tenth
    assert read_pit(alike).side == 0


def test_a_departure_too_small_to_matter_is_not_told_of_any_number_of_figures() -> None:
    slight = np.array([105, 101, 100, 98, 96, 96, 98, 100, 101, 105])
    assert read_pit(_spells(1000 * slight, 40)).label() == "about right"


def _honest_counts(random: np.random.Generator, dates: int, ahead: int, shared: float) -> list[np.ndarray]:
    """Random walks of 60 areas, forecast honestly 1 to `ahead` steps on; part of each year's movement is shared by all."""
    steps = np.sqrt(shared) * random.normal(size=(1, dates)) + np.sqrt(1 - shared) * random.normal(size=(60, dates))
    level = np.concatenate([np.zeros((60, 1)), np.cumsum(steps, axis=1)], axis=1)
    grids = []
    for h in range(1, ahead + 1):
        pit = norm.cdf((level[:, h:] - level[:, :-h]) / np.sqrt(h))
        made = np.broadcast_to(np.arange(pit.shape[1]), pit.shape)
        grids.append(spell_counts(np.minimum(pit * 10, 9).astype(int).ravel() + 1, made.ravel(), h))
    return grids


@pytest.mark.parametrize("dates", [8, 15, 30])
@pytest.mark.parametrize("shared", [0.0, 0.3, 1.0])
def test_honest_forecasts_are_blamed_in_fewer_than_one_file_of_twenty(dates: int, shared: float) -> None:
    random = np.random.default_rng(dates)
    blamed = sum(any(one.found for one in read_together(_honest_counts(random, dates, 5, shared))) for _ in range(400))
    assert blamed / 400 <= 0.05


def test_spells_are_as_long_as_the_forecasts_look_ahead() -> None:
    made = np.repeat(np.arange(2001, 2013), 5)  # twelve years, five figures each
    tenth = np.ones(len(made))
    assert [len(spell_counts(tenth, made, ahead)) for ahead in (1, 2, 5, 8, 40)] == [12, 6, 2, 1, 1]
    assert spell_counts(tenth, made, 5).sum() == 60


def _cases(shape: np.ndarray, **more: object) -> pd.DataFrame:
    """Figures of nine dates, one period ahead, of two models: one's as `shape`, the other's honest."""
    known = {"family": "1x1:log", "indicator": "a", "sex": "Persons", "era": "before", "season": 1, "horizon": 1}
    blocks = [
        pd.DataFrame({**known, "model": model, "made": pd.Timestamp(2001 + k, 12, 31), "tenth": np.repeat(range(1, 11), spell)})
        for model, shape_of in (("m", shape), ("other", HONEST))
        for k, spell in enumerate(_spells(shape_of, 9).astype(int))
    ]
    return pd.concat(blocks, ignore_index=True).assign(**more)


def test_the_table_has_the_share_of_each_tenth_and_reads_its_rows_together() -> None:
    table = pit_table(_cases(NARROW), ["indicator", "horizon"]).set_index("model")
    assert list(table.columns) == ["indicator", "horizon", "n", "spells", *TENTHS, "reading"]
    assert table["reading"].to_dict() == {"m": "too narrow", "other": "about right"}
    assert table.loc["m", list(TENTHS)].sum() == pytest.approx(1)
    assert (table.loc["m", "n"], table.loc["m", "spells"]) == (9 * NARROW.sum(), 9)
    # what one row alone would be blamed for is not held against one of hundreds
    slight = pd.concat([_cases(NARROW), *(_cases(HONEST, indicator=f"i{k}") for k in range(5))])
    grid = _spells(np.array([40, 32, 30, 27, 24, 24, 27, 30, 32, 40]), 6)
    assert read_pit(grid).width == 1
    assert read_together([grid] * 300)[0].label() == "uneven, may be chance"
    assert pit_table(slight, ["indicator"]).query("model == 'm'").set_index("indicator")["reading"]["a"] == "too narrow"


def test_a_sentence_says_it_for_each_band_of_years_ahead() -> None:
    cases = pd.concat([_cases(NARROW), _cases(ABOVE, horizon=2).query("made < '2005'")])
    first, second = pit_sentences(cases, "m")
    assert first.startswith("m, up to a year ahead: the forecasts were too narrow (too sure). Of 2,700 figures, ")
    assert "270 would be expected in each." in first
    assert second.startswith("m, 2 years ahead: too few separate dates to tell")
    assert pit_sentences(cases, "nobody") == ()


def test_few_figures_are_expected_with_one_place() -> None:
    assert counts_words([1, *[0] * 8, 0]) == (
        "Of 1 figure, 1 came out in the lowest tenth of what was forecast and 0 in the highest; 0.1 would be expected in each."
    )


def test_a_lean_that_the_ends_do_not_show_is_told_by_the_halves() -> None:
    counts = [0, 5, 5, 10, 10, 15, 15, 15, 15, 10]
    assert counts_words(counts).endswith("10 would be expected in each.")
    assert counts_words(counts, 1).endswith("10 would be expected in each. 70% came out in the upper half.")
    assert counts_words(counts[::-1], -1).endswith("70% came out in the lower half.")


def test_what_is_beyond_chance_and_what_cannot_be_judged_is_said_of_all_bands_together() -> None:
    bands = read_bands([(1.0, _spells(NARROW)), (2.0, _spells(HONEST)), (3.0, _spells(WIDE, 2)), (4.0, _spells(WIDE, 1))])
    assert bands_words(bands) == (
        "Beyond what chance alone could give: up to a year ahead the forecasts were too narrow (too sure). "
        "There are too few separate dates to judge forecasts 3 and 4 years ahead, whatever their bars look like."
    )
    assert bands_words(bands[1:2]) == "Forecasts 2 years ahead depart from that by no more than chance alone could give."
    assert bands_words(read_bands([(1.0, _spells(WIDE, 2))])) == (
        "There are too few separate dates to judge forecasts up to a year ahead, whatever their bars look like."
    )


def test_a_backtest_counts_every_figure_once_whatever_the_season(make) -> None:
    result = forecast.backtest(make(areas=6), 2, models=["theta"])
    table = result.pit
    assert list(table.columns) == ["indicator", "sex", "horizon", "era", "model", "n", "spells", *TENTHS, "reading"]
    np.testing.assert_allclose(table[list(TENTHS)].sum(axis=1), 1)
    pd.testing.assert_series_equal(table["n"], result.skill["n"])
    assert result.cases["tenth"].between(1, 10).all()
    # a figure's tenth is that of its rank
    assert (result.cases["tenth"] - 10 * result.cases["pit"]).between(-0.06, 1.06).all()
    assert [sentence.split(":")[0] for sentence in result.told] == ["theta, up to a year ahead", "theta, 2 years ahead"]


def test_the_record_keeps_the_year_made_and_says_the_same_as_the_cases() -> None:
    cases = _cases(NARROW)
    record = pit_record(cases, "m")
    assert tuple(record.columns) == COLUMNS
    assert (len(record), record[list(TENTHS)].to_numpy().sum()) == (9, 9 * NARROW.sum())
    (band,) = past_bands(record, {"1x1:log"})
    assert (band.years_up_to, band.reading.label(), sum(band.counts)) == (1.0, "too narrow", 9 * NARROW.sum())
    assert past_readings(record, {"1x1:log"})["1x1:log", 1.0] == band.reading
    assert past_bands(record, {"12x1:log"}) == ()


def test_the_shipped_counts_are_of_the_same_forecasts_as_the_table_of_skill() -> None:
    assert shipped_pit(date(2010, 1, 1)).empty
    for as_of in (date(2016, 10, 21), date(2026, 11, 22)):
        pit, skill = shipped_pit(as_of), shipped_skill(as_of)
        assert tuple(pit.columns) == COLUMNS
        keys = ["model", "family", "years_up_to"]
        counted = pit.groupby(keys)[list(TENTHS)].sum().sum(axis=1)
        cases = skill.set_index(keys)["cases"]
        assert (counted.reindex(cases.index) >= cases).all(), "the table of skill leaves out what a drift cannot be compared on"
        assert counted.sum() <= 1.01 * cases.sum()
        assert set(pit["family"]) == set(skill["family"])
