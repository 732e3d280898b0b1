"""Ways to write timelines by name; each is one file and one line here."""

from avparse.registry import Registry

EXPORTS = Registry(
    "format",
    {
        "tsv": "avparse.export.tsv:Tsv",
        "json": "avparse.export.json_:Json",
        "sed_eval": "avparse.export.sed_eval:SedEval",
        "webvtt": "avparse.export.webvtt:WebVtt",
        "elan": "avparse.export.elan:Elan",
        "audacity": "avparse.export.audacity:Audacity",
        "via3": "avparse.export.via3:Via3",
        "label_studio": "avparse.export.label_studio:LabelStudio",
        "activitynet": "avparse.export.activitynet:ActivityNet",
        "parquet": "avparse.export.parquet:Parquet",
        "hdf5": "avparse.export.hdf5:Hdf5",
    },
)

ALWAYS = ("tsv", "json")
"""The formats that every run writes."""
