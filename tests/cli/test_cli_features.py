import json
from pathlib import Path

import numpy as np
from conftest import Cli
from feature_files import ours

from avparse.core.files import read_tsv
from avparse.core.tables import COMPARED


def llp(folder: Path, ids: list[str], values: list[float]) -> Path:
    (folder / "vggish").mkdir(parents=True)
    for name, value in zip(ids, values, strict=True):
        np.save(folder / "vggish" / f"{name}.npy", np.full((10, 128), value, np.float32))
    return folder


def test_ours_against_the_llp_archive(cli: Cli, tmp_path: Path) -> None:
    ours(tmp_path / "ours", ["aaaaaaaaaaa", "bbbbbbbbbbb"])
    llp(tmp_path / "llp", ["bbbbbbbbbbb", "ccccccccccc"], [2.0, 1.0])
    done = cli("features", "compare", "ours", "llp", "--table", "apart.tsv")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "vggish: 1 clips in both, 1 only in A, 1 only in B",
        "  cosine      median 1.000000, least 1.000000",
        "  difference  mean 1, largest 1, ratio of lengths 2",
        "  verdict: the same but for a factor of 2: another normalisation?",
    ]
    rows = read_tsv(tmp_path / "apart.tsv", COMPARED)
    assert [(row["clip"], row["note"]) for row in rows] == [
        ("bbbbbbbbbbb", ""),
        ("aaaaaaaaaaa", "only in A"),
        ("ccccccccccc", "only in B"),
    ]
    [found] = json.loads(cli("features", "compare", "ours", "llp", "--json").stdout)
    assert found["clips"] == found["only_in_a"] == found["only_in_b"] == 1
    assert found["largest_difference"] == 1


def test_nothing_in_common_is_one_line(cli: Cli, tmp_path: Path) -> None:
    ours(tmp_path / "ours", ["aaaaaaaaaaa"])
    done = cli("features", "compare", "ours", "gone")
    assert done.returncode == 2
    assert done.stderr.strip() == "avparse: no features at gone: give a file or folder"
    done = cli("features", "compar", "ours", "gone")
    assert done.returncode == 2
