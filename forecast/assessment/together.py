"""Promises taken together: how many will be kept, the chance of keeping a whole set, and what shared movement does to both.

Targets on one panel are judged in the same drawn futures, so a bad winter or a national fall in smoking moves them
together. Different indicators are drawn apart unless a correlation between them is stated.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.findings import Assessment
from forecast.assessment.further import Group, Together
from forecast.assessment.moving import MovingLevels
from forecast.assessment.outlook import outlook_of
from forecast.assessment.subjects import Subject
from forecast.definitions.settings import PromiseSet
from forecast.errors import DefinitionError

Array = NDArray[np.float64]

_TAILS = (0.1, 0.9)
_LARGEST = 2000  # promises for which the whole distribution is written out
NOT_NAMED = "not named in the plan"


@dataclass(frozen=True)
class Hits:
    """Which promises are kept in which drawn future: hit (n, K) of the rows, each kept as often as its chance says."""

    rows: tuple[Assessment, ...]
    hit: NDArray[np.bool_]
    chance: Array
    between_panels: float

    def columns(self, keys: Collection[str]) -> NDArray[np.intp]:
        """Columns of targets named `plan/target`. Raises DefinitionError for one that has no chance or is unknown."""
        places = {row.key: i for i, row in enumerate(self.rows)}
        unknown = sorted(set(keys) - set(places))
        if unknown:
            raise DefinitionError(
                f"{', '.join(unknown)}: no chance to take together. Name assessed targets as plan/target "
                "(a version that is not counted has none of its own here)."
            )
        return np.array([places[key] for key in dict.fromkeys(keys)], dtype=np.intp)

    def joint_probability(self, keys: Collection[str]) -> float:
        """The chance that every target of a chosen set is hit; never exactly 0 or 1."""
        at = self.columns(keys)
        if len(at) == 0:
            raise DefinitionError("An empty set of targets has no chance. Name at least one target.")
        return _joint(self.hit[:, at], self.chance[at])


def hits_of(
    rows: Sequence[Assessment],
    subjects: dict[str, Subject],
    levels: MovingLevels,
    between_panels: float = 0.0,
    all_versions: bool = False,
) -> Hits:
    """Joint hits of the assessed promises, each counted once (`all_versions`: every assessed row).

    In each panel the draws in which a target's number is best are its hits, as many as its reported chance says: the
    chances stay what they are and only how they go together comes from the draws. `between_panels`, 0 to below 1, is the
    stated correlation between the fortunes of different panels.
    """
    if not 0 <= between_panels < 1:
        raise DefinitionError(f"A correlation between panels of {between_panels:g} cannot be used; write 0 to below 1.")
    chosen = [r for r in rows if r.status == "assessed" and r.probability is not None and (r.counts or all_versions)]
    futures, n = levels.futures, levels.futures.draws
    rng = np.random.default_rng(futures.seed)
    common = rng.standard_normal(n)
    hit = np.zeros((n, len(chosen)), dtype=bool)
    chance = np.array([row.probability for row in chosen], dtype=float)
    panels: dict[tuple[str, ...], list[int]] = {}
    for i, row in enumerate(chosen):
        subject = subjects.get(row.key)
        drawn = subject is not None and subject.place is not None and subject.key in futures.predictions
        panels.setdefault(subject.key if drawn and subject is not None else ("alone", row.key), []).append(i)
    for key, members in sorted(panels.items()):
        good = _goodness([chosen[i] for i in members], subjects, levels) if key[0] != "alone" else rng.random((n, 1))
        own = np.random.default_rng([futures.seed, len(members), *map(ord, "/".join(key)[:64])])
        hit[:, members] = _best_draws(_shuffled(good, common, between_panels, own), chance[members])
    return Hits(tuple(chosen), hit, chance, between_panels)


def _goodness(rows: list[Assessment], subjects: dict[str, Subject], levels: MovingLevels) -> Array:
    """(n, k): how far inside what hits the judged number of each target lies; below zero for a miss."""
    columns: list[Array] = []
    for row in rows:
        subject = subjects[row.key]
        found = outlook_of(subject, subject.judged, levels.futures, levels)
        if found is None:
            columns.append(np.random.default_rng(len(columns)).random(levels.futures.draws))
            continue
        numbers = found.numbers()
        columns.append(np.minimum(numbers - found.low, found.high - numbers))
    return np.column_stack(columns)


def _shuffled(good: Array, common: Array, between: float, rng: np.random.Generator) -> Array:
    """The draws of a panel put in an order that ties its general fortune to the common one by the stated correlation.

    Whole draws are moved, so what happens within the panel stays as it was (Iman and Conover, 1982).
    """
    latent = np.sqrt(between) * common + np.sqrt(1 - between) * rng.standard_normal(len(common))
    fortune = good.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable").mean(axis=1)
    ordered = np.lexsort((rng.random(len(fortune)), fortune))
    out = np.empty_like(good)
    out[latent.argsort(kind="stable")] = good[ordered]
    return out


def _best_draws(good: Array, chance: Array) -> NDArray[np.bool_]:
    """(n, k): the share `chance` of the draws that are best, ties broken by their order."""
    n = len(good)
    rank = (-good).argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    return np.asarray(rank < np.rint(chance * n), dtype=bool)


def _joint(hit: NDArray[np.bool_], chance: Array) -> float:
    if hit.shape[1] == 1:
        return float(chance[0])
    found = (int(hit.all(axis=1).sum()) + 0.5) / (len(hit) + 1)
    return float(min(found, chance.min()))  # a set is never likelier than its least likely member


def take_together(
    rows: Sequence[Assessment],
    hits: Hits,
    owners: Mapping[str, str],
    areas: Mapping[str, str] | None = None,
    sets: Sequence[PromiseSet] = (),
) -> Together:
    """Roll-ups of all promises, by plan, theme, area and owner, and of each chosen set.

    `owners`: plan/target -> the organisation named; `areas`: code -> name (default: the name in the row). In a set, of which
    `forecast check` says whether it can be answered, the version that counts stands for its promise, whichever is named.
    """
    groups = [_group("all", "all plans", hits, rows, np.arange(len(hits.rows)))]
    names = {
        "plan": lambda row: row.plan,
        "theme": lambda row: row.theme or NOT_NAMED,
        "area": lambda row: (areas or {}).get(row.area or "", row.area_name) or NOT_NAMED,
        "owner": lambda row: owners.get(row.key) or NOT_NAMED,
    }
    for by, name_of in names.items():
        members: dict[str, list[int]] = {}
        for i, row in enumerate(hits.rows):
            members.setdefault(name_of(row), []).append(i)
        decided: dict[str, list[Assessment]] = {}
        for row in rows:
            if row.status == "settled" and row.counts:
                decided.setdefault(name_of(row), []).append(row)
        for name in dict.fromkeys([*members, *decided]):
            groups.append(_group(by, name, hits, decided.get(name, []), np.array(members.get(name, []), dtype=np.intp)))
    groups += [_chosen(one, hits, rows) for one in sets]
    tied = hits.between_panels
    between = "are taken to go each their own way" if tied == 0 else f"are tied by a stated correlation of {tied:g}"
    note = f"Targets on one indicator are taken to have good and bad years together; different indicators {between}."
    if tied == 0 and any("across_pandemic" in row.assumptions for row in hits.rows):
        note += " The pandemic may move many of them at once: how many will be kept is then less sure than said here."
    return Together(tuple(groups), len(hits.hit), tied, note)


def _chosen(asked: PromiseSet, hits: Hits, rows: Sequence[Assessment]) -> Group:
    """One chosen set: its promises with a chance, those decided, and those of which neither is known."""
    stands = {(row.plan, row.promise or row.target): row for row in rows if row.counts}
    named = {row.key: row for row in rows}
    places = {row.key: i for i, row in enumerate(hits.rows)}
    taken: dict[str, Assessment] = {}
    without: list[str] = []
    for key in dict.fromkeys(asked.targets):
        own = named.get(key)
        row = stands.get((own.plan, own.promise or own.target)) if own is not None else None
        if row is not None and (row.key in places or row.status == "settled"):
            taken.setdefault(row.key, row)
        else:
            without.append(key)
    at = np.array([places[key] for key in taken if key in places], dtype=np.intp)
    group = _group("set", asked.name, hits, list(taken.values()), at)
    return replace(group, at_least=_at_least(group, hits, at), targets=tuple(taken), without_chance=tuple(without))


def _at_least(group: Group, hits: Hits, at: NDArray[np.intp]) -> tuple[float, ...]:
    """The chance that at least 1, 2 ... and all of a set are kept, the ends as `none_kept` and `all_kept` have them."""
    if group.all_kept is None or group.none_kept is None:
        return ()
    number = hits.hit[:, at].sum(axis=1)
    between = [(int((number >= k).sum()) + 0.5) / (len(number) + 1) for k in range(2, len(at))]
    return (1 - group.none_kept, *between, group.all_kept) if len(at) > 1 else (group.all_kept,)


def _group(by: str, name: str, hits: Hits, decided: Sequence[Assessment], at: NDArray[np.intp]) -> Group:
    chance, hit = hits.chance[at], hits.hit[:, at]
    settled = [row for row in decided if row.status == "settled" and row.counts]
    kept = sum(1 for row in settled if row.outcome is not None and row.outcome.hit)
    number = hit.sum(axis=1)
    variance, alone = float(number.var()), float((chance * (1 - chance)).sum())
    root = np.sqrt(chance * (1 - chance))
    pairs = float(root.sum() ** 2 - alone)
    low, high = np.quantile(number, _TAILS, method="inverted_cdf") if len(at) else (0, 0)
    counts = np.bincount(number, minlength=len(at) + 1) if 0 < len(at) <= _LARGEST else np.array([])
    return Group(
        by=by,
        name=name,
        promises=len(at),
        expected=float(chance.sum()),
        lower80=int(low),
        upper80=int(high),
        all_kept=_joint(hit, chance) if len(at) else None,
        none_kept=_joint(~hit, 1 - chance) if len(at) else None,
        spread=float(np.sqrt(variance)),
        spread_if_independent=float(np.sqrt(alone)),
        correlation=(variance - alone) / pairs if len(at) > 1 and pairs > 0 else None,
        decided=len(settled),
        decided_kept=kept,
        distribution=tuple(float(c) for c in counts / max(len(hit), 1)),
    )
