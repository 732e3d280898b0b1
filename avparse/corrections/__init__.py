"""Readers of events that a person corrected in another program, by the suffix of the file.

Each is one file, with ``read(path)``, and one line here.
"""

from avparse.registry import Registry

READERS = Registry(
    "kind of corrected file",
    {
        "eaf": "avparse.corrections.elan:read",
        "txt": "avparse.corrections.audacity:read",
        "json": "avparse.corrections.label_studio:read",
    },
)
