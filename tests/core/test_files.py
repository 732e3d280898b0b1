from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avparse.core import files
from avparse.core.errors import DataError
from avparse.core.files import aside, read_json, read_tsv, write_json, write_text, write_tsv


def test_a_file_appears_whole_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "c.txt"
    write_text(path, "ä\nb\n")
    assert path.read_bytes() == b"\xc3\xa4\nb\n"
    assert [p.name for p in path.parent.iterdir()] == ["c.txt"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "c.txt"
    write_text(path, "old")
    with pytest.raises(RuntimeError, match="half way"), aside(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError("half way")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["c.txt"]


def test_the_old_file_stands_until_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "c.txt"
    write_text(path, "old")
    with aside(path) as temporary:
        temporary.write_text("new")
        assert temporary.parent.parent == path.parent  # of the same file system
        assert path.read_text() == "old"
    assert path.read_text() == "new"


def test_json_and_back(tmp_path: Path) -> None:
    value = {"name": "Glocke ü", "list": [1, 2.5, None, True]}
    write_json(tmp_path / "x.json", value)
    assert read_json(tmp_path / "x.json") == value
    assert "ü" in (tmp_path / "x.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [None, "", "{", "\xff"])
def test_json_that_does_not_read_names_the_file(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "x.json"
    if content is not None:
        path.write_text(content, encoding="latin-1")
    with pytest.raises(DataError, match=rf"cannot read {path}: ."):
        read_json(path)


def test_tsv_bytes(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    write_tsv(path, ("b", "a"), [{"a": 1, "b": "two\twords"}, {"a": 'say "x"', "b": "l\r\nm"}])
    assert path.read_bytes() == b'b\ta\ntwo words\t1\nl m\tsay "x"\n'
    assert read_tsv(path, ("a",)) == [
        {"b": "two words", "a": "1"},
        {"b": "l m", "a": 'say "x"'},
    ]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), max_size=4))
def test_tsv_and_back(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "round.tsv"
    rows = [{"one": " ".join(a.split()), "two": " ".join(b.split())} for a, b in cells]
    write_tsv(path, ("one", "two"), rows)
    assert read_tsv(path, ("one", "two")) == rows


def test_tsv_of_other_programs(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    path.write_bytes(b"\xef\xbb\xbfa\tb\r\n1\t2\r\n\r\n3\t4\r\n")
    assert read_tsv(path, ("a", "b")) == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"cannot read {tmp_path / 'x.tsv'}: .*No such file"):
        read_tsv(tmp_path / "x.tsv", ())


def test_a_missing_column_is_named_with_those_found(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    path.write_text("a\tb\n1\t2\n")
    with pytest.raises(DataError) as caught:
        read_tsv(path, ("a", "label", "b"))
    assert str(caught.value) == f"no column 'label' in {path}: its columns are a, b"


def test_a_short_line_is_named_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    path.write_text("a\tb\n1\t2\n3\n")
    with pytest.raises(DataError) as caught:
        read_tsv(path, ("a",))
    assert str(caught.value) == f"line 3 of {path} has 1 cells: expected 2"


def test_what_a_killed_process_left_goes(tmp_path: Path) -> None:
    """Process numbers end below 2^22 on Linux; those of other machines are not known here."""
    host = files._HOST
    dead, living = (tmp_path / f".a.txt-{host}-{n}-0a.tmp" for n in (99999999, 1))
    other, elsewhere = tmp_path / f".b.txt-{host}-99999999-0a.tmp", tmp_path / ".a.txt-x-9-0a.tmp"
    for path in (dead, living, other, elsewhere):
        path.mkdir()
        (path / "part").touch()
    write_text(tmp_path / "a.txt", "new")
    assert set(tmp_path.iterdir()) == {tmp_path / "a.txt", living, other, elsewhere}


@pytest.mark.parametrize(
    ("content", "hint"),
    [("", "the file is empty"), ("a,b\n1,2\n", "separate the columns with tabs, not commas")],
)
def test_a_table_without_tabs_says_what_to_do(tmp_path: Path, content: str, hint: str) -> None:
    path = tmp_path / "table.tsv"
    path.write_text(content)
    with pytest.raises(DataError) as caught:
        read_tsv(path, ("a",))
    assert str(caught.value) == f"no column 'a' in {path}: {hint}"
