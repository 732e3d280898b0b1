"""Published archives, made small by code, become feature files; nothing behind them differs."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from cuts import make_ave, make_llp, write_h5

from avparse import datasets
from avparse.config.settings import FailureSettings, Settings
from avparse.core.errors import ConfigError, DataError
from avparse.core.files import read_tsv
from avparse.core.hdf5 import Shard
from avparse.core.tables import COVERAGE, STATUS
from avparse.datasets.labels import lay_out
from avparse.features import reader, sources
from avparse.pipeline import validate
from avparse.stages import coverage, failures, import_features

RNG = np.random.default_rng(0)
HEARD = RNG.random((6, 10, 128))
SEEN = RNG.random((6, 10, 7, 7, 512))


def settings_for(kind: str, folder: Path, **changes: Any) -> Settings:
    return validate.load(
        {
            "datasets": {"d": {"kind": kind, "path": str(folder), "features": str(folder)}},
            "experiments": {},
            **changes,
        }
    )


@pytest.fixture
def ave(tmp_path: Path) -> Path:
    folder = tmp_path / "ave"
    folder.mkdir()
    make_ave(folder)
    for name, array in (("audio_feature", HEARD), ("visual_feature", SEEN)):
        write_h5(folder / f"{name}.h5", "avadataset", array)
        write_h5(folder / f"{name}_noisy.h5", "avadataset", array[:2] / 2)
    return folder


@pytest.fixture
def llp(tmp_path: Path) -> Path:
    folder = tmp_path / "llp"
    folder.mkdir()
    samples = make_llp(folder).samples("parsing")
    for part, shape in (("vggish", (10, 128)), ("res152", (80, 2048)), ("r2plus1d_18", (10, 512))):
        (folder / part).mkdir()
        for sample in samples:
            values = RNG.random(shape).astype(np.float32)
            np.save(folder / part / f"{sample.video_id}.npy", values)
    return folder


def run(settings: Settings, folder: Path, out: Path, *extractors: str) -> None:
    import_features.run(settings, "d", folder, list(extractors), out, out / "d.tsv")


def test_ave_rows_keep_their_own_features(ave: Path, tmp_path: Path) -> None:
    settings = settings_for("ave", ave)
    run(settings, ave, tmp_path, "vggish", "vgg19")
    data = reader.load(tmp_path, {"audio": "vggish", "visual": "vgg19"}, ["d"])
    dataset = datasets.load(settings.datasets["d"])
    labels = lay_out(
        dataset.samples("localization"), data.clips, dataset.classes, 10, "localization"
    )
    # Rows 2 and 4 are of one video; each has what its own row of the archive holds.
    np.testing.assert_array_equal(labels.rows, np.arange(8))
    np.testing.assert_array_equal(data.inputs["audio"][:6], HEARD.astype(np.float32))
    np.testing.assert_array_equal(data.inputs["visual"][:6], SEEN.astype(np.float32))
    np.testing.assert_array_equal(data.inputs["visual"][6:], (SEEN[:2] / 2).astype(np.float32))
    assert list(labels.splits[6:]) == ["background"] * 2
    assert data.provenance["audio"]["weights"]["kind"] == reader.RELEASED


def test_rows_without_features_of_their_own_use_the_videos(ave: Path, tmp_path: Path) -> None:
    settings = settings_for("ave", ave)
    run(settings, ave, tmp_path, "vggish")
    dataset = datasets.load(settings.datasets["d"])
    with Shard(tmp_path / "vggish/d.h5") as shard:
        clips = [clip for clip in shard.clips if "+" not in clip.video_id]
    labels = lay_out(dataset.samples("localization"), clips, dataset.classes, 10, "localization")
    assert labels.rows[4] == labels.rows[2]


def test_llp_frames_are_averaged_by_second(llp: Path, tmp_path: Path) -> None:
    run(settings_for("llp", llp), llp, tmp_path, "vggish", "resnet152", "r2plus1d_18")
    with Shard(tmp_path / "resnet152/d.h5") as shard:
        assert [clip.clip_id for clip in shard.clips][:2] == [
            "-aaaaaaaa_a_0_10",
            "bbbbbbbbbbb_0_10",
        ]
        found = shard.array("features")[:]
        assert shard.failed == []
    frames = np.load(llp / "res152/bbbbbbbbbbb.npy")
    by_hand = [frames[8 * t : 8 * t + 8].mean(0) for t in range(10)]
    np.testing.assert_allclose(found[1], by_hand, atol=1e-6)


def test_all_frames_are_kept_if_wanted(llp: Path, tmp_path: Path) -> None:
    kept = {"resnet152": {"average": False}}
    run(settings_for("llp", llp, extractors=kept), llp, tmp_path, "resnet152")
    with Shard(tmp_path / "resnet152/d.h5") as shard:
        assert shard.array("features").shape == (5, 80, 2048)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda path: path.unlink(), "no file"),
        (lambda path: path.write_bytes(b"\x93NUMPY"), "cannot read"),
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "cannot read"),
        (lambda path: np.save(path, np.full((10, 128), np.nan)), "numbers that are not finite"),
        (lambda path: np.save(path, np.zeros((10, 64))), "shape (10, 64) instead of (10, 128)"),
        (lambda path: np.save(path, np.zeros((7, 128))), "shape (7, 128) instead of (10, 128)"),
        (lambda path: np.save(path, np.zeros((10, 128), "c8")), "complex64 are no numbers"),
        (lambda path: np.save(path, {"a": 1}, allow_pickle=True), "cannot read"),  # type: ignore[arg-type]
    ],
)
def test_what_is_wrong_with_one_is_a_row(
    llp: Path, tmp_path: Path, damage: Callable[[Path], object], reason: str
) -> None:
    damage(llp / "vggish/ddddddddddd.npy")
    settings = settings_for("llp", llp, failures={"max_share": 0.5})
    run(settings, llp, tmp_path, "vggish", "r2plus1d_18")
    with Shard(tmp_path / "vggish/d.h5") as shard:
        ((clip, said),) = shard.failed
        assert len(shard.clips) == 4
    assert clip == "ddddddddddd_0_10"
    assert reason in said
    files = [tmp_path / e / "d.h5" for e in ("vggish", "r2plus1d_18")]
    failures.run([tmp_path / "d.tsv"], files, tmp_path / "failed.tsv")
    out, listed = tmp_path / "coverage.tsv", tmp_path / "no manifest.tsv"
    args = ([tmp_path / "d.tsv"], tmp_path / "failed.tsv", listed, out)
    coverage.run(settings, *args)
    rows = read_tsv(tmp_path / "coverage.tsv", COVERAGE)
    counts = {(r["what"], r["split"]): (r["count"], r["of"]) for r in rows}
    assert counts == {
        ("failed", ""): ("1", "5"),
        ("d", "train"): ("2", "2"),
        ("d", "val"): ("1", "1"),
        ("d", "test"): ("1", "2"),
    }
    with pytest.raises(DataError, match="1 of 5 clips failed, more than"):
        coverage.run(settings_for("llp", llp), *args)


def test_samples_that_are_nowhere_are_told(llp: Path, tmp_path: Path) -> None:
    for part in ("vggish", "res152"):
        (llp / part / "ccccccccccc.npy").unlink()
    run(settings_for("llp", llp), llp, tmp_path, "vggish", "resnet152")
    rows = {r["video"]: r["status"] for r in read_tsv(tmp_path / "d.tsv", STATUS)}
    assert [video for video, status in rows.items() if status == "failed"] == ["ccccccccccc"]
    assert len(rows) == 5


def test_an_archive_of_another_release_is_refused(ave: Path, tmp_path: Path) -> None:
    (ave / "audio_feature.h5").unlink()
    write_h5(ave / "audio_feature.h5", "avadataset", HEARD[:5])
    with pytest.raises(
        DataError,
        match=r"has shape \(5, 10, 128\) and type float64: expected floats of shape \(6, 10, 128\)",
    ):
        run(settings_for("ave", ave), ave, tmp_path, "vggish")
    assert not (tmp_path / "vggish").exists() or not list((tmp_path / "vggish").glob("d.h5"))


def test_missing_background_is_told(ave: Path, tmp_path: Path) -> None:
    (ave / "visual_feature_noisy.h5").unlink()
    run(settings_for("ave", ave), ave, tmp_path, "vgg19")
    with Shard(tmp_path / "vgg19/d.h5") as shard:
        clips = [clip for clip, _ in shard.failed]
        assert clips == ["background-000_0_10", "background-001_0_10"]
        assert len(shard.clips) == 6


def test_the_command_finds_what_there_is(ave: Path, llp: Path, tmp_path: Path, cli: Any) -> None:
    said = cli("features", "import", "ave", str(ave), "--out", str(tmp_path / "out"))
    assert said.returncode == 0, said.stderr
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"vggish", "vgg19", "ave.tsv"}
    shutil.rmtree(llp / "res152")
    said = cli("features", "import", "llp", str(llp), "--out", str(tmp_path / "out"))
    assert said.returncode == 0, said.stderr
    same = cli("features", "compare", str(tmp_path / "out/vggish/llp.h5"), str(llp / "vggish"))
    assert "verdict: identical" in same.stdout or "cosine      median 1.000000" in same.stdout
    said = cli("features", "import", "llp", str(tmp_path), "--out", str(tmp_path / "out"))
    assert said.returncode == 2
    assert "no released features of 'llp'" in said.stderr


def test_links_out_of_the_archive_are_refused(ave: Path, tmp_path: Path) -> None:
    with h5py.File(ave / "audio_feature.h5", "w") as file:
        file["avadataset"] = h5py.ExternalLink(str(ave / "visual_feature.h5"), "/avadataset")
    with pytest.raises(DataError, match="no array avadataset"):
        run(settings_for("ave", ave), ave, tmp_path, "vggish")
    assert sources.find(ave / "visual_feature.h5")


def test_coverage_keeps_data_sets_apart(llp: Path, tmp_path: Path) -> None:
    """The same clips, whole in one set and missing in the other."""
    both = {"kind": "llp", "path": str(llp), "features": str(llp)}
    settings = settings_for("llp", llp, datasets={"d": both, "whole": both})
    import_features.run(settings, "whole", llp, ["vggish"], tmp_path, tmp_path / "whole.tsv")
    (llp / "vggish/ddddddddddd.npy").unlink()
    import_features.run(settings, "d", llp, ["vggish"], tmp_path, tmp_path / "d.tsv")
    settings = settings.model_copy(update={"failures": FailureSettings(max_share=1)})
    statuses = [tmp_path / f"{name}.tsv" for name in ("d", "whole")]
    files = [tmp_path / f"vggish/{name}.h5" for name in ("d", "whole")]
    failed, out = tmp_path / "failed.tsv", tmp_path / "coverage.tsv"
    failures.run(statuses, files, failed)
    coverage.run(settings, statuses, failed, tmp_path / "none.tsv", out)
    counts = {(r["what"], r["split"]): r["count"] for r in read_tsv(out, COVERAGE)}
    assert (counts["d", "test"], counts["whole", "test"]) == ("1", "2")


def test_published_features_are_of_ten_seconds(llp: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"clips\.seconds = 5: the published features of d need 10"
    ):
        settings_for("llp", llp, clips={"seconds": 5, "hop_seconds": 5})
