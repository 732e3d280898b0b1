import importlib.metadata
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from avparse.core import provenance

PACKAGE = Path(provenance.__file__).parent.parent


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package that a test may edit."""
    shutil.copytree(PACKAGE, tmp_path / "avparse", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def digests(copy: Path, *modules: str) -> list[str]:
    """Source digests as the copied package computes them, in a process of its own."""
    program = (
        "import sys; from avparse.core import provenance as p\n"
        "print(p.__file__, *map(p.source_digest, sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", program, *modules],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=True,
    )
    file, *found = done.stdout.split()
    assert Path(file) == copy / "avparse/core/provenance.py"
    return found


def edit(copy: Path, module: str, old: str, new: str) -> None:
    path = copy / "avparse" / f"{module}.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_digest_is_blind_to_comments_docstrings_and_layout(copy: Path) -> None:
    (before,) = digests(copy, "avparse.core.clips")
    edit(copy, "core/clips", '"""The id of the clip', '"""Some other words. The id of the clip')
    edit(copy, "core/clips", "SEGMENT_S = 1.0", "\n\n# one second\nSEGMENT_S  =  (1.0)  # really")
    edit(copy, "core/clips", '"""Length of a segment in seconds', '"""How long it is')
    assert digests(copy, "avparse.core.clips") == [before]


@pytest.mark.parametrize(
    ("old", "new", "seen"),
    [
        ("def f(x: int)", "def f(x: float)", False),
        ("-> int:", "-> float:", False),
        ("y: int = 3", "y: float = 3", False),
        ("'too large: '", "'much too large: '", False),
        ("f'{x} is large'", "f'{x} is more than {y}'", False),
        ("say('done')", "say('finished')", False),
        ("import TYPE_CHECKING, Any", "import TYPE_CHECKING, Any, Literal", False),
        ("    import json", "    import csv", False),  # for type checkers
        ("y: int = 3", "y: int = 4", True),
        ("'key'", "'other'", True),
        ("x + y", "x - y", True),
        ("import floor as cut", "import ceil as cut", True),
        ("ValueError", "TypeError", True),
        ("    width: int", "    height: int", True),
        ("(1, 2)", "(2, 1)", True),
        ("('Church bell', 'Toilet flush')", "('Toilet flush', 'Church bell')", True),
        ("' '.join", "'  '.join", True),
    ],
)
def test_digest_is_blind_to_hints_and_texts_alone(
    copy: Path, old: str, new: str, seen: bool
) -> None:
    (copy / "avparse/sample.py").write_text(SAMPLE)
    before = digests(copy, "avparse.sample")
    edit(copy, "sample", old, new)
    assert (digests(copy, "avparse.sample") != before) is seen


SAMPLE = """
from math import floor as cut
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import json


LABELS = ('Church bell', 'Toilet flush')


class C:
    width: int
    order = (1, 2)


def f(x: int) -> int:
    y: int = 3
    if x > 9:
        raise ValueError('too large: ', f'{x} is large')
    say('done')
    return {'key': cut(x + y), 'text': ' '.join(LABELS)}['key']
"""


def test_digest_sees_code_in_a_module_and_in_what_imports_it(copy: Path) -> None:
    modules = ("avparse.prediction.grids", "avparse.stages.export", "avparse.media.sound")
    before = digests(copy, *modules)
    edit(copy, "prediction/grids", "total / np.maximum", "total + np.maximum")
    changed = [a != b for a, b in zip(before, digests(copy, *modules), strict=True)]
    assert changed == [True, True, False]


def test_digest_sees_an_import_inside_a_function(copy: Path) -> None:
    (copy / "avparse/media/late.py").write_text("def f():\n    from avparse.media import sound\n")
    (before,) = digests(copy, "avparse.media.late")
    edit(copy, "media/sound", "TAIL_S = 0.1", "TAIL_S = 0.2")
    assert digests(copy, "avparse.media.late") != [before]


def test_digest_leaves_plumbing_and_registries_out() -> None:
    covered = provenance.computing("avparse.training.loop", "avparse.models.han")
    assert {"avparse.models._parsing", "avparse.models.losses"} < covered
    assert not [name for name in covered if name.split(".")[1] in provenance.PLUMBING]
    assert "avparse.models" not in covered


def test_digest_is_the_same_in_any_folder_and_order(copy: Path) -> None:
    module = "avparse.evaluation.scoring"
    assert digests(copy, module) == [provenance.source_digest(module)]
    both = provenance.source_digest("avparse.core.clips", "avparse.config.settings")
    assert both == provenance.source_digest("avparse.config.settings", "avparse.core.clips")
    assert both != provenance.source_digest("avparse.core.clips")
    assert len(both) == 16
    assert int(both, 16) >= 0


def test_digest_is_the_same_in_any_python(copy: Path) -> None:
    """Syntax trees of 3.11, 3.12 and 3.13 differ in empty fields and empty texts."""
    code = "def f(x, *, y=None):\n    return f'{x:>{y}}'\n\n\nclass C:\n    pass\n"
    (copy / "avparse/sample.py").write_text(code)
    assert digests(copy, "avparse.sample") == ["4cde4a35694a4c6f"]


def test_imports_by_hand() -> None:
    imports = provenance.imports_of("avparse.prediction.grids")
    assert imports == ("avparse.core.clips", "avparse.core.events")
    assert provenance.imports_of("avparse.core.clips") == ()


def test_an_unknown_module_is_refused() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"avparse\.nothing"):
        provenance.source_digest("avparse.nothing")


def test_digest_of_values() -> None:
    assert provenance.digest_of({"a": 1, "b": 2}) == provenance.digest_of({"b": 2, "a": 1})
    assert provenance.digest_of([1, 2]) != provenance.digest_of([2, 1])
    # sha256 of the two characters {}
    assert provenance.digest_of({}) == "44136fa355b3678a"


def test_versions_are_those_installed() -> None:
    found = provenance.versions()
    assert found["torch"] == importlib.metadata.version("torch")
    assert {"avparse", "av", "numpy", "torchvision"} <= set(found)
