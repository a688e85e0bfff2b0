"""Files written in one piece: what is there stays until all is written, and keeps its permissions."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from guidecheck.errors import GuidecheckError
from guidecheck.whole_files import replacing, umask


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_that_is_there_keeps_its_permissions(tmp_path: Path) -> None:
    held, new = tmp_path / "held.csv", tmp_path / "new.csv"
    held.write_text("old")
    held.chmod(0o600)
    for path in (held, new):
        with replacing(path) as part:
            part.write_text("all of it")
    assert (held.read_text(), mode(held)) == ("all of it", 0o600)
    assert (new.read_text(), mode(new)) == ("all of it", 0o666 & ~umask())


def half_written(path: Path, error: Exception) -> None:
    with replacing(path) as part:
        part.write_text("half")
        raise error


def test_what_fails_on_the_way_leaves_the_old_file_alone(tmp_path: Path) -> None:
    held = tmp_path / "held.csv"
    held.write_text("old")
    with pytest.raises(GuidecheckError, match=r"held\.csv: .*cannot be written: disk full"):
        half_written(held, OSError(28, "disk full"))
    with pytest.raises(KeyError):
        half_written(held, KeyError())
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_an_old_file_can_be_left(tmp_path: Path) -> None:
    held, new = tmp_path / "held.csv", tmp_path / "new.csv"
    held.write_text("old")
    for path in (held, new):
        with replacing(path, leave=lambda: True) as part:
            part.write_text("nothing of use")
    assert (held.read_text(), new.read_text()) == ("old", "nothing of use")


@pytest.mark.parametrize("name", ["", "no/such/folder.csv"])
def test_a_place_that_takes_no_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(GuidecheckError, match="cannot be written"), replacing(tmp_path / name):
        pytest.fail("there is nothing to write to")
    assert list(tmp_path.iterdir()) == []
