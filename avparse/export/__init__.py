"""Ways to write timelines by name; each is one file and one line here."""

from avparse.registry import Registry

EXPORTS = Registry(
    "format", {"tsv": "avparse.export.tsv:write", "json": "avparse.export.json_:write"}
)
