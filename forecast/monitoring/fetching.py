"""`forecast fetch`: a publisher's figures from its service or its web pages, into the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from forecast.definitions.workspace import Workspace, load_workspace
from forecast.errors import ForecastError
from forecast.evidence.fetch import Fetcher
from forecast.evidence.importing import import_file
from forecast.evidence.sources.contract import Offer, Service, Source
from forecast.evidence.sources.registry import source_called
from forecast.monitoring.dates import today
from forecast.monitoring.importing import Imported, into_store, rejects_within, up_to_date

CACHE: Final = Path("data") / "cache"


@dataclass(frozen=True)
class FetchedFile:
    """One file: what its import did, or in `fault` why it could not be had or used. `new` is False for an unchanged file."""

    address: str
    imported: Imported | None
    fault: str = ""
    new: bool = True


def offers(root: Path, source: str, options: Mapping[str, str] | None = None, fetcher: Fetcher | None = None) -> list[Offer]:
    """What a source has to offer now.

    Raises SourceError for a source nobody knows, and ServiceError where its service cannot be used.
    """
    _, chosen, service = _asked(root, source, options, fetcher)
    return chosen.available(service)


def fetch_figures(
    root: Path,
    source: str,
    wanted: Sequence[str] = (),
    options: Mapping[str, str] | None = None,
    fetcher: Fetcher | None = None,
) -> list[FetchedFile]:
    """Fetch from a source and bring the figures into the store of the workspace at `root`.

    `wanted` are the source's own ids, file names or addresses; none: what the workspace's catalogue asks for, or what is
    offered. `options`: `address` of a mirror, and the source's own. One file's fault stops no other. A figure that was held
    with another value was revised, and that is known from today on. Files already fetched are asked after, not fetched again.
    Raises DefinitionError for a workspace that cannot be read, SourceError for what cannot be asked for like that, and
    ServiceError where the service cannot be used at all.
    """
    workspace, chosen, service = _asked(root, source, options, fetcher)
    answers = chosen.fetch(wanted, service)
    store = up_to_date(workspace)
    done = []
    for answer in answers:
        if isinstance(answer, ForecastError):
            done.append(FetchedFile("", None, str(answer)))
            continue
        try:
            result = import_file(answer.path, workspace)
            rejects = rejects_within(workspace, answer.path.name)
            imported = into_store(workspace, result, store, today(), rejects, live=True)
            done.append(FetchedFile(answer.url, imported, new=answer.new))
        except ForecastError as fault:
            done.append(FetchedFile(answer.url, None, str(fault), answer.new))
    return done


def _asked(
    root: Path, source: str, options: Mapping[str, str] | None, fetcher: Fetcher | None
) -> tuple[Workspace, Source, Service]:
    chosen = source_called(source)
    workspace = load_workspace(root.resolve())
    given = dict(options or {})
    address = given.pop("address", "")
    service = Service(fetcher or Fetcher(workspace.root / CACHE), workspace.catalogue, address, given)
    return workspace, chosen, service
