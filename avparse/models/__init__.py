"""Models by name; each is one file, a class of options, and one line here. Loads no torch."""

from collections.abc import Mapping
from typing import Any

from avparse.core.registry import Registry

PARSING_INPUTS = {"audio": "vggish", "visual": "resnet152", "visual_st": "r2plus1d_18"}
LOCALIZATION_INPUTS = {"audio": "vggish", "visual": "vgg19"}
"""Argument of each task's models -> the extractor they were published with."""

_TABLE = {
    "han": ("han:HAN", "parsing:HANOptions", PARSING_INPUTS),
    "ma": ("ma:MA", "parsing:MAOptions", PARSING_INPUTS),
    "mm_pyramid": ("mm_pyramid:MMPyramid", "parsing:MMPyramidOptions", PARSING_INPUTS),
    "cvcms": ("cvcms:CVCMS", "parsing:CVCMSOptions", PARSING_INPUTS),
    "avel_llp": ("avel:AVELLLP", "parsing:AVELLLPOptions", PARSING_INPUTS),
    "linear_llp": ("linear:LinearLLP", "parsing:LinearLLPOptions", PARSING_INPUTS),
    "cmran": ("cmran:CMRAN", "localization:CMRANOptions", LOCALIZATION_INPUTS),
    "bmfn": ("bmfn:BMFN", "localization:BMFNOptions", LOCALIZATION_INPUTS),
    "avel": ("avel:AVEL", "localization:AVELOptions", LOCALIZATION_INPUTS),
    "dmrn": ("avel:DMRN", "localization:DMRNOptions", LOCALIZATION_INPUTS),
    "psp": ("psp:PSP", "localization:PSPOptions", LOCALIZATION_INPUTS),
    "mm_pyramid_ave": (
        "mm_pyramid:MMPyramidAVE", "localization:MMPyramidAVEOptions", LOCALIZATION_INPUTS,
    ),
    "linear_ave": ("linear:LinearAVE", "localization:LinearAVEOptions", LOCALIZATION_INPUTS),
}  # fmt: skip
"""Name -> class, class of its options (in ``options/``), inputs."""

MODELS = Registry("model", {name: f"avparse.models.{row[0]}" for name, row in _TABLE.items()})
_OPTIONS = Registry(
    "model", {name: f"avparse.models.options.{row[1]}" for name, row in _TABLE.items()}
)

INPUTS: dict[str, dict[str, str]] = {name: row[2] for name, row in _TABLE.items()}
"""Inputs of each model, known without loading it."""

CLASSES = {"parsing": 25, "localization": 28}
"""Number of classes of the data sets that the models of each task were published on."""


def task(name: str) -> str:
    """The task of a model, ``parsing`` or ``localization``, without loading the model."""
    return "parsing" if INPUTS[MODELS.check(name)] is PARSING_INPUTS else "localization"


def options_class(name: str) -> Any:
    """The class of a model's options: a subclass of
    :class:`avparse.models.options.base.Options`."""
    return _OPTIONS.load(name)


def parse_options(name: str, values: Mapping[str, Any], where: str = "") -> Any:
    """Check the options of a model and fill in defaults; loads no torch.

    Args:
        name: of the model.
        values: option -> value, as read from YAML.
        where: key of the settings that has the values, for messages.
    Returns:
        An object of :func:`options_class`.
    Raises:
        UnknownNameError: no such model; names the nearest.
        ConfigError: an unknown option or a wrong value.
    """
    from avparse.models.options.base import parse

    return parse(options_class(name), name, values, where)


def create(name: str, num_classes: int | None = None, **options: Any) -> Any:
    """Make a model with freshly initialised parameters.

    Args:
        name: a model of the table above.
        num_classes: background not counted; by default that of LLP or AVE.
        options: of the model, see ``avparse model NAME``.
    Returns:
        An :class:`avparse.models.base.Model`.
    Raises:
        UnknownNameError: no such model; names the nearest.
        ConfigError: an unknown option or a wrong value.
    """
    checked = parse_options(name, options)
    return MODELS.load(name)(CLASSES[task(name)] if num_classes is None else num_classes, checked)


def load_published(name: str, state_dict: Mapping[str, Any], **options: Any) -> Any:
    """Make a model with the parameters of a published checkpoint, by their published names.

    A leading ``module.`` is allowed. Parameters that the published model never uses, and second
    names of the same tensor, are ignored.

    Args:
        name: a model of the table above whose authors released parameters: han, mm_pyramid, ma,
            cvcms, cmran, bmfn, avel, dmrn, psp.
        state_dict: published name -> tensor.
        options: of :func:`create`; ``supervision="weak"`` for a weakly supervised checkpoint.
    Returns:
        An :class:`avparse.models.base.Model` in eval mode.
    Raises:
        CheckpointError: a parameter is missing or has another shape; names the first few.
    """
    from avparse.models._published import fill

    model = create(name, **options)
    fill(name, model, state_dict)
    return model.eval()
