"""Templates of pages: every value is escaped, and one that is missing is an error."""

from jinja2 import Environment, PackageLoader, StrictUndefined


def templates(package: str) -> Environment:
    """The templates in the folder of a package.

    Args:
        package: of this one, such as ``"report"``.
    """
    return Environment(
        loader=PackageLoader("avparse", package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
