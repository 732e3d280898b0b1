"""Formats for browsers, players and editors."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import examples
import pympi
import pytest
import sed_eval
import webvtt
from examples import A, V

from avparse.formats import EXPORTS
from avparse.prediction.predictions import Predictions


def export(name: str, folder: Path, predictions: Predictions, **media: str) -> Path:
    made = EXPORTS.create(name, media=media)
    path: Path = made.path(folder, predictions.experiment)
    made.write(examples.lines(predictions), predictions, path)
    return path


def test_webvtt_is_read_by_its_library(tmp_path: Path) -> None:
    path = export("webvtt", tmp_path, examples.parsing())
    tracks = [f"{video}.{m}.vtt" for video in "ab" for m in ("audio", "audio_visual", "visual")]
    assert sorted(file.name for file in path.iterdir()) == tracks
    cues = [(cue.start, cue.end, cue.raw_text) for cue in webvtt.read(path / "a.audio.vtt")]
    assert cues == [
        ("00:00:08.000", "00:00:12.000", "Church bell"),
        ("00:00:09.000", "00:00:11.000", "Dög &amp; &lt;cat&gt;"),
    ]
    assert (path / "b.visual.vtt").read_text() == "WEBVTT\n"


def test_webvtt_counts_hours() -> None:
    from avparse.formats.webvtt import _time

    assert _time(3723.4567) == "01:02:03.457"
    assert _time(59.9996) == "00:01:00.000"


def test_elan_is_read_by_its_library(tmp_path: Path) -> None:
    path = export("elan", tmp_path, examples.parsing(), a="data/raw/a ü.mp4")
    assert sorted(file.name for file in path.iterdir()) == ["a.eaf", "b.eaf"]
    document = pympi.Eaf(str(path / "a.eaf"))
    tiers = {name: document.get_annotation_data_for_tier(name) for name in document.tiers}
    assert tiers == {
        "A": [(8000, 12000, "Church bell")],
        "A-2": [(9000, 11000, "Dög & <cat>")],  # ELAN allows no overlap within a tier
        "V": [(10000, 15500, "Dög & <cat>")],
    }
    [media] = document.media_descriptors
    assert media["RELATIVE_MEDIA_URL"] == "./a ü.mp4"
    quiet = pympi.Eaf(str(path / "b.eaf"))
    assert {name: quiet.get_annotation_data_for_tier(name) for name in quiet.tiers} == {
        "A": [],
        "V": [],
    }
    assert quiet.media_descriptors == []


def test_elan_of_localization_has_one_tier(tmp_path: Path) -> None:
    path = export("elan", tmp_path, examples.localization())
    document = pympi.Eaf(str(path / "a.eaf"))
    assert list(document.tiers) == ["AV"]
    assert document.get_annotation_data_for_tier("AV") == [(0, 10000, "Dög & <cat>")]


def test_elan_holds_no_character_that_xml_cannot(tmp_path: Path) -> None:
    odd = replace(examples.parsing(), classes=("a\x07b", "c"))
    document = pympi.Eaf(str(export("elan", tmp_path, odd) / "a.eaf"))
    assert document.get_annotation_data_for_tier("A") == [(8000, 12000, "a\ufffdb")]


def test_audacity_tracks(tmp_path: Path) -> None:
    path = export("audacity", tmp_path, examples.parsing())
    assert (path / "a.audio.txt").read_text(encoding="utf-8") == (
        "8.000000\t12.000000\tChurch bell\n9.000000\t11.000000\tDög & <cat>\n"
    )
    assert (path / "b.visual.txt").read_bytes() == b""


def event_list(path: Path) -> Any:
    return sed_eval.io.load_event_list(
        str(path), file_format="CSV", csv_header=True, delimiter="\t"
    )


def test_sed_eval_reads_labels_with_quotes(tmp_path: Path) -> None:
    odd = replace(examples.parsing(), classes=('"a" b', 'c "d"'))
    events = event_list(export("sed_eval", tmp_path, odd) / "audio.tsv")
    assert [event.event_label for event in events] == list(odd.classes)


@pytest.mark.parametrize("predictions", [examples.parsing(), examples.localization()])
def test_sed_eval_scores_its_own_events_without_error(
    predictions: Predictions, tmp_path: Path
) -> None:
    """Each file against itself: no error; audio against visual: only the dog, for a second."""
    path = export("sed_eval", tmp_path, predictions)
    names = sorted(file.stem for file in path.iterdir())
    parsed = predictions.task == "parsing"
    assert names == (["audio", "audio_visual", "visual"] if parsed else ["audio_visual"])
    lists = {name: event_list(path / f"{name}.tsv") for name in names}
    for events in lists.values():
        assert set(events.unique_files) == {"a"}
        score = sed_eval.sound_event.SegmentBasedMetrics(list(examples.CLASSES), 1.0)
        score.evaluate(events, events)
        assert score.results_overall_metrics()["f_measure"]["f_measure"] == 1
    if parsed:
        score = sed_eval.sound_event.SegmentBasedMetrics(list(examples.CLASSES), 1.0)
        score.evaluate(lists["audio"], lists["visual"])
        # Seconds: 6 audio, 6 visual (the last one half), 1 audio-visual.
        counts = score.overall
        assert (counts["Ntp"], counts["Nref"], counts["Nsys"]) == (1, 6, 6)


def test_sed_eval_has_the_columns_of_dcase(tmp_path: Path) -> None:
    text = (export("sed_eval", tmp_path, examples.parsing()) / "visual.tsv").read_text()
    assert text == "filename\tonset\toffset\tevent_label\na\t10.000\t15.500\tDög & <cat>\n"


def test_the_example_is_what_it_says() -> None:
    video, quiet = examples.lines(examples.parsing())
    assert list(video.events) == examples.PARSED
    assert quiet.events == ()
    assert {event.modality for event in video.events} > {A, V}
    assert list(examples.lines(examples.localization())[0].events) == examples.LOCALIZED
    assert re.fullmatch(r"[a-z]", video.video_id)
