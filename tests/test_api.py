"""``avparse.parse`` in scripts and notebooks."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from probe import CLASSES, make_checkpoint

import avparse
from avparse.api import VideoTimeline
from avparse.config.settings import Settings
from avparse.core.errors import CheckpointError, ConfigError, DataError, MediaError
from avparse.core.events import Modality
from avparse.core.files import read_tsv
from avparse.core.tables import EVENTS
from avparse.stages import parse as stage

Make = Callable[..., Path]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a checkpoint, and with weights once something was parsed."""
    folder = tmp_path_factory.mktemp("home")
    make_checkpoint(folder / "checkpoint")
    return folder


def parse(home: Path, videos: Path | list[Path], **options: object) -> VideoTimeline:
    return avparse.parse(videos, home / "checkpoint", weights=home / "weights", **options)


def test_it_agrees_with_the_command(home: Path, make_video: Make) -> None:
    video = make_video(seconds=5)
    found = parse(home, video)
    stage.run(
        Settings(), [video], home / "checkpoint", home / "weights", 0.5, None, home / "out"
    )  # fmt: skip
    table = found.to_dataframe()
    assert list(table.columns) == list(EVENTS)
    rows = read_tsv(home / "out" / "events.tsv", EVENTS)
    assert len(rows) == len(found.events()) > 0
    for row, (_, mine), event in zip(rows, table.iterrows(), found.events(), strict=True):
        assert [row[c] for c in EVENTS[:4]] == [mine[c] for c in EVENTS[:4]]
        assert (row["onset"], row["offset"]) == (f"{event.onset_s:.3f}", f"{mine['offset']:.3f}")
        assert row["score"] == f"{mine['score']:.4f}"
    assert found.task == "parsing"
    assert found.found.prob[Modality.AUDIO].shape == (5, len(CLASSES))


def test_several_videos_keep_their_order_and_their_faults(home: Path, make_video: Make) -> None:
    (home / "text.mp4").write_text("not a video")
    (home / "a").mkdir()
    (home / "b").mkdir()
    same = [make_video(f"{home}/{folder}clock.mp4", seconds=n) for folder, n in
            (("", 1), ("a/", 2), ("b/", 3))]  # fmt: skip
    paths = [same[2], home / "text.mp4", same[0], same[1], same[2]]
    found = parse(home, paths)
    assert [one.path for one in found] == paths
    assert [one.found.duration_s for one in found] == [3, 0, 1, 2, 3]
    assert found[1].events() == []
    [(_, reason)] = found[1].failed
    assert "is no readable video" in reason
    assert "is no readable video" in repr(found[1])
    assert "is no readable video" in found[1]._repr_html_()
    assert found[1].to_dataframe().empty
    assert not any(one.failed for one in found[:1] + found[2:])
    with pytest.raises(MediaError, match="is no readable video"):
        parse(home, home / "text.mp4")


def test_wrong_arguments_end_in_one_line(home: Path, make_video: Make) -> None:
    video = make_video(seconds=1)
    with pytest.raises(MediaError, match=r"no video file gone\.mp4: check the path"):
        parse(home, Path("gone.mp4"))
    with pytest.raises(CheckpointError, match="no checkpoint in"):
        avparse.parse(video, home / "nowhere")
    with pytest.raises(CheckpointError, match="for parsing, not for localization"):
        parse(home, video, task="localization")
    with pytest.raises(ConfigError, match=r"unknown key 'runtime\.threads'"):
        parse(home, video, settings={"runtime": {"threads": 2}})
    with pytest.raises(ConfigError, match="threshold = 50"):
        parse(home, video, threshold=50)


def test_it_shows_itself_and_names_stay_text(
    home: Path,
    make_video: Make,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    video = make_video('<script>alert("x")<|script> & été.mp4', seconds=2)
    found = parse(home, video, quiet=True)
    html = found._repr_html_()
    assert type(html) is str
    drawn = found.plot()
    assert capsys.readouterr() == ("", "")
    assert isinstance(drawn, Figure)
    assert len(drawn.axes) == 5  # frames, loudness, audio, visual, audio-visual
    assert drawn._repr_png_().startswith(b"\x89PNG")
    first, *lines = repr(found).splitlines()
    assert first == f"{video.name}: 2 s, 4 events (probe)"
    expected = [
        (e.modality.value.replace("_", "-"), f"{e.score:.2f}", e.label) for e in found.events()
    ]
    assert [tuple(line.split(maxsplit=5)[3:]) for line in lines] == expected
    assert all(line.split()[:3] == ["0", "-", "2"] for line in lines)
    assert {e.label for e in found.events()} == set(CLASSES)
    assert "<script" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;" in html
    assert html.count("$cat$") == 6  # drawn, and in the table: audio, visual, audio-visual
    assert "<image" in html
    video.unlink()
    again = VideoTimeline(**{name: getattr(found, name) for name in found.__match_args__})
    assert "<image" not in again._repr_html_()
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(DataError) as caught:
        found.to_dataframe()
    assert str(caught.value) == "pandas is not installed: pip install pandas"


@pytest.mark.long
def test_a_plain_script(home: Path, make_video: Make) -> None:
    """It loads torch at its top, has no guard, and is not run again by the decoders."""
    script = home / "script.py"
    script.write_text(
        "import sys, torch, avparse\n"
        "assert 'avparse.api' not in sys.modules and 'parse' in dir(avparse)\n"
        f"videos = [{str(make_video('a.mp4', seconds=1))!r}, {str(make_video('b.mp4'))!r}]\n"
        "found = avparse.parse(videos, 'checkpoint', weights='weights', quiet=True)\n"
        "print([one.found.duration_s for one in found])\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, script.name], cwd=home, capture_output=True, text=True, timeout=200
    )
    assert (done.stdout, done.stderr) == ("[1.0, 10.0]\n", "")
