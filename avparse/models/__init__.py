"""Models by name; each is one file and one line here."""

from collections.abc import Mapping
from typing import Any

from avparse.core.registry import Registry

PARSING_INPUTS = {"audio": "vggish", "visual": "resnet152", "visual_st": "r2plus1d_18"}
LOCALIZATION_INPUTS = {"audio": "vggish", "visual": "vgg19"}
"""Argument of each task's models -> the extractor they were published with."""

_TABLE = {
    "han": ("han:HAN", PARSING_INPUTS),
    "ma": ("ma:MA", PARSING_INPUTS),
    "mm_pyramid": ("mm_pyramid:MMPyramid", PARSING_INPUTS),
    "cvcms": ("cvcms:CVCMS", PARSING_INPUTS),
    "avel_llp": ("avel:AVELLLP", PARSING_INPUTS),
    "linear_llp": ("linear:LinearLLP", PARSING_INPUTS),
    "cmran": ("cmran:CMRAN", LOCALIZATION_INPUTS),
    "bmfn": ("bmfn:BMFN", LOCALIZATION_INPUTS),
    "avel": ("avel:AVEL", LOCALIZATION_INPUTS),
    "dmrn": ("avel:DMRN", LOCALIZATION_INPUTS),
    "psp": ("psp:PSP", LOCALIZATION_INPUTS),
    "mm_pyramid_ave": ("mm_pyramid:MMPyramidAVE", LOCALIZATION_INPUTS),
    "linear_ave": ("linear:LinearAVE", LOCALIZATION_INPUTS),
}
MODELS = Registry("model", {name: f"avparse.models.{cls}" for name, (cls, _) in _TABLE.items()})

INPUTS: dict[str, dict[str, str]] = {name: inputs for name, (_, inputs) in _TABLE.items()}
"""Of each model. Here, so that a run can be planned without loading a model."""


def create(name: str, **options: Any) -> Any:
    """Make a model with freshly initialised parameters.

    Args:
        name: one of the table above.
        options: of the model; ``num_classes`` in every one.
    Returns:
        An :class:`avparse.models.base.Model`.
    Raises:
        UnknownNameError: no such model; names the nearest.
        ConfigError: an option it does not have, or a value an option does not have.
    """
    from avparse.models.base import check_options

    check_options(name, MODELS.load(name), options)
    return MODELS.create(name, **options)


def load_published(name: str, state_dict: Mapping[str, Any], **options: Any) -> Any:
    """Make a model with the parameters of a published checkpoint, by their published names.

    A leading ``module.`` is allowed; what the published model holds but never uses, and second
    names of one tensor, are ignored.

    Args:
        name: one of the table above whose authors released parameters: han, mm_pyramid, ma, cvcms,
            cmran, bmfn, avel, dmrn, psp.
        state_dict: published name -> tensor.
        options: of the model; ``supervision="weak"`` where that is what the checkpoint holds.
    Returns:
        An :class:`avparse.models.base.Model` in eval mode.
    Raises:
        CheckpointError: a parameter is missing or has another shape; names the first few.
    """
    from avparse.models._published import fill

    model = create(name, **options)
    fill(name, model, state_dict)
    return model.eval()
