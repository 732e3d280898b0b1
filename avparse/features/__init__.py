"""Feature extractors by name; each is one module and one line here.

What planning a run needs is here, so that it does not load the networks.
"""

from dataclasses import dataclass
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
"""Prefix of timm's models, as in ``timm:resnet50``."""


@dataclass(frozen=True)
class PublishedNetwork:
    """How a network was published as an extractor.

    Attributes:
        view: the frames it reads; None for an audio extractor.
        weights: names of published ones; ``pretrained`` means the first.
        outputs: its possible outputs, the published one first; empty if there is no choice.
        frames: whether each frame has a feature of its own, which can be averaged or kept.
    """

    view: View | None
    weights: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    frames: bool = True


PUBLISHED = {
    "vgg19": PublishedNetwork(
        View(16, 224, filter="point"), ("torchvision", "keras"), ("map", "pooled")
    ),
    "resnet152": PublishedNetwork(
        View(8, 224, short_side=256), ("torchvision",), ("pooled", "map")
    ),
    "r2plus1d_18": PublishedNetwork(View(8, 112), ("torchvision",), frames=False),
    "vggish": PublishedNetwork(None, ("torchvggish",), frames=False),
}

RANDOM, PRETRAINED = "random", "pretrained"
_WEIGHT_FILES = (".safetensors", ".pth", ".pt", ".h5", ".npz")

_VISUAL_SETTINGS = ("frames_per_second", "sampling", "geometry", "filter", "jpeg", "pixels")
_AUDIO_SETTINGS = ("hop", "pca")


def network(name: str, settings: ExtractorSettings) -> str:
    """The network behind an extractor.

    Args:
        name: of the extractor in the settings.
    Raises:
        UnknownNameError: no table has it; names the nearest.
    """
    network_name = settings.network or name
    return network_name if network_name.startswith(TIMM) else EXTRACTORS.check(network_name)


def module(name: str, settings: ExtractorSettings) -> str:
    """The dotted module of an extractor's network."""
    network_name = network(name, settings)
    if network_name.startswith(TIMM):
        return "avparse.features.timm_model"
    return EXTRACTORS.module(network_name)


def published(network_name: str) -> PublishedNetwork:
    """How a network was published. For a timm model this imports timm."""
    if not network_name.startswith(TIMM):
        return PUBLISHED[EXTRACTORS.check(network_name)]
    from avparse.features.timm_model import view_of

    view_of_model = view_of(network_name.removeprefix(TIMM))
    return PublishedNetwork(view_of_model, outputs=("pooled", "map"))


def weights_file(settings: ExtractorSettings) -> str | None:
    """The file that an extractor's weights come from, if its settings name one."""
    return settings.weights if settings.weights.endswith(_WEIGHT_FILES) else None


def check(name: str, settings: ExtractorSettings) -> None:
    """Refuse settings that an extractor does not have, and unknown weights.

    Raises:
        UnknownNameError, ConfigError: the first problem, with what to write instead.
    """
    known = published(network(name, settings))
    if known.view is None:
        refused = dict.fromkeys(_VISUAL_SETTINGS, "is an audio extractor")
    else:
        refused = dict.fromkeys(_AUDIO_SETTINGS, "is a visual extractor")
    if not known.frames:
        refused["average"] = "gives one feature per second"
    if not known.outputs:
        refused["output"] = "gives one vector per second"
    for key, reason in refused.items():
        value = getattr(settings, key)
        if value != ExtractorSettings.model_fields[key].default:
            raise ConfigError(
                f"extractors.{name}.{key} = {value}",
                f"{name} {reason} and has no `{key}` setting; remove it",
            )
    weights = (RANDOM, PRETRAINED, *known.weights)
    if settings.weights not in weights and not weights_file(settings):
        raise ConfigError(
            f"extractors.{name}.weights = {settings.weights!r}",
            f"{near(settings.weights, weights)}, or a file ({', '.join(_WEIGHT_FILES)})",
        )


def view(name: str, settings: ExtractorSettings) -> View | None:
    """The frames an extractor reads; None for an audio extractor."""
    published_view = published(network(name, settings)).view
    return published_view and published_view.adjusted(
        rate=settings.frames_per_second,
        sampling=settings.sampling,
        geometry=settings.geometry,
        filter=settings.filter,
        jpeg=settings.jpeg,
    )


def create(name: str, settings: ExtractorSettings | None = None) -> Any:
    """Make an extractor, with the network's weights still unset.

    Args:
        name: a network of the table or ``timm:NAME``; any name if ``settings.network`` is set.
        settings: None for the defaults.
    Returns:
        An :class:`avparse.features.base.Extractor`.
    Raises:
        UnknownNameError: no such network; names the nearest.
        ConfigError: a setting that it does not have.
    """
    settings = settings or ExtractorSettings()
    check(name, settings)
    network_name = network(name, settings)
    outputs = published(network_name).outputs
    return _class_of(network_name)(network_name, settings, view(name, settings), outputs)


def _class_of(network_name: str) -> Any:
    if not network_name.startswith(TIMM):
        return EXTRACTORS.load(network_name)
    from avparse.features.timm_model import TimmModel

    return TimmModel
