"""extract: decoded clips to features, one file per shard and extractor."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from avparse import features
from avparse.clips import Clip
from avparse.config import Settings
from avparse.extraction import extract
from avparse.features import weights
from avparse.features.base import Extractor
from avparse.featureset import ARRAY
from avparse.files import sha256_of
from avparse.hardware import DTYPES, pick_device, pick_precision
from avparse.progress import track
from avparse.provenance import source_digest, versions
from avparse.store import Shard, write_shard


def run(settings: Settings, name: str, frames: Path, weights_file: Path, out: Path) -> None:
    """Extract one feature of a decoded shard.

    Args:
        name: of the extractor.
        frames: a shard as ``decode`` writes it.
        weights_file: as ``weights`` writes it.
        out: gets the features; clips without finite ones are listed as failed.
    """
    wanted = settings.extractors[name]
    extractor = features.create(name, wanted)
    identity = weights.load(extractor, weights_file)
    device = pick_device(settings.runtime.device)
    precision = pick_precision(wanted.precision, device)
    extractor.place(device, DTYPES[precision])
    made = {
        "stage": "extract",
        "extractor": name,
        "network": extractor.name,
        "settings": wanted.model_dump(mode="json"),
        "weights": identity,
        "weights_sha256": sha256_of(weights_file),
        "view": extractor.source,
        "precision": precision,
        "source_digest": source_digest(features.module(name, wanted)),
        "versions": versions(),
    }
    batch_size = settings.runtime.batch_size or (16 if device.type == "cpu" else 128)
    with Shard(frames) as shard:
        made |= {key: shard.provenance[key] for key in ("sound", "decoded_by")}
        write(extractor, shard, out, made, batch_size, device, DTYPES[precision])


def write(
    extractor: Extractor,
    shard: Shard,
    out: Path,
    made: Mapping[str, Any],
    batch_size: int,
    device: torch.device,
    dtype: torch.dtype,
) -> None:
    """Extract with a network that is in place, and write the features.

    Args:
        shard: decoded clips.
        made: what to write of how the features were made.
    """
    name = extractor.name
    results = extract(extractor, _clips(shard, extractor.source), batch_size, device, dtype)
    with write_shard(out, made) as writer:
        for clip, row in track(results, f"extract {name}", len(shard.clips), "clips"):
            if torch.isfinite(row).all():
                writer.append(clip, {ARRAY: np.asarray(row)})
            else:
                writer.fail(clip.clip_id, f"{name} gives numbers that are not finite")


def _clips(shard: Shard, array: str) -> Iterator[tuple[Clip, NDArray[Any]]]:
    """Clips with their decoded arrays, read one at a time."""
    if shard.clips:
        dataset = shard.array(array)
        for row, clip in enumerate(shard.clips):
            yield clip, dataset[row]
