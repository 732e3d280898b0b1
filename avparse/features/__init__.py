"""Feature extractors by name; each is one file and one line here."""

from typing import Any

from avparse.errors import ConfigError
from avparse.media.views import View
from avparse.registry import Registry

EXTRACTORS = Registry(
    "extractor",
    {
        "vgg19": "avparse.features.vgg19:VGG19",
        "resnet152": "avparse.features.resnet152:ResNet152",
        "r2plus1d_18": "avparse.features.r2plus1d:R2Plus1D18",
        "vggish": "avparse.features.vggish:VGGish",
    },
)

VIEWS: dict[str, View | None] = {
    "vgg19": View(16, 224, antialias=False),
    "resnet152": View(8, 224, short_side=256),
    "r2plus1d_18": View(8, 112),
    "vggish": None,
}
"""The frames each extractor was published with; None listens. Here, so that decoding can be
planned without loading a network."""


def view(name: str, frames_per_second: int | None = None) -> View | None:
    """The frames an extractor wants to see.

    Args:
        frames_per_second: None takes the published rate.
    Raises:
        UnknownNameError: no such extractor.
        ConfigError: a frame rate for an extractor that listens.
    """
    published = VIEWS[EXTRACTORS.check(name)]
    if frames_per_second is None:
        return published
    if published is None:
        raise ConfigError(
            f"extractors.{name}.frames_per_second = {frames_per_second}",
            "an audio extractor has no frame rate; set null",
        )
    return published.at(frames_per_second)


def create(name: str, **options: Any) -> Any:
    """Make an extractor, with the network's weights still unset.

    Args:
        name: one of the table above.
        options: ``frames_per_second`` for visual extractors; None takes the published rate.
    Returns:
        An :class:`avparse.features.base.Extractor`.
    Raises:
        UnknownNameError: no such extractor; names the nearest.
    """
    return EXTRACTORS.create(name, **options)
