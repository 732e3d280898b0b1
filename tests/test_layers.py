import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import avparse
from avparse.provenance import imports_of

ROOT = Path(avparse.__file__).parent
FILES = {
    ".".join(("avparse", *path.relative_to(ROOT).with_suffix("").parts)): path
    for path in sorted(ROOT.rglob("*.py"))
}
MODULES = {name.removesuffix(".__init__"): path for name, path in FILES.items()}
OWN = sorted(set(MODULES) - {"avparse"})

LAYERS = (
    "errors vocabulary clips progress provenance tables embedding html",
    "files lock registry timeline hardware",
    "published config store metrics losses decisions media synth",
    "tensors manifest download predictions corrections configfile",
    "datasets features models export",
    "checks",
    "frames shelf labels plan extraction inference checkpoint featureset",
    "decoding scoring archives refinement jobs",
    "comparison analysis attention",
    "report viewer",
    "training",
    "stages",
    "api",
    "cli",
    "__main__",
)
"""Lowest first; a name is a module or a whole package."""


RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names.split()}


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
        ("h5py", "avparse.store"),
        ("click", "avparse.cli"),
        ("jinja2", "avparse.html"),
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
    program = "import avparse.jobs, avparse.cli, sys; print(*{'torch', 'av'} & set(sys.modules))"
    assert run(program) == "\n"


def test_decoding_and_synthesis_do_without_torch() -> None:
    chosen = [m for m in OWN if layer(m) == 2 and m != "avparse.losses"]
    chosen.remove("avparse.media.resample")
    assert {"avparse.media.decode", "avparse.synth.sound", "avparse.config"} <= set(chosen)
    assert run(f"import {', '.join(chosen)}, sys; print('torch' in sys.modules)") == "False\n"


def test_families_load_when_first_used() -> None:
    program = (
        "import avparse, sys; assert 'avparse.metrics' not in sys.modules; "
        "print(avparse.metrics.__name__); avparse.nothing"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "avparse.metrics\n"
    assert done.stderr.endswith("AttributeError: module 'avparse' has no attribute 'nothing'\n")
