"""Reading the TOML files that people edit into models, with a problem for each thing that is wrong."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from forecast.definitions.control_characters import TAKEN_OUT, printable_throughout
from forecast.definitions.tables import nearest, relative_name
from forecast.definitions.toml_lines import line_of
from forecast.errors import Problem

_M = TypeVar("_M", bound=BaseModel)


def read_model(path: Path, root: Path, model: type[_M], **extra: Any) -> tuple[_M | None, list[Problem]]:
    """The model that a TOML file holds, or None with what is wrong: file, line, key, value and mend."""
    name = relative_name(path, root)
    try:
        text = path.read_bytes().decode("utf-8-sig")
        read = tomllib.loads(text)
        data = printable_throughout(read)
    except FileNotFoundError:
        mend = "`forecast init` writes a new workspace." if name == "forecast.toml" else "Write or restore it."
        return None, [Problem(name, None, None, None, "the file is missing", mend)]
    except OSError as error:
        return None, [Problem(name, None, None, None, f"the file cannot be read: {error.strerror}", "Check its rights.")]
    except UnicodeDecodeError:
        return None, [Problem(name, None, None, None, "not saved as UTF-8", "Save it again as UTF-8.")]
    except RecursionError:
        mend = "Tables go two or three deep (docs/file-formats.md)."
        return None, [Problem(name, None, None, None, "brackets stand within brackets without end", mend)]
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        reason = re.sub(r"\s*\(at .*\)", "", str(error)).rstrip(".")
        mend = 'Text stands in "quotation marks", lists in [brackets], one key on a line.'
        return None, [Problem(name, int(line[1]) if line else None, None, None, f"not valid TOML: {reason}", mend)]
    told = []
    if data != read:  # TOML takes them only as escapes
        mend = r"Take out escapes such as \u001b."
        told = [Problem(name, _first_escape(text), None, None, TAKEN_OUT, mend, "warning")]
    try:
        return model.model_validate({**data, **extra}), told
    except ValidationError as error:
        return None, told + [_problem(name, text, model, dict(item)) for item in error.errors()]


def _first_escape(text: str) -> int | None:
    escapes = r"\\(?:[bf]|u00[01789]|U000000[01789]|u[fF]{3}[eEfF]|U0000[fF]{3}[eEfF])"
    return next((number for number, line in enumerate(text.splitlines(), 1) if re.search(escapes, line)), None)


def _problem(name: str, text: str, model: type[BaseModel], item: dict[str, Any]) -> Problem:
    path = [part for part in item["loc"] if not (isinstance(part, str) and part in ("function-after",))]
    keys = [str(part) for part in path if isinstance(part, str)]
    column = ".".join(keys) or None
    line = line_of(text, path)
    value = None if item["type"] == "missing" else item.get("input")
    shown = str(value) if isinstance(value, str | int | float | bool) else None
    message, mend = _words(item, keys, model)
    return Problem(name, line, column, shown, message, mend)


def _words(item: dict[str, Any], keys: list[str], model: type[BaseModel]) -> tuple[str, str]:
    kind, context = item["type"], item.get("ctx", {})
    if kind == "missing":
        return "missing key", f"Add {keys[-1]!r} (docs/file-formats.md)." if keys else "See docs/file-formats.md."
    if kind == "extra_forbidden":
        near = nearest(keys[-1], _names(model)) if keys else None
        return "unknown key", f"Did you mean {near!r}?" if near else "Remove it, or see docs/file-formats.md."
    if kind in ("enum", "literal_error"):
        return "not one of the values allowed", f"Write one of {context.get('expected')}."
    if kind == "value_error":
        message, _, mend = str(context.get("error", item["msg"])).partition(" | ")
        return message, mend or "See docs/file-formats.md."
    return item["msg"][:1].lower() + item["msg"][1:], "See docs/file-formats.md."


def _names(model: type[BaseModel]) -> list[str]:
    names: list[str] = []
    for name, field in model.model_fields.items():
        names.append(field.alias or name)
        inner = field.annotation
        for part in (inner, *getattr(inner, "__args__", ())):
            if isinstance(part, type) and issubclass(part, BaseModel) and part is not model:
                names += _names(part)
    return names
