from pathlib import Path

import pytest
from cuts import make_llp, table

from avparse import datasets
from avparse.core.events import Event, Modality
from avparse.datasets.base import Sample
from avparse.datasets.download.wanted import Wanted

A, V = Modality.AUDIO, Modality.VISUAL


def test_samples_by_hand(tmp_path: Path) -> None:
    made = make_llp(tmp_path)
    dog = (Event(0, 4, A, "Dog"), Event(0, 4, A, "Dog"), Event(3, 10, V, "Dog"))
    clapping = (Event(0, 10, V, "Speech"), Event(2, 5, A, "Clapping"))
    assert made.samples("parsing") == [
        Sample("-aaaaaaaa_a_131.8_141.8", "-aaaaaaaa_a", "train", ("Speech", "Car"), None),
        Sample("bbbbbbbbbbb_0_10", "bbbbbbbbbbb", "train", ("Cat",), None),
        Sample("ccccccccccc_30_40", "ccccccccccc", "val", ("Dog",), dog),
        Sample("ddddddddddd_20_30", "ddddddddddd", "test", ("Clapping",), clapping),
        Sample(
            "eeeeeeeeeee_5_15", "eeeeeeeeeee", "test", ("Banjo", "Singing"),
            (Event(0, 10, A, "Singing"),),
        ),
    ]  # fmt: skip
    assert made.samples("localization") == []


def test_oddities_are_named(tmp_path: Path) -> None:
    assert [(odd.kind, odd.where) for odd in make_llp(tmp_path).oddities()] == [
        ("no duration", "AVVP_eval_audio.csv line    4"),
        ("no visual rows", "AVVP_eval_visual.csv"),
        ("repeated label", "AVVP_test_pd.csv"),
        ("repeated row", "AVVP_eval_audio.csv line    3"),
        ("reversed", "AVVP_eval_audio.csv line    5"),
        ("unknown clip", "AVVP_eval_audio.csv line    8"),
        ("weak labels differ from events", "AVVP_test_pd.csv"),
        ("weak labels differ from events", "AVVP_test_pd.csv"),
    ]
    said = [odd.what for odd in make_llp(tmp_path).oddities() if "differ" in odd.kind]
    assert said == [
        "ddddddddddd_20_30: additional events of Speech",
        "eeeeeeeeeee_5_15: no event of Banjo",
    ]


def test_two_clips_of_one_video_are_named(tmp_path: Path) -> None:
    made = make_llp(tmp_path)
    table(
        tmp_path / "AVVP_val_pd.csv", "filename\tevent_labels",
        ["ccccccccccc_30_40\tDog", "bbbbbbbbbbb_7_17\tCat"],
    )  # fmt: skip
    assert "several clips of a video" in {odd.kind for odd in made.oddities()}


def test_the_version_of_the_sounds_is_told(tmp_path: Path) -> None:
    said = make_llp(tmp_path).versions()["AVVP_eval_audio.csv"]
    assert said.startswith("unknown, sha256 ")


@pytest.mark.parametrize(
    ("name", "row", "problem"),
    [
        ("AVVP_val_pd.csv", "ccccccccccc_30_40\tDgo", "unknown class 'Dgo': did you mean 'Dog'?"),
        ("AVVP_eval_audio.csv", "ccccccccccc_30_40\t0\tx\tDog", "'0' to 'x': expected seconds"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, name: str, row: str, problem: str) -> None:
    made = make_llp(tmp_path)
    with (tmp_path / name).open("a") as file:
        file.write(f"{row}\n")
    (said,) = made.problems()
    line = len((tmp_path / name).read_text().splitlines())
    assert said.startswith(f"line {line} of {tmp_path / name}: {problem}")


def test_missing_files_say_how_to_get_them(tmp_path: Path) -> None:
    (said,) = datasets.create("llp", tmp_path).problems()
    assert "avparse annotations llp --out" in said


def test_wanted_pieces_begin_where_the_names_say(tmp_path: Path) -> None:
    assert make_llp(tmp_path).wanted()[:2] == [
        Wanted("-aaaaaaaa_a", 131.8, 10, "-aaaaaaaa_a.mp4"),
        Wanted("bbbbbbbbbbb", 0.0, 10, "bbbbbbbbbbb.mp4"),
    ]
