"""Write the labels of the bundled set in the formats of AVE and LLP."""

from collections.abc import Sequence
from pathlib import Path

from avparse.core.clips import clip_id
from avparse.core.events import Modality
from avparse.core.files import write_text, write_tsv
from avparse.datasets.synth.scene import CLIP_S, Scene

AVE_SPLITS = {"train": "trainSet.txt", "val": "valSet.txt", "test": "testSet.txt"}
BACKGROUND = "background.txt"
"""Ids of the clips without events."""
LLP_SPLITS = {"train": "AVVP_train.csv", "val": "AVVP_val_pd.csv", "test": "AVVP_test_pd.csv"}
LLP_EVENTS = {
    Modality.AUDIO: "AVVP_eval_audio.csv",
    Modality.VISUAL: "AVVP_eval_visual.csv",
}
FILES = (
    "classes.txt",
    "Annotations.txt",
    *AVE_SPLITS.values(),
    BACKGROUND,
    *LLP_SPLITS.values(),
    *LLP_EVENTS.values(),
)
"""All tables, relative to the folder of the data set."""


def write_tables(folder: Path, scenes: Sequence[Scene], classes: Sequence[str]) -> None:
    """Write all :data:`FILES`; equal scenes give identical bytes."""
    write_text(folder / "classes.txt", "".join(f"{name}\n" for name in classes))
    _write_ave(folder, scenes)
    _write_llp(folder, scenes)


def _write_ave(folder: Path, scenes: Sequence[Scene]) -> None:
    """Write rows ``category&video&quality&onset&offset``, one per audio-visual event."""
    rows = {
        scene.video_id: [
            f"{e.label}&{scene.video_id}&good&{e.onset_s:.0f}&{e.offset_s:.0f}\n"
            for e in scene.audio_visual()
        ]
        for scene in scenes
    }
    everything = "".join(line for lines in rows.values() for line in lines)
    write_text(folder / "Annotations.txt", everything)
    for split, name in AVE_SPLITS.items():
        chosen = (line for s in scenes if s.split == split for line in rows[s.video_id])
        write_text(folder / name, "".join(chosen))
    empty = (f"{s.video_id}\n" for s in scenes if s.split == "background")
    write_text(folder / BACKGROUND, "".join(empty))


def _write_llp(folder: Path, scenes: Sequence[Scene]) -> None:
    """Write weak labels for all splits, and events for val and test."""
    names = {scene.video_id: clip_id(scene.video_id, 0, CLIP_S) for scene in scenes}
    for split, table in LLP_SPLITS.items():
        weak = (
            {
                "filename": names[s.video_id],
                "event_labels": ",".join(sorted({e.label for e in s.events})),
            }
            for s in scenes
            if s.split == split
        )
        write_tsv(folder / table, ("filename", "event_labels"), weak)
    for modality, table in LLP_EVENTS.items():
        strong = (
            {
                "filename": names[s.video_id],
                "onset": f"{e.onset_s:.0f}",
                "offset": f"{e.offset_s:.0f}",
                "event_labels": e.label,
            }
            for s in scenes
            if s.split != "train"
            for e in s.events
            if e.modality == modality
        )
        write_tsv(folder / table, ("filename", "onset", "offset", "event_labels"), strong)
