"""extract: decoded clips to features, one file per shard and extractor."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from avparse import features
from avparse.config.section import plain
from avparse.config.settings import Settings
from avparse.core.cache import FeatureCache, join
from avparse.core.clips import Clip
from avparse.core.device import DTYPES, pick_device, pick_precision
from avparse.core.files import scratch_beside, sha256_of
from avparse.core.hdf5 import Shard, write_shard
from avparse.core.progress import track
from avparse.core.provenance import libraries, versions
from avparse.features import weights
from avparse.features.base import Extractor
from avparse.features.pipeline import extract
from avparse.features.reader import ARRAY
from avparse.media.frame_cache import fit, release
from avparse.media.shards import decode, decoder, way
from avparse.pipeline.digests import stage_digest


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
        "code": stage_digest("extract", features.module(name, wanted)),
        "versions": versions(),
        **decoder(),
    }
    batch_size = settings.runtime.batch_size or (16 if device.type == "cpu" else 128)
    cache = _cache(settings, name, made)
    found = {video: cache.find(path) if cache else None for video, path in videos.items()}
    rest = {video: path for video, path in videos.items() if not found[video]}
    with scratch_beside(out) as scratch:
        new = scratch / "new.h5" if cache else out
        with _decoded(settings, rest, extractor, frames, scratch) as shard:
            write(extractor, shard, new, made, batch_size, device, DTYPES[precision], found)
        if cache:
            with Shard(new) as shard, write_shard(out, made) as writer:
                cache.keep(shard, rest, [ARRAY] if shard.clips else [])
                join(shard, found, writer)
    if frames is not None:
        release(frames, name)


def _cache(settings: Settings, name: str, made: Mapping[str, Any]) -> FeatureCache | None:
    """Where features that were made in this way are kept; None without a cache."""
    if settings.features.cache is None:
        return None
    key = {
        **made,
        "settings": plain(settings.extractors[name]),
        "clips": plain(settings.clips),
        "versions": libraries(),
    }
    return FeatureCache(Path(settings.features.cache), f"extract-{name}", key)


@contextmanager
def _decoded(
    settings: Settings,
    videos: Mapping[str, Path],
    extractor: Extractor,
    frames: Path | None,
    scratch: Path,
) -> Iterator[Shard]:
    """The decoded shard, from its file or made for this extractor alone."""
    if frames is None or not fit(frames, videos, extractor.source, way(settings)):
        frames = scratch / "frames.h5"
        workers = min(settings.runtime.decode_workers, settings.runtime.extract_threads)
        runtime = settings.runtime.model_copy(update={"decode_workers": workers})
        settings = settings.model_copy(update={"runtime": runtime})
        decode(settings, videos, [extractor.view] if extractor.view else [], frames)
    with Shard(frames) as shard:
        yield shard


def write(
    extractor: Extractor,
    shard: Shard,
    out: Path,
    made: Mapping[str, Any],
    batch_size: int,
    device: torch.device,
    dtype: torch.dtype,
    found: Mapping[str, Path | None] | None = None,
) -> None:
    """Extract with a network that is in place, and write the features.

    Args:
        shard: decoded clips.
        made: what to write of how the features were made.
        found: video -> where its features are already; it is passed over.
    """
    name = extractor.name
    rows = [r for r, clip in enumerate(shard.clips) if not (found or {}).get(clip.video_id)]
    clips = _clips(shard, extractor.source, rows)
    results = extract(extractor, clips, batch_size, device, dtype)
    with write_shard(out, made) as writer:
        for clip_id, why in shard.failed:
            writer.fail(clip_id, why)
        for clip, row in track(results, f"extract {name}", len(rows), "clips"):
            if torch.isfinite(row).all():
                writer.append(clip, {ARRAY: np.asarray(row)})
            else:
                writer.fail(clip.clip_id, f"{name} gives numbers that are not finite")


def _clips(shard: Shard, array: str, rows: Sequence[int]) -> Iterator[tuple[Clip, NDArray[Any]]]:
    """Clips with their decoded arrays, read one at a time."""
    if rows:
        dataset = shard.array(array)
        for row in rows:
            yield shard.clips[row], dataset[row]
