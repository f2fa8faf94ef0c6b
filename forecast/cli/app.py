"""The `forecast` command: gathers the commands and turns errors into exit codes and one plain message."""

from __future__ import annotations

import errno
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from forecast.cli import figures, month, series, workspace
from forecast.cli.exit_codes import INPUT_WRONG, SOFTWARE_FAILED
from forecast.definitions.control_characters import printable
from forecast.errors import ForecastError

# The disk or the rights on it, not the software: full, over quota, read-only, no permission.
DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}

app = typer.Typer(
    name="forecast",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="How likely each promise in a public health plan is to be kept, tested against what later happened.",
)
month.register(app)
figures.register(app)
series.register(app)
workspace.register(app)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"forecast {version('forecast')}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[  # read by `main`, which catches the error
        bool, typer.Option("--debug", help="Show where in the code an error arose.")
    ] = False,
    version: Annotated[  # handled by its callback
        bool, typer.Option("--version", help="Show the version and leave.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """How likely each promise in a public health plan is to be kept, tested against what later happened."""


def _leave(code: int, message: str) -> NoReturn:
    sys.stdout.flush()
    print(printable(message), file=sys.stderr)
    raise SystemExit(code)


def _failed(error: BaseException) -> NoReturn:
    """An error nobody foresaw: one line for the reader, everything else in a file for whoever mends it."""
    with tempfile.NamedTemporaryFile("w", prefix="forecast-", suffix=".log", delete=False, encoding="utf-8") as log:
        log.write(" ".join(sys.argv) + "\n\n" + "".join(traceback.format_exception(error)))
    first_line = (str(error).strip().splitlines() or [""])[0][:200]
    _leave(
        SOFTWARE_FAILED,
        f"The software failed: {type(error).__name__}: {first_line}\n"
        f"This is a fault of the program, not of your files. Details for a report: {Path(log.name)}",
    )


def main() -> NoReturn:
    """Run the command line; always ends in SystemExit with one of the documented codes."""
    try:
        app(prog_name="forecast")
    except ForecastError as error:
        if "--debug" in sys.argv:
            traceback.print_exc()
        _leave(INPUT_WRONG, f"Error: {error}")
    except OSError as error:
        if "--debug" in sys.argv:
            traceback.print_exc()
        if error.errno in DISK_ERRORS:
            where = f" {error.filename}" if error.filename else ""
            _leave(INPUT_WRONG, f"Error: cannot use{where}: {error.strerror}. Free some space or mend the rights, and run again.")
        _failed(error)
    except Exception as error:
        if "--debug" in sys.argv:
            traceback.print_exc()
        _failed(error)
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of a library in Rust; to Python it is no Exception
            _failed(error)
        raise
    raise SystemExit(0)
