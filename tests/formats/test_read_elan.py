from pathlib import Path

import pytest

from avparse.core.errors import DataError
from avparse.core.events import Event, Modality
from avparse.formats.elan import read

HEAD = '<ANNOTATION_DOCUMENT xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" VERSION="3.0"'
HEAD += ' xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">'
SLOTS = '<TIME_ORDER><TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="1500"/>'
SLOTS += '<TIME_SLOT TIME_SLOT_ID="ts2" TIME_VALUE="4000"/><TIME_SLOT TIME_SLOT_ID="ts3"/>'
SLOTS += "</TIME_ORDER>"


def tier(name: str, label: str = "Dog", onset: str = "ts1", offset: str = "ts2") -> str:
    value = f"<ANNOTATION_VALUE>{label}</ANNOTATION_VALUE>"
    times = f'TIME_SLOT_REF1="{onset}" TIME_SLOT_REF2="{offset}"'
    inner = f'<ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" {times}>{value}</ALIGNABLE_ANNOTATION>'
    made = f'<TIER TIER_ID="{name}" LINGUISTIC_TYPE_REF="x"><ANNOTATION>{inner}</ANNOTATION>'
    return f"{made}</TIER>"


def document(path: Path, *parts: str) -> Path:
    path.write_text("".join((HEAD, SLOTS, *parts, "</ANNOTATION_DOCUMENT>")))
    return path


def test_tiers_are_modalities_and_others_are_a_persons_own(tmp_path: Path) -> None:
    parts = (tier("V-2", " D&amp;g "), tier("A-notes", "hm"), tier("AV"))
    empty = '<TIER TIER_ID="A" LINGUISTIC_TYPE_REF="x"/>'
    path = document(tmp_path / "my film.eaf", *parts, empty)
    visual, both = Modality.VISUAL, Modality.AUDIO_VISUAL
    assert read(path) == {
        ("my film", Modality.AUDIO): [],
        ("my film", visual): [Event(1.5, 4.0, visual, "D&g")],
        ("my film", both): [Event(1.5, 4.0, both, "Dog")],
    }


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((tier("Audio"),), "no tier A, V or AV in {path}: found: Audio"),
        ((tier("A", " "),), "tier A of {path}, annotation a1 has no label: give one"),
        ((tier("A", "x", "ts3"),), "tier A of {path}, annotation a1 has no time"),
        ((tier("A", "x", "ts9"),), "tier A of {path}, annotation a1 has no time"),
        ((tier("A", "x", "ts2", "ts1"),), "tier A of {path}, annotation a1: 4 to 1.5 s"),
        (("<TIER/>",), "{path} is an incomplete ELAN document: missing: 'TIER_ID'"),
        (("<TIER",), "cannot read {path}: is it an ELAN document?"),
        (("<TIME_ORDER><TIME_SLOT TIME_SLOT_ID='x' TIME_VALUE='1'/></TIME_ORDER>",),
         "cannot read {path}: is it an ELAN document?"),
    ],
)  # fmt: skip
def test_broken_documents(parts: tuple[str, ...], said: str, tmp_path: Path) -> None:
    path = document(tmp_path / "x.eaf", *parts)
    with pytest.raises(DataError) as caught:
        read(path)
    assert str(caught.value).startswith(said.format(path=path))


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
        + HEAD + SLOTS + tier("A", "&b;") + "</ANNOTATION_DOCUMENT>",
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + HEAD + SLOTS + tier("A", "&a;"),
        "<html/>", "", "\x00\xff", HEAD.replace("xsi:", "") + "</ANNOTATION_DOCUMENT>",
    ],
)  # fmt: skip
def test_entities_and_what_is_no_document_are_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.eaf"
    path.write_text(text)
    with pytest.raises(DataError, match="ELAN document"):
        read(path)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*none\.eaf"):
        read(tmp_path / "none.eaf")
