"""Feature extractors by name; each is one file and one line here.

What can be said of a network without loading it is said here, so that a run can be planned.
"""

from dataclasses import dataclass, replace
from typing import Any

from avparse.config.data import ExtractorSettings
from avparse.core.errors import ConfigError
from avparse.core.registry import Registry, near
from avparse.media.views import View

EXTRACTORS = Registry(
    "extractor",
    {
        "vgg19": "avparse.features.vgg19:VGG19",
        "resnet152": "avparse.features.resnet152:ResNet152",
        "r2plus1d_18": "avparse.features.r2plus1d:R2Plus1D18",
        "vggish": "avparse.features.vggish:VGGish",
    },
)

TIMM = "timm:"
"""Prefix of the names of timm's models; their table is timm's own."""
_TIMM = Registry(
    "timm",
    {
        "model": "avparse.features.timm_model:TimmModel",
        "view": "avparse.features.timm_model:view_of",
    },
)


@dataclass(frozen=True)
class Published:
    """How a network was published as an extractor.

    Attributes:
        view: the frames it sees; None if it listens.
        weights: names of published ones; ``pretrained`` means the first.
        outputs: what it can give, the published one first; empty if there is no choice.
        frames: whether each frame has a feature of its own, which can be averaged or kept.
    """

    view: View | None
    weights: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    frames: bool = True


PUBLISHED = {
    "vgg19": Published(View(16, 224, filter="point"), ("torchvision", "keras"), ("map", "pooled")),
    "resnet152": Published(View(8, 224, short_side=256), ("torchvision",), ("pooled", "map")),
    "r2plus1d_18": Published(View(8, 112), ("torchvision",), frames=False),
    "vggish": Published(None, ("torchvggish",), frames=False),
}

RANDOM, PRETRAINED = "random", "pretrained"
_WEIGHT_FILES = (".safetensors", ".pth", ".pt", ".h5", ".npz")

_SEEING = ("frames_per_second", "sampling", "geometry", "filter", "jpeg", "pixels")
_HEARING = ("hop", "pca")


def network(name: str, wanted: ExtractorSettings) -> str:
    """The network behind an extractor.

    Args:
        name: of the extractor in the settings.
    Raises:
        UnknownNameError: no table has it; names the nearest.
    """
    found = wanted.network or name
    return found if found.startswith(TIMM) else EXTRACTORS.check(found)


def module(name: str, wanted: ExtractorSettings) -> str:
    """The dotted module of an extractor's network."""
    found = network(name, wanted)
    return _TIMM.module("model") if found.startswith(TIMM) else EXTRACTORS.module(found)


def published(network_name: str) -> Published:
    """How a network was published; of a timm model this loads timm."""
    if not network_name.startswith(TIMM):
        return PUBLISHED[EXTRACTORS.check(network_name)]
    seen = _TIMM.load("view")(network_name.removeprefix(TIMM))
    return Published(seen, outputs=("pooled", "map"))


def weights_file(wanted: ExtractorSettings) -> str | None:
    """The file that an extractor's weights come from, if its settings name one."""
    return wanted.weights if wanted.weights.endswith(_WEIGHT_FILES) else None


def check(name: str, wanted: ExtractorSettings) -> None:
    """Refuse settings that an extractor has no use for, and weights that nobody published.

    Raises:
        UnknownNameError, ConfigError: the first problem, with what to write instead.
    """
    known = published(network(name, wanted))
    useless = (
        dict.fromkeys(_SEEING, "hears, and sees no frames")
        if known.view is None
        else dict.fromkeys(_HEARING, "sees, and hears nothing")
    )
    if not known.frames:
        useless["average"] = "has one feature a second"
    if wanted.output not in (None, *known.outputs):
        useless["output"] = f"gives {' or '.join(known.outputs) or 'one vector a second'}"
    for key, why in useless.items():
        value = getattr(wanted, key)
        if value != ExtractorSettings.model_fields[key].default:
            raise ConfigError(f"extractors.{name}.{key} = {value}", f"{name} {why}; leave it")
    weights = (RANDOM, PRETRAINED, *known.weights)
    if wanted.weights not in weights and not weights_file(wanted):
        raise ConfigError(
            f"extractors.{name}.weights = {wanted.weights!r}",
            f"{near(wanted.weights, weights)}, or a file ({', '.join(_WEIGHT_FILES)})",
        )


def view(name: str, wanted: ExtractorSettings) -> View | None:
    """The frames an extractor wants to see; None if it listens."""
    base = published(network(name, wanted)).view
    return base and _adjusted(base, wanted)


def _adjusted(base: View, wanted: ExtractorSettings) -> View:
    short_side = {
        None: base.short_side,
        "squash": None,
        "crop": base.short_side or base.size * 8 // 7,
    }[wanted.geometry]
    return replace(
        base,
        rate=wanted.frames_per_second or base.rate,
        sampling=wanted.sampling,
        short_side=short_side,
        filter=wanted.filter or base.filter,
        jpeg=wanted.jpeg,
    )


def create(name: str, wanted: ExtractorSettings | None = None) -> Any:
    """Make an extractor, with the network's weights still unset.

    Args:
        name: of a network of the table, ``timm:NAME``, or any if ``wanted.network`` tells.
        wanted: its settings; None for the defaults.
    Returns:
        An :class:`avparse.features.base.Extractor`.
    Raises:
        UnknownNameError: no such network; names the nearest.
        ConfigError: a setting that it has no use for.
    """
    wanted = wanted or ExtractorSettings()
    check(name, wanted)
    found, seen = network(name, wanted), view(name, wanted)
    kind = _TIMM.load("model") if found.startswith(TIMM) else EXTRACTORS.load(found)
    return kind(found, wanted, seen)
