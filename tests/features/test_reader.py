from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from avparse.core.clips import Clip
from avparse.core.errors import DataError
from avparse.core.hdf5 import write_shard
from avparse.features.reader import ARRAY, feature_file, load

WIDTH = {"vggish": 4, "vgg19": 6}


def clip(name: str) -> Clip:
    return Clip(f"{name}_0_3", name, 0.0, 3.0, 3)


def features(extractor: str, name: str) -> NDArray[np.float32]:
    rng = np.random.default_rng([ord(name), WIDTH[extractor]])
    return rng.normal(size=(3, WIDTH[extractor])).astype(np.float32)


def write(folder: Path, extractor: str, shard: str, names: str) -> None:
    made = {"extractor": extractor, "shard": shard}
    with write_shard(feature_file(folder, extractor, shard), made) as file:
        for name in names:
            file.append(clip(name), {ARRAY: features(extractor, name)})


def test_where_a_shard_is() -> None:
    assert feature_file(Path("results/features"), "vggish", "00003") == Path(
        "results/features/vggish/00003.h5"
    )


@pytest.mark.parametrize(
    ("heard", "seen", "wanted"),
    [
        (("ab", "cd"), ("ab", "cd"), "abcd"),
        (("ab", "cd"), ("b", "cd"), "bcd"),  # a clip that one extractor lacks is left out
        (("abc", "d"), ("cba", "d"), "abcd"),  # the order is that of the first input
        (("ab", ""), ("a", "d"), "a"),
    ],
)
def test_rows_of_all_inputs_are_of_one_clip(
    tmp_path: Path, heard: tuple[str, ...], seen: tuple[str, ...], wanted: str
) -> None:
    for shard, (one, other) in enumerate(zip(heard, seen, strict=True)):
        write(tmp_path, "vggish", f"{shard:05d}", one)
        write(tmp_path, "vgg19", f"{shard:05d}", other)
    found = load(tmp_path, {"audio": "vggish", "visual": "vgg19"}, ["00000", "00001"])
    assert found.clips == [clip(name) for name in wanted]
    for argument, extractor in (("audio", "vggish"), ("visual", "vgg19")):
        stacked = np.stack([features(extractor, name) for name in wanted])
        assert found.inputs[argument].dtype == torch.float32
        np.testing.assert_array_equal(found.inputs[argument].numpy(), stacked)


def test_shards_come_in_the_order_asked_for(tmp_path: Path) -> None:
    write(tmp_path, "vggish", "00000", "ab")
    write(tmp_path, "vggish", "00001", "c")
    found = load(tmp_path, {"audio": "vggish"}, ["00001", "00000"])
    assert [c.video_id for c in found.clips] == ["c", "a", "b"]
    np.testing.assert_array_equal(found.inputs["audio"][0].numpy(), features("vggish", "c"))


def test_what_made_each_input_is_kept(tmp_path: Path) -> None:
    write(tmp_path, "vggish", "00007", "a")
    write(tmp_path, "vgg19", "00007", "a")
    found = load(tmp_path, {"audio": "vggish", "visual": "vgg19"}, ["00007"])
    assert found.provenance == {
        "audio": {"extractor": "vggish", "shard": "00007"},
        "visual": {"extractor": "vgg19", "shard": "00007"},
    }


def test_one_extractor_may_feed_two_inputs(tmp_path: Path) -> None:
    write(tmp_path, "vgg19", "00000", "ab")
    found = load(tmp_path, {"visual": "vgg19", "visual_st": "vgg19"}, ["00000"])
    assert torch.equal(found.inputs["visual"], found.inputs["visual_st"])


def test_no_clip_at_all(tmp_path: Path) -> None:
    write(tmp_path, "vggish", "00000", "")
    found = load(tmp_path, {"audio": "vggish"}, ["00000"])
    assert (found.clips, found.inputs) == ([], {})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    write(tmp_path, "vggish", "00000", "a")
    missing = tmp_path / "vggish" / "00001.h5"
    with pytest.raises(DataError, match=rf"^no file {missing}: run the stage that makes it$"):
        load(tmp_path, {"audio": "vggish"}, ["00000", "00001"])


def test_a_file_without_features_is_named(tmp_path: Path) -> None:
    path = feature_file(tmp_path, "vggish", "00000")
    with write_shard(path, {}) as file:
        file.append(clip("a"), {"frames": np.zeros((3, 2), np.float32)})
    with pytest.raises(DataError) as caught:
        load(tmp_path, {"audio": "vggish"}, ["00000"])
    assert str(caught.value) == f"no array 'features' in {path}: found: ['frames']"


def test_shards_made_with_other_weights_are_refused(tmp_path: Path) -> None:
    for shard, seed in (("00000", 0), ("00001", 1)):
        made = {"extractor": "vggish", "settings": {}, "weights": {"seed": seed}}
        path = tmp_path / "vggish" / f"{shard}.h5"
        with write_shard(path, made) as out:
            out.append(Clip(shard, shard, 0.0, 10.0, 10), {ARRAY: np.zeros((2, 3), np.float32)})
    with pytest.raises(DataError, match=r"00001\.h5 was made with other settings or weights"):
        load(tmp_path, {"audio": "vggish"}, ["00000", "00001"])


def test_a_clip_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "vggish", "00000", "aba")
    with pytest.raises(DataError, match="a clip is twice in 00000"):
        load(tmp_path, {"audio": "vggish"}, ["00000"])


def test_a_segment_that_one_input_lacks_is_missing(tmp_path: Path) -> None:
    """Who decodes sound alone does not see that pictures are damaged."""
    for extractor, missing in (("vggish", ()), ("vgg19", (1,))):
        with write_shard(feature_file(tmp_path, extractor, "00000"), {}) as file:
            one = replace(clip("a"), missing=missing)
            file.append(one, {ARRAY: features(extractor, "a")})
    for order in (("vggish", "vgg19"), ("vgg19", "vggish")):
        found = load(tmp_path, dict(zip(("x", "y"), order, strict=True)), ["00000"])
        assert [one.missing for one in found.clips] == [(1,)]
