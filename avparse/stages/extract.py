"""extract: decoded clips to features, one file per shard and extractor."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from avparse import features
from avparse.clips import Clip
from avparse.config import Settings
from avparse.decoding import decode
from avparse.extraction import extract
from avparse.features import weights
from avparse.features.base import Extractor
from avparse.featureset import ARRAY
from avparse.files import scratch_beside, sha256_of
from avparse.frames import fit, release
from avparse.hardware import DTYPES, pick_device, pick_precision
from avparse.progress import track
from avparse.provenance import source_digest, versions
from avparse.store import Shard, write_shard


def run(
    settings: Settings,
    name: str,
    videos: Mapping[str, Path],
    frames: Path | None,
    weights_file: Path,
    out: Path,
) -> None:
    """Extract one feature of a shard of videos.

    Args:
        name: of the extractor.
        videos: id -> file.
        frames: the same videos as ``decode`` writes them; if there is none, or it does not fit,
            the videos are decoded here.
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
    with _decoded(settings, videos, extractor, frames, out) as shard:
        made |= {key: shard.provenance[key] for key in ("sound", "decoded_by")}
        write(extractor, shard, out, made, batch_size, device, DTYPES[precision])
    if frames is not None:
        release(frames, name)


@contextmanager
def _decoded(
    settings: Settings,
    videos: Mapping[str, Path],
    extractor: Extractor,
    frames: Path | None,
    out: Path,
) -> Iterator[Shard]:
    """The decoded shard, from its file or made for this extractor alone."""
    if frames is not None and fit(frames, videos, extractor.source):
        with Shard(frames) as shard:
            yield shard
        return
    with scratch_beside(out) as scratch:
        own = scratch / "frames.h5"
        decode(settings, videos, [extractor.view] if extractor.view else [], own)
        with Shard(own) as shard:
            yield shard


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
        for clip_id, why in shard.failed:
            writer.fail(clip_id, why)
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
