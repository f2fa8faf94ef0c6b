"""The peers beside the engine: their environment, their forecasts of the same cases, kept so that a second run is quick."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.models.backtest.cases import Forecaster
from forecast.models.backtest.origins import Origin
from forecast.models.panel import Panel
from forecast.models.prediction import Mixture, Prediction
from forecast.models.priors import NONE, Priors

HERE = Path(__file__).resolve().parent
MODELS = HERE.parent / "forecast" / "models"
REQUIREMENTS, WORKER = HERE / "peers-requirements.txt", HERE / "peer_worker.py"
# settings that would send packages elsewhere than the environment (as in start.py)
MISLEADING = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")
YEARLY = ("AutoETS", "AutoETS damped", "AutoTheta", "RandomWalkWithDrift")  # those that yearly figures are compared with
FITTING = b"1"  # raise it when the worker fits otherwise, so that nothing kept is read again
_PYTHON = f"Python {sys.version.split()[0]}"
Key = tuple[str, str, str, str]  # indicator, sex, origin, area


def peers_python(named: Path | None = None) -> Path:
    """The interpreter of the peers' environment: the one named, or benchmarks/.peers, made when needed."""
    if named is not None:
        return named
    folder = HERE / ".peers"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "requirements.sha256"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if not (python.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted):
        print(f"Making the peers' environment in {folder} ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        install(python, REQUIREMENTS)
        stamp.write_text(wanted, encoding="utf-8")
    return python


def install(python: Path | str, requirements: Path, *options: str) -> None:
    """What a requirements file names, with an interpreter's pip, whatever the caller's settings are."""
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *options, "-r", requirements]
    subprocess.run(command, check=True, env={k: v for k, v in os.environ.items() if k not in MISLEADING})


def versions(python: Path) -> str:
    """The versions behind a table, in one line."""
    names = ("statsforecast", "statsmodels", "pandas", "numpy")
    code = "import importlib.metadata as m;print(', '.join(f'{n} {m.version(n)}' for n in " + repr(names) + "))"
    # started in its own folder: beside the source of the engine it would find the engine's metadata
    told = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True, cwd=python.parent)
    return f"{_engine(MODELS)}; peers: {told.stdout.strip()}; {_PYTHON}"


def engine(code: Path) -> str:
    """The versions behind a table of the engine alone, and whether the `code` it speaks of was changed since its commit."""
    return f"{_engine(code)}; {_PYTHON}"


def _engine(code: Path) -> str:
    from importlib.metadata import version

    ours = ", ".join(f"{n} {version(n)}" for n in ("forecast", "pandas", "numpy", "numba"))
    return f"engine: {ours}{_commit(code)}"


def _commit(code: Path) -> str:
    """The commit the engine stands at, and whether its code has been changed since; nothing outside a clone."""
    told = [
        subprocess.run(["git", *command], capture_output=True, text=True, check=False, cwd=HERE)
        for command in (("rev-parse", "--short", "HEAD"), ("status", "--porcelain", "--", str(code)))
    ]
    if any(one.returncode for one in told):
        return ""
    return f", commit {told[0].stdout.strip()}" + (" with changes not committed" if told[1].stdout.strip() else "")


def forecasts(cases: pd.DataFrame, peers: Sequence[str], python: Path, jobs: int, cache: Path = HERE / ".cache") -> pd.DataFrame:
    """Mean and sd of each peer on the transformed scale: case, peer, ahead, mean, sd, seconds. Kept in `cache` by content."""
    digest = hashlib.sha256()
    for y, horizon, season in zip(cases["y"], cases["horizon"], cases["season"], strict=True):
        digest.update(np.round(np.asarray(y, dtype=float), 9).tobytes() + f"{horizon},{season};".encode())
    digest.update(",".join(peers).encode() + REQUIREMENTS.read_bytes() + FITTING)
    cache.mkdir(exist_ok=True)
    kept = cache / f"{digest.hexdigest()[:24]}.parquet"
    if not kept.exists():
        source, part = kept.with_suffix(".cases"), kept.with_suffix(".part")
        cases.to_parquet(source, index=False)
        print(f"Fitting {', '.join(peers)} to {len(cases):,} series (kept for the next run) ...", flush=True)
        command = [python, WORKER, source, part, ",".join(peers), str(jobs)]
        subprocess.run(command, check=True, cwd=HERE)
        part.replace(kept)
        source.unlink()
    return pd.read_parquet(kept)


@dataclass(frozen=True)
class Series:
    """The series the peers are fitted to, and which panel, origin and area each belongs to."""

    cases: pd.DataFrame
    keys: tuple[Key, ...]


def series_of(origins: Sequence[Origin], longest: int | None = None) -> Series:
    """Every eligible area's series on the engine's own scale, from its first figure, gaps joined by straight lines."""
    rows, keys = [], []
    for origin in origins:
        panel = origin.panel
        for i in np.flatnonzero(origin.eligible):
            seen = np.isfinite(panel.y[i])
            at = np.arange(panel.y.shape[1])
            first = int(np.argmax(seen))
            joined = np.interp(at[first:], at[seen], panel.y[i, seen])
            rows.append((len(rows), joined[-longest:] if longest else joined, origin.horizon, panel.season))
            keys.append((panel.indicator, panel.sex, origin.period.label, panel.areas[i]))
    return Series(pd.DataFrame(rows, columns=["case", "y", "horizon", "season"]), tuple(keys))


def forecasters(series: Series, told: pd.DataFrame, pools: Mapping[str, Sequence[str]] | None = None) -> dict[str, Forecaster]:
    """Each peer (and each equal pool of peers) as a forecaster that looks up what it forecast."""
    table: dict[str, dict[Key, tuple[np.ndarray, np.ndarray]]] = {}
    for (name, case), rows in told.sort_values(["peer", "case", "ahead"]).groupby(["peer", "case"], sort=False):
        table.setdefault(str(name), {})[series.keys[int(case)]] = rows["mean"].to_numpy(), rows["sd"].to_numpy()
    made = {name: _lookup(name, [found]) for name, found in table.items()}
    for name, members in (pools or {}).items():
        made[name] = _lookup(name, [table[m] for m in members])
    return made


def averaged(series: Series, told: pd.DataFrame, members: Sequence[str], name: str) -> dict[str, Forecaster]:
    """Quantiles of the members averaged, the other way to take an equal mean: a normal with their mean mean and mean sd."""
    chosen = told[told["peer"].isin(list(members))]
    full = chosen.groupby(["case", "ahead"])[["mean", "sd"]].agg(["mean", "count"])
    mean = full[("mean", "mean")].where(full[("mean", "count")] == len(members))
    table = pd.DataFrame({"mean": mean, "sd": full[("sd", "mean")], "peer": name}).dropna().reset_index()
    return forecasters(series, table)


def _lookup(name: str, members: Sequence[Mapping[Key, tuple[np.ndarray, np.ndarray]]]) -> Forecaster:
    def forecast(panel: Panel, horizon: int, priors: Priors = NONE) -> Prediction:  # noqa: ARG001
        shape = (len(members), len(panel.areas), horizon)
        mean, sd = np.full(shape, np.nan), np.full(shape, np.nan)
        origin = panel.periods[-1].label
        for k, found in enumerate(members):
            for i, area in enumerate(panel.areas):
                one = found.get((panel.indicator, panel.sex, origin, area))
                if one is not None:
                    mean[k, i], sd[k, i] = one[0][:horizon], np.maximum(one[1][:horizon], 1e-9)
        mixture = Mixture(mean, sd, np.full((len(members), 1), 1 / len(members)))
        kinds = {"published": mixture, "underlying": mixture}
        return Prediction(panel.areas, panel.future(horizon), panel.scale, kinds, _no_paths, name, people=panel.people)

    return forecast


def _no_paths(_draws: int, _seed: int, _areas: np.ndarray) -> np.ndarray:
    raise NotImplementedError("Peers give margins only.")


Progress = Callable[[int, int], None]


def progress(done: int, total: int) -> None:
    """A line that overwrites itself, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r{done}/{total} origins", end="\n" if done == total else "", file=sys.stderr, flush=True)
