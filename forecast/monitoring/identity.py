"""What makes two runs the same: their inputs, their date, the software and the run they are compared with."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# Packages whose version can change a number or a page.
PACKAGES = ("forecast", "numpy", "pandas", "scipy", "numba", "pydantic", "jinja2")
PACKAGE_FOLDER = Path(__file__).resolve().parents[1]


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file() and not _passing(p))


def _passing(path: Path) -> bool:
    """Files that come and go without meaning: caches, editors' and office programs' locks."""
    return "__pycache__" in path.parts or path.name.startswith((".", "~$")) or path.suffix in {".pyc", ".nbi", ".nbc"}


def digest(folder: Path, paths: Iterable[Path]) -> str:
    """SHA-256 over the names and bytes of files; folders are walked in order of name.

    Names are relative to `folder`, those of files outside it (figures or templates that several workspaces share) whole.
    """
    total = hashlib.sha256()
    for path in _files(paths):
        name = path.relative_to(folder) if path.is_relative_to(folder) else path
        total.update(name.as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def versions() -> dict[str, str]:
    """The versions that a reader needs to reproduce a run; `code` is a digest of the engine's own files."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    found["code"] = digest(PACKAGE_FOLDER, [PACKAGE_FOLDER])[:12]
    return found


def run_identity(
    root: Path, inputs: Iterable[str], as_of: date, used: dict[str, str], previous: str | None, imports: str = ""
) -> str:
    """The run's id: 16 hexadecimal digits that change when any input, the date, the software or the earlier run does.

    `inputs` are the files and folders under `root` that a run reads; `imports` marks what the store holds besides.
    """
    total = hashlib.sha256()
    total.update(digest(root, [root / name for name in inputs]).encode())
    for part in (as_of.isoformat(), repr(sorted(used.items())), previous or "none", *([imports] if imports else [])):
        total.update(part.encode() + b"\0")
    return total.hexdigest()[:16]
