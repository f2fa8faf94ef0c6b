"""Loads killed at random moments: run by test_store_killed.py, or alone for as many times as wanted.

    python tests/unit/evidence/killing.py --times 100

A parent that has everything in memory forks a loader, kills it after a random time, and forks a reader that opens the store and
counts. It prints one line of JSON: how many loads were killed, how many batches were acknowledged before, found, and half there.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import deltalake  # noqa: F401 in memory before the first fork
import pandas as pd
import pandera.pandas  # noqa: F401
import pyarrow.dataset  # noqa: F401

from forecast.evidence.observations import validate, with_types
from forecast.evidence.store import Store

INDICATORS, AREAS = ("ae-4-hour", "smoking-adults", "obesity-adults"), 150
LONGEST = 0.8  # seconds until the kill; a batch takes about a tenth of one
NEW_STORE_EVERY = 5  # so that the very first commit of a store is hit as well


def batch(number: int) -> pd.DataFrame:
    """One load: figures of three indicators, hence three files in one commit."""
    frame = pd.DataFrame([(name, f"A{at:04d}") for name in INDICATORS for at in range(AREAS)], columns=["indicator", "area"])
    return with_types(
        frame.assign(
            period="2015",
            period_start=pd.Timestamp("2015-01-01"),
            period_end=pd.Timestamp("2015-12-31"),
            known_on=pd.Timestamp("2016-01-01") + pd.Timedelta(days=number),
            known_on_basis="stated",
            value=float(number % 100),
            unit="percent",
            vintage=f"batch {number}",
        )
    )


@dataclass
class Tally:
    """What came of all the kills."""

    killed: int = 0
    acknowledged: int = 0
    whole: int = 0
    half: int = 0
    lost: int = 0
    faults: list[str] = field(default_factory=list)


def forked(work: Callable[[int], None]) -> tuple[int, int]:
    """Do `work` in a child that writes to a pipe; gives the child's id and the pipe's reading end."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    os.close(reading)
    try:
        work(writing)
    except BaseException as fault:  # told to the parent, whatever it is
        os.write(writing, f"fault: {type(fault).__name__}: {fault}\n".encode())
    os._exit(0)


def load_forever(path: Path, first: int, tell: int) -> None:
    """Append batch after batch, saying the number of each once it is in."""
    os.write(tell, b"ready\n")
    store = Store(path)
    for number in range(first, first + 1000):
        store.append(batch(number), source="load")
        os.write(tell, f"{number}\n".encode())


def count(path: Path, tell: int) -> None:
    """How many rows of each batch the store holds."""
    rows = Store(path).read()["vintage"].value_counts()
    os.write(tell, json.dumps({str(name): int(size) for name, size in rows.items()}).encode())


def everything(pipe: int) -> str:
    """All that a child says until it ends."""
    with os.fdopen(pipe, "rb") as file:
        return file.read().decode()


def one_kill(path: Path, first: int, chance: random.Random, tally: Tally) -> int:
    """Start a load, kill it, look at what it left; gives the number of the next batch."""
    child, pipe = forked(lambda tell: load_forever(path, first, tell))
    os.read(pipe, 6)  # it is ready
    time.sleep(chance.uniform(0.0, LONGEST))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    said = everything(pipe).split("\n")
    numbers = [int(word) for word in said if word.isdigit()]
    reader, answers = forked(lambda tell: count(path, tell))
    answer = everything(answers)
    os.waitpid(reader, 0)
    tally.killed += 1
    tally.acknowledged += len(numbers)
    if not answer.startswith("{"):
        tally.faults.append(answer)
        return first
    found = json.loads(answer)
    size = len(INDICATORS) * AREAS
    tally.whole += sum(rows == size for name, rows in found.items() if int(name.split()[1]) >= first)
    tally.half += sum(rows != size for rows in found.values())
    tally.lost += sum(f"batch {number}" not in found for number in range(0, max(numbers, default=first - 1) + 1))
    tally.faults += [word for word in said if word.startswith("fault")]
    return max((int(name.split()[1]) for name in found), default=-1) + 1


def kill_loads(times: int, seed: int = 0) -> Tally:
    """Kill `times` loads, several into the same store, then into a new one."""
    chance, tally = random.Random(seed), Tally()
    validate(batch(0))  # builds the schema once, before the forks
    with tempfile.TemporaryDirectory() as folder:
        following = 0
        for turn in range(times):
            following = following if turn % NEW_STORE_EVERY else 0
            following = one_kill(Path(folder) / f"store-{turn // NEW_STORE_EVERY}", following, chance, tally)
    return tally


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    print(json.dumps(kill_loads(chosen.times, chosen.seed).__dict__))
