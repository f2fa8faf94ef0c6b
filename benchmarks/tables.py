"""How results are printed: plain aligned tables, the same numbers as docs/accuracy.md."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.models.backtest.skill import geometric_mean, probabilities, relative_crps
from forecast.models.scoring import brier_parts, expected_calibration_error

DOCS = Path(__file__).resolve().parents[1] / "docs"
DOCUMENT = DOCS / "accuracy.md"
_kept: dict[str, str] = {}


def show(title: str, table: pd.DataFrame, decimals: int = 3, keep: str = "") -> None:
    """Print a table under its title, in Markdown; `keep` names the place in docs/accuracy.md that `document` would fill."""
    lines = [
        "| " + " | ".join(map(str, table.columns)) + " |",
        "|" + " --- |" * len(table.columns),
        *("| " + " | ".join(_cell(v, decimals) for v in row) + " |" for row in table.itertuples(index=False)),
    ]
    print(f"\n{title}\n\n" + "\n".join(lines), flush=True)
    if keep:
        _kept[keep] = "\n".join(lines)


def note(text: str, keep: str) -> None:
    """Print a line, and keep it like a table."""
    print(text, flush=True)
    _kept[keep] = text


def document(page: Path = DOCUMENT) -> None:
    """Put what was kept between `<!-- name -->` and `<!-- end -->` in a page, docs/accuracy.md unless another is named."""
    text = page.read_text(encoding="utf-8")
    for name, block in _kept.items():
        pattern = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
        text = pattern.sub(lambda found, block=block: f"{found[1]}{block}\n{found[2]}", text)
    page.write_text(text, encoding="utf-8")
    print(f"\n{page.name}: {len(_kept)} tables put in place")


def against_peers(cases: pd.DataFrame, model: str, peers: Sequence[str]) -> pd.DataFrame:
    """The engine's CRPS over each peer's, cell by cell (indicator, sex, horizon), on the cases both forecast."""
    blocks = []
    for peer in peers:
        cells = relative_crps(cases[cases["model"].isin([model, peer])], against=peer)
        blocks.append(cells[cells["model"] == model].assign(peer=peer))
    return pd.concat(blocks, ignore_index=True)


def headline(cells: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Geometric mean of the ratios per peer, and the best peer: the one beaten by least."""
    table = cells.groupby("peer", sort=False).agg(ratio=("ratio", geometric_mean), cells=("ratio", "size"), cases=("n", "sum"))
    return table.reset_index().sort_values("ratio", ascending=False), str(table["ratio"].idxmax())


def by_group(cells: pd.DataFrame, by: str) -> pd.DataFrame:
    """Geometric mean ratio per value of `by` (rows) and peer (columns), with the worst of them."""
    table = cells.pivot_table(index=by, columns="peer", values="ratio", aggfunc=geometric_mean, sort=False)
    table["against the best there"] = table.max(axis=1)
    return table.sort_index().reset_index()


def honesty(cases: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Coverage, Brier score with its parts and expected calibration error, per model and group."""
    rows = []
    for key, group in cases[cases["crps"].notna()].groupby([*by, "model"], sort=False):
        p, happened = probabilities(group)
        parts = brier_parts(p, happened)
        rows.append(
            {
                **dict(zip([*by, "model"], key, strict=True)),
                "cases": len(group),
                "80% covers": group["cover80"].mean(),
                "95% covers": group["cover95"].mean(),
                "Brier": parts.brier,
                "reliability": parts.reliability,
                "resolution": parts.resolution,
                "ECE": expected_calibration_error(p, happened),
            }
        )
    return pd.DataFrame(rows)


def duels(cases: pd.DataFrame, model: str, others: Sequence[str]) -> pd.DataFrame:
    """Coverage, Brier and ECE of the engine beside each other model, on the cases both forecast (AutoETS needs seven figures)."""
    rows = []
    for other in others:
        both = shared_cases(cases[cases["model"].isin([model, other])])
        told = honesty(both).set_index("model")
        row: dict[str, object] = {"against": other, "cases": int(told.loc[model, "cases"]) if len(told) else 0}
        for name in ("80% covers", "95% covers", "Brier", "ECE"):
            row[name] = told.loc[model, name] if len(told) else np.nan
            row[f"its {name}"] = told.loc[other, name] if len(told) else np.nan
        rows.append(row)
    return pd.DataFrame(rows)


def excess(cases: pd.DataFrame, models: Sequence[str]) -> pd.DataFrame:
    """Mean CRPS over the sampling limit, less 1, per indicator and model; each model on the cases it forecast."""
    limited = cases[cases["limit"].notna() & cases["crps"].notna() & cases["model"].isin(list(models))]
    means = limited.groupby(["indicator", "model"])[["crps", "limit"]].mean()
    wide = (means["crps"] / means["limit"] - 1).unstack("model")
    return wide.reindex(columns=[m for m in models if m in wide]).reset_index()


def shared_cases(cases: pd.DataFrame) -> pd.DataFrame:
    """Only the cases that every model forecast."""
    key = ["indicator", "sex", "age", "method", "area", "origin", "horizon"]
    models = cases["model"].nunique()
    whole = cases[cases["crps"].notna()].groupby(key)["model"].transform("nunique").eq(models)
    return cases.loc[whole.index[whole]]


def _cell(value: object, decimals: int) -> str:
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else f"{value:.{decimals}f}"
    return f"{value:,}" if isinstance(value, int | np.integer) else str(value)
