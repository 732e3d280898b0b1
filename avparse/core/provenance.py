"""What made a result: digests of the code that computes it, and versions for the record.

Snakemake cannot see that the code behind a command changed; a digest among a rule's parameters
tells it. Only code that computes counts. Docstrings, comments, layout, type hints and texts for
people do not, and neither do the folders of :data:`PLUMBING`.
"""

import ast
import hashlib
import importlib.metadata
import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

_ROOT = Path(__file__).parent.parent
_LIBRARIES = (
    "torch", "torchvision", "torchaudio", "timm", "av", "numpy", "h5py",
    "pillow", "opencv-python-headless",
)  # fmt: skip

PLUMBING = ("core", "config", "models.options", "pipeline", "stages", "api", "cli")
"""Folders without arithmetic. What they hand on is in a rule's other parameters, or in files whose
layout has a number in :mod:`avparse.core.layouts`."""


def source_digest(*modules: str) -> str:
    """Digest of modules and of all computing modules that they import.

    Args:
        modules: dotted names, such as ``"avparse.models.han"``. They count wherever they lie.
    Returns:
        16 hexadecimal digits.
    """
    return digest_of({module: _parsed(module).digest for module in computing(*modules)})


def computing(*modules: str) -> set[str]:
    """The modules that a digest covers: those given, and what they import, directly or not.

    Plumbing is left out, and so are ``__init__`` files, which only register and load plug-ins.
    """
    covered, pending = set(modules), list(modules)
    while pending:
        imported = {name for name in _parsed(pending.pop()).covered if _computes(name)}
        pending += imported - covered
        covered |= imported
    return covered


def imports_of(module: str) -> tuple[str, ...]:
    """The modules of this package that ``module`` itself imports, for whatever use."""
    return _parsed(module).imports


def _computes(module: str) -> bool:
    path = _file(module)
    plumbing = any(f"{module}.".startswith(f"avparse.{folder}.") for folder in PLUMBING)
    return not plumbing and path is not None and path.stem != "__init__"


def versions() -> dict[str, str]:
    """The versions of avparse and of the libraries that numbers depend on."""
    return {"avparse": importlib.metadata.version("avparse"), **libraries()}


def libraries() -> dict[str, str]:
    """The same without avparse, whose code has digests of its own."""
    return {name: importlib.metadata.version(name) for name in _LIBRARIES}


def digest_of(value: Any) -> str:
    """Digest of anything JSON can hold: 16 hexadecimal digits."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def _file(module: str) -> Path | None:
    base = _ROOT.joinpath(*module.split(".")[1:])
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


class _Module(NamedTuple):
    """A module of this package.

    Attributes:
        digest: of its own code.
        imports: modules of this package that it imports, for whatever use.
        covered: the same without those that are only imported for type checkers.
    """

    digest: str
    imports: tuple[str, ...]
    covered: tuple[str, ...]


@cache
def _parsed(module: str) -> _Module:
    path = _file(module)
    if path is None:
        raise ModuleNotFoundError(module)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports = _own(module, _imported(tree))
    code = _Computation().visit(tree)
    bound = _imported(code)
    names = {node.id for node in ast.walk(code) if isinstance(node, ast.Name)}
    used = sorted((name, target) for name, target in bound if name in names)
    text = json.dumps([used, _written(_Unimported().visit(code))])
    return _Module(hashlib.sha256(text.encode()).hexdigest(), imports, _own(module, bound))


def _imported(tree: ast.AST) -> list[tuple[str, str]]:
    """Each name that imports bind, and the dotted name it stands for."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [
                (alias.asname or alias.name.split(".")[0], alias.name) for alias in node.names
            ]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [(a.asname or a.name, f"{node.module}.{a.name}") for a in node.names]
    return found


def _own(module: str, bound: list[tuple[str, str]]) -> tuple[str, ...]:
    """The modules of this package among imports: ``a.b.name`` is of ``a.b``, or is a module."""
    names = set()
    for _, target in bound:
        names |= {target, target.rpartition(".")[0]}
    own = (n for n in names if n.startswith("avparse.") and n != module and _file(n))
    return tuple(sorted(own))


class _Unimported(ast.NodeTransformer):
    """Drops imports: those that the code uses are listed beside it."""

    def visit_Import(self, node: ast.Import) -> None:
        return None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        return None


class _Computation(ast.NodeTransformer):
    """Reduces a module to what it computes: no docstrings, hints, messages or texts for people.

    Texts for people are those with words apart, inside functions. Outside of functions texts may be
    data, such as the names of classes.
    """

    _depth = 0

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        value = node.value
        said = isinstance(value, ast.Call) and getattr(value.func, "id", "") == "say"
        text = isinstance(value, ast.Constant) and isinstance(value.value, str)
        return None if said or text else self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        if isinstance(node.exc, ast.Call):
            node.exc, node.cause = node.exc.func, None
        return node

    def visit_If(self, node: ast.If) -> ast.AST | None:
        typing = getattr(node.test, "id", "") == "TYPE_CHECKING"
        return None if typing else self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        self._depth += 1
        self.generic_visit(node)
        self._depth -= 1
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            return self.visit(ast.Assign([node.target], node.value))
        return ast.Expr(node.target)  # a field of a class: its name and place count

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if self._for_people(node.value):
            node.value = ""
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        parts = [n.value for n in node.values if isinstance(n, ast.Constant)]
        if any(map(self._for_people, parts)):
            return ast.Constant("")
        # Python 3.12 puts empty texts into f-strings.
        node.values = [n for n in node.values if getattr(n, "value", None) != ""]
        return self.generic_visit(node)

    def _for_people(self, value: object) -> bool:
        return self._depth > 0 and isinstance(value, str) and " " in value.strip()


def _written(node: object) -> str:
    """A syntax tree as text, the same in every version of Python.

    ``ast.dump`` differs: versions have other fields, and leave out other empty ones.
    """
    if isinstance(node, list):
        return f"[{','.join(map(_written, node))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = ((name, value) for name, value in ast.iter_fields(node) if value not in (None, []))
    return f"{type(node).__name__}({','.join(f'{k}={_written(v)}' for k, v in fields)})"
