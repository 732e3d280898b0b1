"""Feature extractors by name; each is one file and one line here."""

from typing import Any

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
