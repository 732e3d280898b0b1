from pathlib import Path

import pytest

from avparse.core.errors import DataError
from avparse.core.events import Event, Modality
from avparse.formats.audacity import read

V = Modality.VISUAL


def test_a_track_as_audacity_writes_it(tmp_path: Path) -> None:
    """With a byte-order mark, line ends of Windows, a frequency range and a tab in a label."""
    path = tmp_path / "a.b.visual.txt"
    text = "\ufeff1.000000\t2.500000\tDög\r\n\\\t100.0\t200.0\r\n3.0\t3.0\ta\tb\r\n\r\n"
    path.write_bytes(text.encode())
    assert read(path) == {
        ("a.b", V): [Event(1.0, 2.5, V, "Dög"), Event(3.0, 3.0, V, "a\tb")],
    }


def test_an_empty_track_says_that_there_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.audio.txt").touch()
    assert read(tmp_path / "a.audio.txt") == {("a", Modality.AUDIO): []}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1.0", "line 2 of {path}: '1.0': expected onset, offset and label between tabs"),
        ("1.0\tx\tDog", "line 2 of {path}: '1.0\\tx\\tDog': expected onset, offset and label"),
        ("1.0\t2.0", "line 2 of {path} has no label: give one"),
        ("1.0\t2.0\t ", "line 2 of {path} has no label: give one"),
        ("2.0\t1.0\tDog", "line 2 of {path}: 2 to 1 s: an event begins in the video, then ends"),
        ("-1\t1.0\tDog", "line 2 of {path}: -1 to 1 s: an event begins in the video, then ends"),
        ("nan\t1.0\tDog", "line 2 of {path}: nan to 1.0: expected seconds"),
        ("1\tinf\tDog", "line 2 of {path}: 1.0 to inf: expected seconds"),
    ],
)
def test_broken_lines(line: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "a.audio.txt"
    path.write_text(f"0.0\t1.0\tCat\n{line}\n")
    with pytest.raises(DataError) as caught:
        read(path)
    assert str(caught.value).startswith(said.format(path=path))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a.audo.txt", "the name of {path}: unknown modality 'audo': did you mean 'audio'?"),
        ("a.txt", "{path} has no modality in its name: call it a.audio.txt or a.visual.txt"),
    ],
)
def test_names_without_a_modality(name: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.touch()
    with pytest.raises(DataError) as caught:
        read(path)
    assert str(caught.value).startswith(said.format(path=path))


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.audio.txt"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match=r"is it a label track\?"):
        read(path)
