"""Small cuts of AVE and LLP in the shape of the released files, strange rows and all."""

from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

from avparse import datasets
from avparse.datasets.ave import AVEDataset
from avparse.datasets.llp import LLPDataset

AVE_ROWS = (
    "Church bell&aaaaaaaaaaa&good&0&10",
    "Church bell&bbbbbbbbbbb&good&0&0",
    "Male speech, man speaking&ccccccccccc&good&2&5",
    "Bark&ddddddddddd&good&3&10",
    "Female speech, woman speaking&ccccccccccc&good&4&9",
    "Helicopter&eeeeeeeeeee&good&0&7",
)
AVE_ORDERS = {"train": [4, 1, 0], "val": [2], "test": [5, 3]}


def write_h5(path: Path, name: str, array: object) -> None:
    with h5py.File(path, "w") as file:
        file[name] = array


def make_ave(folder: Path, rows: Sequence[str] = AVE_ROWS, noisy: int = 2) -> AVEDataset:
    """A cut of AVE in the shape of the released files."""
    (folder / "Annotations.txt").write_text("".join(f"{row}\n" for row in rows))
    for split, order in AVE_ORDERS.items():
        write_h5(folder / f"{split}_order.h5", "order", np.array(order, np.int64))
    write_h5(folder / "labels_noisy.h5", "avadataset", np.eye(29, dtype="f4")[[28] * noisy])
    made: AVEDataset = datasets.create("ave", folder)
    return made


WEAK = {
    "AVVP_train.csv": ["-aaaaaaaa_a_131.8_141.8\tSpeech,Car", "bbbbbbbbbbb_0_10\tCat"],
    "AVVP_val_pd.csv": ["ccccccccccc_30_40\tDog"],
    "AVVP_test_pd.csv": ["ddddddddddd_20_30\tClapping,Clapping", "eeeeeeeeeee_5_15\tBanjo,Singing"],
}
HEARD = [
    "ccccccccccc_30_40\t0\t4\tDog",
    "ccccccccccc_30_40\t0\t4\tDog",
    "ddddddddddd_20_30\t9\t9\tClapping",
    "ddddddddddd_20_30\t9\t0\tClapping",
    "ddddddddddd_20_30\t2\t5\tClapping",
    "eeeeeeeeeee_5_15\t0\t10\tSinging",
    "eeeeeeeee_5_15\t0\t10\tSpeech",
]
SEEN = ["ccccccccccc_30_40\t3\t10\tDog", "ddddddddddd_20_30\t0\t10\tSpeech"]


def table(path: Path, columns: str, rows: list[str]) -> None:
    path.write_text("\n".join([columns, *rows]) + "\n")


def make_llp(folder: Path) -> LLPDataset:
    """A cut of LLP in the shape of the released files."""
    for name, rows in WEAK.items():
        table(folder / name, "filename\tevent_labels", rows)
    columns = "filename\tonset\toffset\tevent_labels"
    table(folder / "AVVP_eval_audio.csv", columns, HEARD)
    table(folder / "AVVP_eval_visual.csv", columns, SEEN)
    made: LLPDataset = datasets.create("llp", folder)
    return made
