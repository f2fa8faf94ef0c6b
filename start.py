#!/usr/bin/env python3
"""From a bare Python 3.11 or newer to a finished report, with nothing activated and nothing installed into the system.

    python3 start.py                  set up, then `forecast run` on this folder
    python3 start.py test             set up, then run the tests (further arguments go to pytest)
    python3 start.py setup            set up only
    python3 start.py predict ...      set up, then any other `forecast` command

The environment is a folder `.venv` beside this file (or wherever FORECAST_VENV points). Every package is installed at the
version and hash pinned in requirements.txt; the folder is left alone while requirements.txt, pyproject.toml and the Python
stay the same. Only the standard library is used, because nothing else is there yet.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
OLDEST = (3, 11)
# Settings that would send packages elsewhere than the environment; index, proxy and certificate settings are kept.
MISLEADING = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")


def environment_folder() -> Path:
    """Where the environment lives: `.venv` here, or the folder named by FORECAST_VENV."""
    named = os.environ.get("FORECAST_VENV")
    return Path(named).resolve() if named else ROOT / ".venv"


def python_in(folder: Path) -> Path:
    """The interpreter inside an environment, on Windows and elsewhere."""
    return folder / "Scripts" / "python.exe" if os.name == "nt" else folder / "bin" / "python"


def fingerprint() -> str:
    """What the environment was made from: the pins, the project file, this Python and this folder."""
    digest = hashlib.sha256()
    for name in ("requirements.txt", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    digest.update(f"{sys.version_info[:2]} {ROOT}".encode())
    return digest.hexdigest()


def clean_settings() -> "dict[str, str]":
    """The caller's settings without those that would send packages elsewhere."""
    return {name: value for name, value in os.environ.items() if name not in MISLEADING}


def run(command: "list[str]") -> None:
    """Run one step; a failing step ends the script with that step's exit code."""
    finished = subprocess.run(command, cwd=ROOT, env=clean_settings(), check=False)
    if finished.returncode:
        print(f"\nSetting up stopped at: {' '.join(command[:6])} ...", file=sys.stderr)
        print("The lines above say why. Mend that and run the same command again.", file=sys.stderr)
        raise SystemExit(finished.returncode)


def usable(folder: Path) -> bool:
    """Whether an environment stands there that runs this same Python and can install packages."""
    asked = "import sys, pip; print(sys.version_info[:2])"
    try:
        answer = subprocess.run([str(python_in(folder)), "-c", asked], check=False, capture_output=True, text=True)
    except OSError:
        return False
    return answer.returncode == 0 and answer.stdout.strip() == str(sys.version_info[:2])


def make_environment(folder: Path) -> "list[str]":
    """The command that installs into the environment, which is made unless a usable one stands.

    Some distributions ship Python without the part that puts pip into an environment; the system's own pip can then
    install into it from outside, which those distributions allow.
    """
    inside = str(python_in(folder))
    if usable(folder):
        return [inside, "-m", "pip"]
    if folder.exists():
        if not (folder / "pyvenv.cfg").is_file() and any(folder.iterdir()):
            raise SystemExit(f"{folder} exists and is not a Python environment. Move it away, or set FORECAST_VENV.")
        shutil.rmtree(folder)
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(folder)], env=clean_settings(), check=False, capture_output=True, text=True
    )
    if made.returncode == 0:
        return [inside, "-m", "pip"]
    shutil.rmtree(folder, ignore_errors=True)
    run([sys.executable, "-m", "venv", "--without-pip", str(folder)])
    outside = [sys.executable, "-m", "pip", "--python", inside]
    if subprocess.run([*outside, "--version"], env=clean_settings(), check=False, capture_output=True).returncode:
        shutil.rmtree(folder, ignore_errors=True)
        print(made.stdout + made.stderr, file=sys.stderr)
        raise SystemExit("This Python can make no environment: install your system's python3-venv package and run this again.")
    return outside


def set_up(folder: Path) -> None:
    """Make the environment, unless the one that stands was made from the same pins."""
    stamp = folder / "forecast-setup.sha256"
    wanted = fingerprint()
    if stamp.is_file() and stamp.read_text().strip() == wanted and python_in(folder).is_file():
        return
    print(f"Setting up {folder.name} from requirements.txt (once; a few minutes on a slow line) ...", flush=True)
    pip = make_environment(folder)
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    run([*pip, "install", *quiet, "--require-hashes", "--only-binary", ":all:", "-r", str(ROOT / "requirements.txt")])
    # The build backend is among the pins, so nothing unpinned is fetched to build this package.
    run([*pip, "install", *quiet, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])
    stamp.write_text(wanted + "\n")


def main(arguments: "list[str]") -> int:
    """Set up if need be, then hand over to the tests or to the `forecast` command."""
    if sys.version_info < OLDEST:
        print(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 2
    folder = environment_folder()
    set_up(folder)
    verb = arguments[0] if arguments else "run"
    if verb == "setup":
        print(f"Ready: {python_in(folder)}")
        return 0
    inside = [str(python_in(folder)), "-m"]
    if verb == "test":
        return subprocess.run([*inside, "pytest", *arguments[1:]], cwd=ROOT, env=clean_settings(), check=False).returncode
    command, where = ([*inside, "forecast", *arguments], None) if arguments else ([*inside, "forecast", "run"], ROOT)
    return subprocess.run(command, cwd=where, env=clean_settings(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
