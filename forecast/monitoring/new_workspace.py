"""A new workspace: one example indicator, area, figure file and target, ready to run and to be replaced."""

from __future__ import annotations

import shutil
from pathlib import Path

from forecast.errors import DefinitionError, StoreError

STARTER = Path(__file__).parent / "starter"
IGNORED = "data/store/\ndata/cache/\ndata/rejects/\nreports/output/\n"


def new_workspace(folder: Path, name: str | None = None) -> Path:
    """Make a workspace in `folder` and return its path.

    Raises DefinitionError when something is there already: nothing of the caller's is ever overwritten; StoreError
    when the disk refuses, and then nothing is left behind.
    """
    title = (name or folder.resolve().name).strip()
    if not title or any(letter in title for letter in '"\\\n\r'):
        raise DefinitionError(f"'{title}' cannot be a workspace's name. Give one without quotation marks: --name \"My plan\".")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DefinitionError(f"{folder} is there already and is not empty. Name a new folder.")
    there = folder.exists()
    try:
        _make(folder, title)
    except OSError as error:
        _take_away(folder, there)
        why = error.strerror or next((str(reason) for _, _, reason in error.args[0]), "the disk refuses")
        message = f"{folder}: the workspace cannot be written ({why}). Free some space or mend the rights, and run it again."
        raise StoreError(message) from error
    return folder


def _make(folder: Path, title: str) -> None:
    shutil.copytree(STARTER, folder, dirs_exist_ok=True)
    settings = folder / "forecast.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("WORKSPACE_NAME", title), encoding="utf-8")
    (folder / ".gitignore").write_text(IGNORED, encoding="utf-8")
    (folder / "reports" / "templates").mkdir(parents=True)


def _take_away(folder: Path, there: bool) -> None:
    """Leave the place as it was found, empty or not there: half a workspace would be refused as not empty next time."""
    for made in folder.iterdir() if folder.is_dir() else ():
        if made.is_dir():
            shutil.rmtree(made, ignore_errors=True)
        else:
            made.unlink(missing_ok=True)
    if not there and folder.is_dir():
        folder.rmdir()
