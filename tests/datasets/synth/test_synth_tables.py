from pathlib import Path

from avparse.core.events import Event, Modality
from avparse.datasets.synth.scene import Scene, plan
from avparse.datasets.synth.tables import FILES, write_tables

A, V = Modality.AUDIO, Modality.VISUAL


def scene(number: int, split: str, *events: Event) -> Scene:
    return Scene(f"synth-{number:05d}", split, "plain", events, 25.0, (320, 240), 16000, 1, 0)


SCENES = [
    scene(0, "train", Event(1, 5, A, "Siren"), Event(2, 5, V, "Siren")),
    scene(1, "val", Event(0, 4, A, "Bell"), Event(0, 4, V, "Bell"), Event(3, 9, A, "Drum")),
    scene(2, "test", Event(6, 10, V, "Bird")),
    scene(3, "background"),
]


def test_every_table_by_hand(tmp_path: Path) -> None:
    write_tables(tmp_path, SCENES, ("Bell", "Siren"))
    found = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    strong = "filename\tonset\toffset\tevent_labels\n"
    assert found == {
        "classes.txt": "Bell\nSiren\n",
        "Annotations.txt": "Siren&synth-00000&good&2&5\nBell&synth-00001&good&0&4\n",
        "trainSet.txt": "Siren&synth-00000&good&2&5\n",
        "valSet.txt": "Bell&synth-00001&good&0&4\n",
        "testSet.txt": "",
        "background.txt": "synth-00003\n",
        "AVVP_train.csv": "filename\tevent_labels\nsynth-00000_0_10\tSiren\n",
        "AVVP_val_pd.csv": "filename\tevent_labels\nsynth-00001_0_10\tBell,Drum\n",
        "AVVP_test_pd.csv": "filename\tevent_labels\nsynth-00002_0_10\tBird\n",
        "AVVP_eval_audio.csv": (
            f"{strong}synth-00001_0_10\t0\t4\tBell\nsynth-00001_0_10\t3\t9\tDrum\n"
        ),
        "AVVP_eval_visual.csv": (
            f"{strong}synth-00001_0_10\t0\t4\tBell\nsynth-00002_0_10\t6\t10\tBird\n"
        ),
    }
    assert set(found) == set(FILES)


def test_the_same_scenes_give_the_same_bytes(tmp_path: Path) -> None:
    scenes = plan({"train": 20, "val": 8, "test": 8}, 5)
    for folder in ("one", "two"):
        write_tables(tmp_path / folder, scenes, ("Bell",))
    for name in FILES:
        one, two = tmp_path / "one" / name, tmp_path / "two" / name
        assert one.read_bytes() == two.read_bytes()
