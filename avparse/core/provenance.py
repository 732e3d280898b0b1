"""What made a result: source digests for reruns, versions for the record.

Snakemake cannot see that the code behind a command changed. A stage's digest over the modules
it imports tells it, and is blind to comments, docstrings and layout.
"""

import ast
import hashlib
import importlib.metadata
import json
from functools import cache
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parent.parent
_PACKAGES = (
    "avparse", "torch", "torchvision", "torchaudio", "timm", "av", "numpy", "h5py",
    "pillow", "opencv-python-headless",
)  # fmt: skip


def source_digest(*modules: str) -> str:
    """Digest of modules of this package and of all they import from it.

    Args:
        modules: dotted names, such as ``"avparse.stages.decode"``.
    Returns:
        16 hexadecimal digits.
    """
    closure = {name for module in modules for name in import_closure(module)}
    digests = {module: _parsed(module)[0] for module in sorted(closure)}
    return hashlib.sha256(json.dumps(digests).encode()).hexdigest()[:16]


def import_closure(module: str) -> set[str]:
    """Every module of this package that ``module`` imports, directly or not, and itself."""
    closure = {module}
    pending = [module]
    while pending:
        new = set(_parsed(pending.pop())[1]) - closure
        closure |= new
        pending += new
    return closure


def imports_of(module: str) -> tuple[str, ...]:
    """The modules of this package that ``module`` itself imports."""
    return _parsed(module)[1]


def versions() -> dict[str, str]:
    """Versions of what numbers depend on."""
    return {name: importlib.metadata.version(name) for name in _PACKAGES}


def digest_of(value: Any) -> str:
    """Digest of anything JSON can hold: 16 hexadecimal digits."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def _file(module: str) -> Path | None:
    base = _ROOT.joinpath(*module.split(".")[1:])
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@cache
def _parsed(module: str) -> tuple[str, tuple[str, ...]]:
    """The digest of one module's own code, and what it imports from this package."""
    path = _file(module)
    if path is None:
        raise ModuleNotFoundError(module)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module)
            imported |= {f"{node.module}.{alias.name}" for alias in node.names}
        _drop_docstring(node)
        _drop_blanks(node)
    own = sorted(
        n
        for n in imported
        if n.split(".")[0] == "avparse" and n not in ("avparse", module) and _file(n)
    )
    return hashlib.sha256(_written(tree).encode()).hexdigest(), tuple(own)


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


def _drop_blanks(node: ast.AST) -> None:
    """Drop the empty texts that Python 3.12 puts into f-strings."""
    if isinstance(node, ast.JoinedStr):
        node.values = [n for n in node.values if getattr(n, "value", None) != ""]


def _drop_docstring(node: ast.AST) -> None:
    body = getattr(node, "body", None)
    if isinstance(body, list):
        node.body = [n for n in body if not _is_text(n)]  # type: ignore[attr-defined]


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
