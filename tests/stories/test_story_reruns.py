"""Which jobs rerun after a change of settings, videos or code: those that depend on it."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from running import jobs, snakemake
from tiny import film, make_project

pytestmark = [pytest.mark.story, pytest.mark.long]

EXTRACTORS = ("r2plus1d_18", "resnet152", "vggish")
TABLES = ["coverage", "failures"]
LAST = ["all", "report", "viewer"]
AFTER_INDEX = ["metrics"]
"""Snakemake plans it for evaluations that it then finds up to date."""


class Project:
    """A folder of a few short videos, and a checkout of its own to change."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "checkout"
        for part in ("Snakefile", "avparse", "workflow", "profiles", "envs"):
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            self.home.mkdir(exist_ok=True)
            copy(ROOT / part, self.home / part)
        self.folder = folder / "project"
        self.settings = make_project(self.folder)

    def run(self, *words: str) -> list[str]:
        return jobs(snakemake(self.folder, *words, settings=self.settings, home=self.home))

    def change(self, section: str, name: str, **values: object) -> None:
        """Change the settings of an extractor or an experiment."""
        settings = yaml.safe_load(self.settings.read_text())
        settings[section].setdefault(name, {}).update(values)
        self.settings.write_text(yaml.safe_dump(settings))

    def edit(self, module: str, old: str, new: str) -> None:
        """Change a module of the package."""
        path = self.home / "avparse" / module
        text = path.read_text()
        assert old in text, f"{module} has no {old!r}"
        path.write_text(text.replace(old, new, 1))


def shards(*rules: str, of: Iterable[str]) -> list[str]:
    return [f"{rule} {shard}" for rule in rules for shard in of]


def made_anew(*numbers: str) -> list[str]:
    """Everything from the videos of a shard to its features."""
    return shards("decode", *(f"extract {name}" for name in EXTRACTORS), of=numbers)


def scored(*names: str) -> list[str]:
    return [f"{rule} {name}" for rule in ("evaluate", "export") for name in names] + ["metrics"]


def trained(name: str, of: Iterable[str]) -> list[str]:
    return [f"train {name} 1", *shards(f"predict {name}", of=of), *scored(name)]


def parsed(shard: str) -> list[str]:
    """What a shard without labels asks for."""
    predicted = shards("predict linear", "predict han", of=[shard])
    return [*made_anew(shard), *predicted, "export linear", "export han", *TABLES, *LAST]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("reruns"))
    everything = [
        "index",
        *(f"weights {name}" for name in EXTRACTORS),
        *made_anew("00000", "00001"),
        *trained("linear", ["00000", "00001"]),
        *trained("han", ["00000", "00001"]),
        *TABLES,
        *LAST,
    ]
    assert made.run() == sorted({*everything})
    return made


def test_frames_are_gone_when_all_have_read_them(project: Project) -> None:
    assert list((project.folder / "resources/frames").iterdir()) == []


def test_nothing(project: Project) -> None:
    assert project.run() == []


def test_a_touched_video_of_5_mb(project: Project) -> None:
    video = project.folder / "films/large.mp4"
    assert video.stat().st_size > 5_000_000
    os.utime(video)
    assert project.run() == []


def test_where_and_within_which_limits(project: Project) -> None:
    runtime = "runtime={device: cpu, batch_size: 3, decode_workers: 1}"
    limits = "decode={shard_size: 2, timeout_s: 50}"
    store = f"features={{cache: {project.folder / 'cache'}}}"
    assert project.run("--config", runtime, limits, store) == []


def test_a_comment_a_docstring_and_a_blank_line(project: Project) -> None:
    project.edit("media/decode.py", "def decode_clip", "# Look here.\n\n\ndef decode_clip")
    project.edit("media/decode.py", '"""', '"""New words. ')
    assert project.run() == []


def test_a_setting_a_text_and_a_hint(project: Project) -> None:
    """Of no stage that takes long; a file that reads the settings anew may be written again."""
    seed = "    seed: int = Field(0, ge=0, description="
    project.edit("config/data.py", seed, f"    gain: float = Field(1.0)\n{seed}")
    project.edit("config/data.py", 'description="', 'description="in other words, ')
    project.edit("core/progress.py", "s left", "seconds left")
    project.edit("media/container.py", "raise MediaError(", "raise MediaError('New text. ' + ")
    project.edit("training/loop.py", "-> LabelledClips:", "-> object:")
    project.edit("cli/data.py", '"""', '"""New help. ')
    assert project.run() == []


def test_a_new_model_extractor_data_set_and_format(project: Project) -> None:
    project.edit(
        "models/__init__.py", "_TABLE = {", '_TABLE = {\n    "new": ("new:New", "x:Y", {}),'
    )
    for family in ("features", "datasets", "formats"):
        project.edit(f"{family}/__init__.py", " = Registry(", " = NEW = Registry(")
    for family in ("models", "features", "datasets", "formats"):
        (project.home / "avparse" / family / "new.py").write_text("NEW = 1\n")
    assert project.run() == []


def test_code_of_one_model(project: Project) -> None:
    project.edit("models/han.py", "Recipe(40,", "Recipe(41,")
    assert project.run() == sorted([*trained("han", ["00000", "00001"]), *LAST])


def test_code_of_a_loss(project: Project) -> None:
    project.edit("models/losses.py", "_EPSILON = 1e-7", "_EPSILON = 2e-7")
    both = ["00000", "00001"]
    assert project.run() == sorted({*trained("linear", both), *trained("han", both), *LAST})


def test_code_of_one_extractor(project: Project) -> None:
    project.edit("features/mel.py", "", "NEW = 1\n")
    both = ["00000", "00001"]
    models = {*trained("linear", both), *trained("han", both)}
    own = ["weights vggish", *shards("extract vggish", of=both)]
    assert project.run() == sorted([*own, *models, *TABLES, *LAST])


def test_a_layout_of_checkpoints(project: Project) -> None:
    project.edit("core/layouts.py", '"checkpoint": 1', '"checkpoint": 2')
    both = ["00000", "00001"]
    assert project.run() == sorted({*trained("linear", both), *trained("han", both), *LAST})


def test_an_option_of_one_model(project: Project) -> None:
    """``index`` is where options are checked."""
    project.change("experiments", "han", options={"heads": 2})
    assert project.run() == sorted(["index", *trained("han", ["00000", "00001"]), *LAST])


def test_a_threshold(project: Project) -> None:
    project.change("experiments", "linear", threshold=0.4)
    assert project.run() == sorted([*scored("linear"), *LAST])


def test_the_view_of_one_extractor(project: Project) -> None:
    project.change("extractors", "r2plus1d_18", frames_per_second=2)
    both = ["00000", "00001"]
    models = {*trained("linear", both), *trained("han", both)}
    own = ["weights r2plus1d_18", *shards("extract r2plus1d_18", of=both)]
    assert project.run() == sorted(["index", *own, *models, *TABLES, *LAST])


def test_a_dropped_in_video_that_sorts_first(project: Project) -> None:
    film(project.folder / "data/raw/0000.mp4", 3.4)
    assert project.run() == sorted(["index", *parsed("00002"), *AFTER_INDEX])


def test_a_replaced_video(project: Project) -> None:
    film(project.folder / "data/raw/0000.mp4", 2.0)
    assert project.run() == sorted(parsed("00002"))


def test_a_labelled_video(project: Project) -> None:
    film(project.folder / "films/another.mp4", 2.0)
    with (project.folder / "films/labels.tsv").open("a") as table:
        table.write("another.mp4\t0\t1\tBeep\tboth\ttrain\n")
    expected = [
        "index",
        *made_anew("00003"),
        *trained("linear", ["00000", "00001", "00002", "00003"]),
        *trained("han", ["00000", "00001", "00002", "00003"]),
        *TABLES,
        *LAST,
    ]
    assert project.run() == sorted({*expected})


def test_a_removed_video(project: Project) -> None:
    (project.folder / "data/raw/0000.mp4").unlink()
    expected = ["index", "export linear", "export han", *AFTER_INDEX, *TABLES, *LAST]
    assert project.run() == sorted(expected)


def test_a_decoder_that_decodes_otherwise(project: Project) -> None:
    project.edit("media/sound.py", "TAIL_S = 0.1", "TAIL_S = 0.2")
    ran = project.run()
    assert set(made_anew("00000", "00001", "00003")) < set(ran)
    assert not [job for job in ran if job.startswith("weights")]
