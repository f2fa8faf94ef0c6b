"""How long the main job takes on the bundled workspace: `forecast run` from the command line, as a person starts it.

    python benchmarks/main_job.py [--rounds 3] [--document]

Each round takes a new copy of the workspace, without store or reports, and runs four times in it: as in a fresh clone, where the
code still has to be compiled; in a new workspace with the compiled code at hand (the first store is taken away); once more
(`--again`), where the store holds the do-nothing projections; and with nothing changed. Every run is a process of its own: wall
clock and processor seconds from its start to its end, and its peak memory. Medians of the rounds, and the shortest and longest
wall clock: a machine that others use drifts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import pandas as pd
import peers
import tables

ROOT = Path(__file__).resolve().parents[1]
INPUTS = ("forecast.toml", "indicators", "data/published", "data/reference", "reports/templates")  # of which a run is made
STORE, OUTPUT = "data/store", "reports/output"
FIRST, NEW, AGAIN, UNCHANGED = "first, nothing compiled", "first in a new workspace", "again (`--again`)", "nothing changed"
# Started between us and the run: a process counts the memory of the one it was started from as its own, and this one is small.
CHILD = """
import json, os, subprocess, sys, time
start = time.perf_counter()
run = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(run.pid, 0)
seconds = time.perf_counter() - start
peak = used.ru_maxrss / 1024 / (1024 if sys.platform == "darwin" else 1)
told = {"seconds": seconds, "processor s": used.ru_utime + used.ru_stime, "peak MiB": peak}
print(json.dumps(told | {"code": os.waitstatus_to_exitcode(status)}))
"""


def main() -> None:
    """Copy, run, print."""
    asked = options().parse_args()
    if not hasattr(os, "wait4"):
        sys.exit("This system does not say how much memory a process took (no wait4): measure on Linux or macOS.")
    rounds = []
    for number in range(asked.rounds):
        with tempfile.TemporaryDirectory() as folder:
            rounds += one_round(Path(folder))
        print(f"Round {number + 1} of {asked.rounds} done", flush=True)
    tables.note(f"{date.today():%-d %B %Y}, {machine()}; {peers.engine(ROOT / 'forecast')}.", "main job versions")  # noqa: DTZ011
    tables.show("The main job", summary(pd.DataFrame(rounds)), 1, keep="main job")
    if asked.document:
        tables.document()


def options() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="times each is run")
    parser.add_argument("--document", action="store_true", help="put the table into docs/accuracy.md")
    return parser


def one_round(folder: Path) -> list[dict[str, object]]:
    """The four runs in a new copy of the workspace, one row each."""
    workspace, compiled = folder / "workspace", folder / "compiled"
    copy_workspace(workspace)
    rows = [measured(FIRST, workspace, compiled)]
    for made in (STORE, OUTPUT):
        shutil.rmtree(workspace / made)
    rows += [measured(NEW, workspace, compiled), measured(AGAIN, workspace, compiled, "--again")]
    return [*rows, measured(UNCHANGED, workspace, compiled)]


def copy_workspace(to: Path) -> None:
    """What a run reads, and nothing that one wrote."""
    for name in INPUTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to / name)
        elif (ROOT / name).exists():
            to.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)


def measured(name: str, workspace: Path, compiled: Path, *more: str) -> dict[str, object]:
    """One run: how long, how much of the processor, how much memory. Exits where the run fails."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    settings = os.environ | {"PYTHONPATH": path, "NUMBA_CACHE_DIR": str(compiled)}
    command = [sys.executable, "-m", "forecast", "run", "--quiet", *more]
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *command], check=False, capture_output=True, text=True, cwd=workspace, env=settings
    )
    told = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {"code": done.returncode}
    if told.pop("code"):
        sys.exit(f"The run that was to be measured ({name}) failed.\n{done.stderr[-2000:]}")
    return {"run": name, **told}


def summary(rounds: pd.DataFrame) -> pd.DataFrame:
    """A row a kind of run: medians of the rounds, and the shortest and longest wall clock."""
    grouped = rounds.groupby("run", sort=False)
    spread = grouped["seconds"].agg(lambda seconds: f"{seconds.min():.1f} to {seconds.max():.1f}")
    return grouped.median().assign(**{"shortest to longest": spread}).reset_index()


def machine() -> str:
    """The processor, its cores and the memory."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}"


def processor() -> str:
    """Its name, as far as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
