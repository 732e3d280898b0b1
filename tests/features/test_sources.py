from pathlib import Path

import h5py
import numpy as np
import pytest
from feature_files import ours

from avparse.core.errors import DataError
from avparse.features import sources

RNG = np.random.default_rng(0)


def ave(path: Path, array: str = "avadataset", rows: int = 3, width: int = 512) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        shape = (rows, 10, 7, 7, width) if "visual" in path.name else (rows, 10, width)
        file[array] = np.arange(rows, dtype=float).reshape(-1, *(1 for _ in shape[1:])) + np.zeros(
            shape
        )
    return path


def test_our_files_by_root_folder_or_file(tmp_path: Path) -> None:
    root = ours(tmp_path, ["aaaaaaaaaaa", "-b_bbbbbbbb"])
    for where in (root, root / "vggish", root / "vggish" / "00001.h5"):
        [source] = sources.find(where).values()
        assert source.name == "vggish"
        assert (source.clips["clip"]["-b_bbbbbbbb_10_20"]() == 11).all()
        # By YouTube id only clips from the start of a video are meant.
        assert (source.clips["youtube"]["-b_bbbbbbbb"]() == 1).all()


def test_llp_by_the_first_eleven_characters(tmp_path: Path) -> None:
    for folder in ("vggish", "res152"):
        (tmp_path / folder).mkdir()
        np.save(tmp_path / folder / "-b_bbbbbbbb.npy", np.ones((10, 4), np.float32))
    found = sources.find(tmp_path)
    assert list(found) == ["resnet152", "vggish"]
    assert found["resnet152"].clips["youtube"]["-b_bbbbbbbb"]().shape == (10, 4)
    assert list(sources.find(tmp_path / "res152")) == ["resnet152"]


@pytest.mark.parametrize("array", ["avadataset", "dataset"])
@pytest.mark.parametrize("header", ["", "Category&VideoID&Quality&StartTime&EndTime\n"])
def test_ave_by_row_or_by_video(tmp_path: Path, array: str, header: str) -> None:
    ave(tmp_path / "visual_feature.h5", array)
    ave(tmp_path / "audio_feature.h5", array, width=128)
    rows = ["Bark&aaaaaaaaaaa&good&0&10", "Cat&bbbbbbbbbbb&good&2&5", "Horse&aaaaaaaaaaa&good&1&3"]
    table = tmp_path / "Annotations.txt"
    table.write_text(header + "\n".join(rows) + "\n")
    found = sources.find(tmp_path, table)
    assert list(found) == ["vggish", "vgg19"]
    source = found["vgg19"]
    assert source.clips["row"]["2"]().shape == (10, 7, 7, 512)
    assert (source.clips["youtube"]["bbbbbbbbbbb"]() == 1).all()
    assert (source.clips["youtube"]["aaaaaaaaaaa"]() == 0).all()
    assert "youtube" not in sources.find(tmp_path)["vgg19"].clips
    table.write_text(rows[0] + "\n")
    with pytest.raises(DataError, match=r"has 3 rows, .*Annotations\.txt 1"):
        sources.find(tmp_path, table)


def test_what_is_no_archive(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no features at .*gone"):
        sources.find(tmp_path / "gone")
    with pytest.raises(DataError, match="no features in"):
        sources.find(tmp_path)
    with h5py.File(tmp_path / "audio_feature.h5", "w") as file:
        file["avadataset"] = h5py.ExternalLink("/etc/passwd", "/x")
    with pytest.raises(DataError, match="no array avadataset or dataset"):
        sources.find(tmp_path)
    (tmp_path / "audio_feature.h5").write_bytes(b"not HDF5")
    with pytest.raises(DataError, match=r"cannot read .*is it an HDF5 file"):
        sources.find(tmp_path)


def test_a_pickle_is_not_opened(tmp_path: Path) -> None:
    np.save(tmp_path / "aaaaaaaaaaa.npy", np.array([{}], object))
    [source] = sources.find(tmp_path).values()
    with pytest.raises(DataError, match=r"cannot read .*aaaaaaaaaaa\.npy"):
        source.clips["youtube"]["aaaaaaaaaaa"]()
