"""Models by name; each is one file and one line here."""

from typing import Any

from avparse.registry import Registry

MODELS = Registry(
    "model",
    {
        "han": "avparse.models.han:HAN",
        "cmran": "avparse.models.cmran:CMRAN",
    },
)

INPUTS: dict[str, dict[str, str]] = {
    "han": {"audio": "vggish", "visual": "resnet152", "visual_st": "r2plus1d_18"},
    "cmran": {"audio": "vggish", "visual": "vgg19"},
}
"""Argument of each model -> the extractor it was published with. Here, so that a run can be planned
without loading a model."""


def create(name: str, **options: Any) -> Any:
    """Make a model with freshly initialised parameters.

    Args:
        name: one of the table above.
        options: of the model; ``num_classes`` in every one.
    Returns:
        An :class:`avparse.models.base.Model`.
    Raises:
        UnknownNameError: no such model; names the nearest.
        ConfigError: an option it does not have.
    """
    from avparse.models.base import check_options

    check_options(name, MODELS.load(name), options)
    return MODELS.create(name, **options)
