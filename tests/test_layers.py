import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import avparse
from avparse.core.provenance import imports_of

ROOT = Path(avparse.__file__).parent
FILES = {
    ".".join(("avparse", *path.relative_to(ROOT).with_suffix("").parts)): path
    for path in sorted(ROOT.rglob("*.py"))
}
MODULES = {name.removesuffix(".__init__"): path for name, path in FILES.items()}
OWN = sorted(set(MODULES) - {"avparse"})

LAYERS = (
    "core",
    "config",
    "media",
    "models",
    "prediction",
    "formats",
    "datasets",
    "features",
    "evaluation",
    "training",
    "pipeline",
    "report",
    "viewer",
    "stages",
    "api",
    "cli",
    "__main__",
)
"""Lowest first. Each is a folder of the package, but for the faces ``api`` and ``__main__``."""

RANK = {name: rank for rank, name in enumerate(LAYERS)}


def layer(module: str) -> int:
    return RANK[module.split(".")[1]]


def third_party(module: str) -> set[str]:
    """The top-level packages that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in {module}"
            found.add((node.module or "").split(".")[0])
    return found


def test_contributing_shows_the_layers() -> None:
    text = (ROOT.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.split("| folder |")[1].split("\n\n")[0]
    assert re.findall(r"^\| `(\w+)(?:/|\.py)`", table, re.MULTILINE) == [*LAYERS[:-1]]


def test_no_module_is_loose() -> None:
    assert {p.stem for p in ROOT.glob("*.py")} == {"__init__", "__main__", "api"}
    assert {name.split(".")[1] for name in OWN} == set(LAYERS)


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("module", OWN)
def test_imports_point_down(module: str) -> None:
    rank = layer(module)
    for imported in imports_of(module):
        same_family = imported.split(".")[1] == module.split(".")[1]
        assert same_family or layer(imported) < rank, f"{module} imports {imported}"


def test_there_are_no_cycles() -> None:
    order = list(TopologicalSorter({m: imports_of(m) for m in OWN}).static_order())
    assert sorted(order) == OWN


@pytest.mark.parametrize(
    ("package", "home"),
    [
        ("av", "avparse.media."),
        ("h5py", "avparse.core.hdf5"),
        ("click", "avparse.cli"),
        ("jinja2", "avparse.report.templates"),
    ],
)
def test_one_place_knows_each_library(package: str, home: str) -> None:
    users = [module for module in MODULES if package in third_party(module)]
    assert users
    assert all(module.startswith(home) for module in users)


def test_only_main_imports_the_command_line() -> None:
    inside = {m for m in OWN if m == "avparse.cli" or m.startswith("avparse.cli.")}
    users = [m for m in OWN if m not in inside and inside & set(imports_of(m))]
    assert users == ["avparse.__main__"]


def test_importing_the_package_loads_nothing_heavy() -> None:
    run("import avparse, sys; assert not {'torch', 'av', 'numpy'} & set(sys.modules)")


def test_planning_loads_neither_torch_nor_av() -> None:
    heavy = "import sys; print(*{'torch', 'av'} & set(sys.modules))"
    program = f"import avparse.pipeline.parameters, avparse.cli; {heavy}"
    assert run(program) == "\n"


def test_decoding_and_synthesis_do_without_torch() -> None:
    needs_torch = {"avparse.media.resample", "avparse.media.shards"}
    decoding = {m for m in OWN if m.startswith("avparse.media.")} - needs_torch
    synthesis = {m for m in OWN if m.startswith("avparse.datasets.synth.")}
    assert {"avparse.media.decode", "avparse.datasets.synth.sound"} <= decoding | synthesis
    imports = ", ".join(sorted(decoding | synthesis))
    assert run(f"import {imports}, sys; print('torch' in sys.modules)") == "False\n"


def test_families_load_when_first_used() -> None:
    program = (
        "import avparse, sys; assert 'avparse.evaluation.metrics' not in sys.modules; "
        "print(avparse.metrics.__name__); avparse.nothing"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "avparse.evaluation.metrics\n"
    assert done.stderr.endswith("AttributeError: module 'avparse' has no attribute 'nothing'\n")
