"""Which changes of the package change the digest of which stage."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from avparse.core.layouts import LAYOUTS
from avparse.pipeline import digests

STAGES = {
    "decode": "decode",
    "weights": "weights avparse.features.vgg19",
    "extract vgg19": "extract avparse.features.vgg19",
    "extract vggish": "extract avparse.features.vggish",
    "train han": "train avparse.models.han avparse.datasets.folder",
    "train cmran": "train avparse.models.cmran avparse.datasets.ave",
    "train ma": "train avparse.models.ma avparse.datasets.folder avparse.training.refine",
    "predict han": "predict avparse.models.han",
    "predict cmran": "predict avparse.models.cmran",
    "evaluate": "evaluate avparse.datasets.folder",
    "export": "export avparse.formats.tsv",
}
ALL_FEATURES = {"extract vgg19", "extract vggish"}
HAN = {"train han", "train ma", "predict han"}
CMRAN = {"train cmran", "predict cmran"}
TRAININGS = {"train han", "train ma", "train cmran"}


class Checkout:
    """A copy of the package that a test may edit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ignored = shutil.ignore_patterns("__pycache__", "assets", "vendor")
        shutil.copytree(ROOT / "avparse", folder / "avparse", ignore=ignored)
        self.before = self.digests()

    def digests(self) -> dict[str, str]:
        """Digest of every stage, computed by the copy in a process of its own."""
        program = (
            "import sys; from avparse.pipeline import digests as d\n"
            "print(d.__file__, *(d.stage_digest(*a.split()) for a in sys.argv[1:]), sep='\\n')"
        )
        done = subprocess.run(
            [sys.executable, "-B", "-c", program, *STAGES.values()],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            check=True,
        )
        file, *found = done.stdout.split()
        assert Path(file).is_relative_to(self.folder)
        return dict(zip(STAGES, found, strict=True))

    def edit(self, module: str, old: str, new: str) -> None:
        path = self.folder / "avparse" / module
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def add(self, module: str, text: str) -> None:
        (self.folder / "avparse" / module).write_text(text, encoding="utf-8")

    def changed(self) -> set[str]:
        after = self.digests()
        return {name for name in STAGES if after[name] != self.before[name]}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_plumbing_and_texts_change_nothing(checkout: Checkout) -> None:
    edit, add = checkout.edit, checkout.add
    setting = '    seed: int = Field(0, ge=0, description="made up")\n'
    edit("config/section.py", "class Section(BaseModel):", f"class New(BaseModel):\n{setting}")
    edit("core/progress.py", "s left", "seconds left")
    edit("core/errors.py", "class ConfigError(AvparseError):", "class More(AvparseError):")
    edit("media/decode.py", "import numpy as np\n", "# Look here.\nimport numpy as np\n\n\n")
    edit("media/container.py", '"""Opening', '"""Some words. Opening')
    edit("media/container.py", "raise MediaError(", "raise MediaError('new text', ")
    edit("training/loop.py", "history: list[Epoch] = []", "history: list[object] = []")
    edit("training/loop.py", "-> LabelledClips:", "-> object:")
    add("models/new_model.py", "WIDTH = 7\n")
    edit("models/__init__.py", "_TABLE = {", '_TABLE = {\n    "new": ("new_model:New", {}),')
    add("features/new_extractor.py", "WIDTH = 7\n")
    edit("features/__init__.py", "RANDOM, PRETRAINED =", "NEW = 1\nRANDOM, PRETRAINED =")
    add("datasets/new_set.py", "WIDTH = 7\n")
    edit("datasets/__init__.py", "DATASETS = Registry(", "NEW = 1\nDATASETS = Registry(")
    add("formats/new_format.py", "WIDTH = 7\n")
    edit("stages/train.py", "def run(", "def another() -> None:\n    pass\n\n\ndef run(")
    edit("cli/options.py", "json_option =", "NEW = 1\njson_option =")
    assert checkout.changed() == set()


def test_a_message_of_a_computing_module_changes_nothing(checkout: Checkout) -> None:
    text = "\n\ndef complain(n: int) -> None:\n    raise ValueError(f'{n} is {why}')\n"
    checkout.add("media/notes.py", f"def say(t): print(t)\n{text}    say('spoken')\n")
    checkout.edit("media/decode.py", "import numpy as np\n", "from avparse.media import notes\n")
    before = checkout.digests()
    checkout.edit("media/notes.py", "f'{n} is {why}'", "f'{n}: {why}, see {n}'")
    checkout.edit("media/notes.py", "'spoken'", "'said'")
    checkout.edit("media/notes.py", "n: int", "n: float")
    assert checkout.digests() == before


@pytest.mark.parametrize(
    ("module", "old", "new", "stages"),
    [
        ("media/sound.py", "TAIL_S = 0.1", "TAIL_S = 0.2", {"decode", *ALL_FEATURES}),
        ("features/mel.py", "", "WIDTH = 7\n", {"extract vggish"}),
        ("models/han.py", "", "WIDTH = 7\n", HAN),
        ("models/cmran.py", "", "WIDTH = 7\n", CMRAN),
        ("models/losses.py", "1 - epsilon", "2 - epsilon", HAN | CMRAN),
        ("datasets/classes.py", '"Church bell", ', "", {"train cmran"}),
        ("training/refine.py", "", "WIDTH = 7\n", {"train ma"}),
        ("training/loop.py", "lr=recipe", "lr=2 * recipe", TRAININGS),
        ("datasets/folder.py", "", "WIDTH = 7\n", {"train han", "train ma", "evaluate"}),
        (
            "prediction/decisions.py", " >= threshold", " > threshold",
            TRAININGS | {"evaluate", "export"},
        ),
        (
            "core/layouts.py", '"checkpoint": 1', '"checkpoint": 2',
            TRAININGS | {"predict han", "predict cmran"},
        ),
        ("core/layouts.py", '"shard": 1', '"shard": 2', set(STAGES) - {"weights"}),
    ],
)  # fmt: skip
def test_arithmetic_and_layouts_change_what_depends_on_them(
    checkout: Checkout, module: str, old: str, new: str, stages: set[str]
) -> None:
    checkout.edit(module, old, new)
    assert checkout.changed() == stages


def test_every_stage_names_its_layouts() -> None:
    rules = "".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    called = {word.split('"')[1] for word in rules.split("stage_digest(")[1:]}
    assert called == set(digests._LAYOUTS)
    assert {kind for kinds in digests._LAYOUTS.values() for kind in kinds} == set(LAYOUTS)


def test_an_unknown_module_is_refused() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"avparse\.models\.nothing"):
        digests.stage_digest("train", "avparse.models.nothing")
