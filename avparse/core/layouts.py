"""Versions of the file layouts that stages hand to each other.

Raise a number when files of that kind are written or read differently. The stages that write or
read them then rerun. Shards and checkpoints record their number, and others are refused.
"""

LAYOUTS = {
    "shard": 1,  # HDF5 files of decoded clips, features and predictions: core/hdf5.py
    "checkpoint": 1,  # model.safetensors and checkpoint.json: models/checkpoint.py
    "tables": 1,  # tab-separated tables: core/tables.py
    "manifest": 1,  # the list of videos: pipeline/manifest.py
}
