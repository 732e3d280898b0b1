"""Export formats and readers of corrected files, by name; a format is one module and one line."""

from avparse.core.registry import Registry

EXPORTS = Registry(
    "format",
    {
        "tsv": "avparse.formats.tsv:Tsv",
        "json": "avparse.formats.json_:Json",
        "sed_eval": "avparse.formats.sed_eval:SedEval",
        "webvtt": "avparse.formats.webvtt:WebVtt",
        "elan": "avparse.formats.elan:Elan",
        "audacity": "avparse.formats.audacity:Audacity",
        "via3": "avparse.formats.via3:Via3",
        "label_studio": "avparse.formats.label_studio:LabelStudio",
        "activitynet": "avparse.formats.activitynet:ActivityNet",
        "parquet": "avparse.formats.parquet:Parquet",
        "hdf5": "avparse.formats.hdf5:Hdf5",
    },
)

ALWAYS = ("tsv", "json")
"""The formats that every run writes, whatever the settings."""

READERS = Registry(
    "kind of corrected file",
    {
        "eaf": "avparse.formats.elan:read",
        "txt": "avparse.formats.audacity:read",
        "json": "avparse.formats.label_studio:read",
    },
)
"""Readers of corrected events by file suffix: ``read(path)`` returns tracks of events."""
