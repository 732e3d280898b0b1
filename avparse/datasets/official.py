"""URLs and digests of the published annotation files of AVE and LLP.

The files are downloaded, not bundled, because they have no stated licence.
"""

import shutil
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from avparse.core.errors import DataError
from avparse.core.files import aside, sha256_of
from avparse.core.registry import near

_AVE = "https://raw.githubusercontent.com/YapengTian/AVE-ECCV18"
_LLP = "https://raw.githubusercontent.com/YapengTian/AVVP-ECCV20"
_TIMEOUT_S = 60


@dataclass(frozen=True)
class Official:
    """A published file.

    Attributes:
        name: file name.
        url: URL at a fixed commit.
        sha256: expected digest of its content.
    """

    name: str
    url: str
    sha256: str


def _at(repository: str, commit: str, **digests: str) -> Iterator[Official]:
    for stem, digest in digests.items():
        name = stem.replace("__", ".")
        yield Official(name, f"{repository}/{commit}/data/{name}", digest)


FILES = {
    "ave": (
        *_at(
            _AVE,
            "607f15965eb1141c2fd48bbe461f1703cc426c45",
            Annotations__txt="0d24a9ec5cd4ceb779ebd83d74e83ec8e55c5e468cede3f320fb57346c9dd321",
        ),
        *_at(
            _AVE,
            "a331390ab3e834fbc2d5477ffc57d6d75dbd463b",
            train_order__h5="a216fcdd02782ba9d10c9ea79116120eb3be467740e58290e1b340d42a590456",
            val_order__h5="5692aec0efb30e4efa49a867a902c1993b4c88a7d3ec19879349e540e7a5d9ca",
            test_order__h5="f9bb79defc1f784ca5dda9cdd3ee52af6d24ccb399a1cfab6bf0d373f5681076",
        ),
    ),
    "llp": (
        *_at(
            _LLP,
            "0b28c1a7eafbd952d8ed5aac67a722fb09306ae4",
            AVVP_train__csv="bbeb83e8af46a85075216b213d3464f92dd4ab71468c852ae454b82cc745c0a4",
            AVVP_val_pd__csv="1811813b54c5f43c3be0a97bd0971cfb8a93818ca7b3ab96cdc7f4ac37ef37a6",
            AVVP_test_pd__csv="3f7a2b040e3b67c15d08efef25002bf8c5b2320f11049eb99ae0eb2d62f8eb9b",
            AVVP_eval_visual__csv=(
                "e2274af694f3f27e38b840e0cd91a9d8d9ac85280f193e90828d26b22db69abe"
            ),
        ),
        *_at(
            _LLP,
            "fde5611",
            AVVP_eval_audio__csv="d5435664668bec6e7eafb39059d2f424ed2682f6b55395262fc3cb691b7d0778",
        ),
    ),
}
"""Files of each kind of data set. AVVP_eval_audio.csv is the corrected version."""


def files(kind: str) -> tuple[Official, ...]:
    """The published files of a kind of data set.

    Raises:
        DataError: if it has none.
    """
    if kind not in FILES:
        raise DataError(f"no published annotations of {kind!r}", near(kind, FILES))
    return FILES[kind]


def fetch(official: Official, folder: Path) -> bool:
    """Download a published file into a folder; an existing file is kept.

    Returns:
        Whether the file was downloaded.
    Raises:
        DataError: if it cannot be downloaded or its digest differs.
    """
    path = folder / official.name
    if path.is_file():
        return False
    request = urllib.request.Request(official.url, headers={"User-Agent": "avparse"})
    try:
        with (
            aside(path) as temporary,
            urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer,
        ):
            with temporary.open("wb") as file:
                shutil.copyfileobj(answer, file)
            if sha256_of(temporary) != official.sha256:
                raise DataError(
                    f"{official.url} has changed (sha256 differs)",
                    f"put the original {official.name} into {folder}",
                )
    except (OSError, HTTPException) as error:
        hint = f"put {official.name} into {folder} by hand"
        raise DataError(f"cannot download {official.url} ({error})", hint) from None
    return True
