"""Jinja templates of pages. Values are escaped, and a missing value is an error."""

from jinja2 import Environment, PackageLoader, StrictUndefined


def templates(package: str) -> Environment:
    """Create a template environment.

    Args:
        package: subpackage of avparse with the templates, such as ``"report"``.
    """
    return Environment(
        loader=PackageLoader("avparse", package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
