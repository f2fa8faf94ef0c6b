"""A file is written whole or not at all, whatever stands at its path and whoever else writes to it."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from forecast.errors import StoreError
from forecast.evidence.whole_file import put_in_place, write_whole


def test_two_runs_with_one_output_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with put_in_place(path) as first:
        first.write_text("first\n")
        with put_in_place(path) as second:
            assert second != first
            second.write_text("second\n")
        with first.open("a") as more:
            more.write("first too\n")
        assert path.read_text() == "second\n"
    assert path.read_text() == "first\nfirst too\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("length", [200, 250, 255])
def test_a_name_of_any_length_that_the_disk_takes_is_written(tmp_path: Path, length: int) -> None:
    path = tmp_path / ("a" * (length - 4) + ".csv")
    assert write_whole(path, lambda stream: stream.write(b"x")).read_bytes() == b"x"
    umlauts = tmp_path / ("\u00e9" * ((length - 4) // 2) + ".csv")  # names are counted in bytes
    assert write_whole(umlauts, lambda stream: stream.write(b"x")).read_bytes() == b"x"


@pytest.mark.parametrize("name", ["a" * 256, "a" * 5000])
def test_a_longer_name_is_told_before_the_work_is_done(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match=r"name too long.*name another file"), put_in_place(tmp_path / name):
        pytest.fail("the work was done")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("path", "says"), [("", "name of the file to write is empty"), ("/", "/: this is a folder")])
def test_no_name_and_a_folder_are_no_file(path: str, says: str) -> None:
    with pytest.raises(StoreError, match=f"{says}.*Name a file"):
        write_whole(Path(path), lambda stream: stream.write(b"x"))


def test_what_went_wrong_is_told_and_not_that_nothing_could_be_tidied_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "tidying up is not permitted")

    def half(fresh: Path) -> None:
        fresh.write_text("half")
        monkeypatch.setattr(Path, "unlink", refuse)
        raise ValueError("the fault itself")

    with pytest.raises(ValueError, match="the fault itself"), put_in_place(tmp_path / "out.csv") as fresh:
        half(fresh)


def test_a_file_where_a_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot be written"):
        write_whole(tmp_path / "file" / "out.csv", lambda stream: stream.write(b"x"))


@pytest.mark.parametrize("there", [True, False])
def test_what_a_link_leads_to_is_replaced_and_the_link_stays(tmp_path: Path, there: bool) -> None:
    target, link = tmp_path / "shared" / "real.csv", tmp_path / "out.csv"
    target.parent.mkdir()
    if there:
        target.write_text("old")
    link.symlink_to(target)
    write_whole(link, lambda stream: stream.write(b"new"))
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert list(target.parent.iterdir()) == [target]


def test_links_in_a_circle_are_told(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(StoreError, match="cannot be written"):
        write_whole(tmp_path / "a", lambda stream: stream.write(b"x"))


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    write_whole(pipe, lambda stream: stream.write(b"figures"))
    reader.join(10)
    assert read == [b"figures"]
    assert pipe.is_fifo()


def test_a_device_stays_a_device(tmp_path: Path) -> None:
    link = tmp_path / "nowhere"
    link.symlink_to("/dev/null")
    write_whole(link, lambda stream: stream.write(b"x"))
    assert Path("/dev/null").is_char_device()
    assert list(tmp_path.iterdir()) == [link]
