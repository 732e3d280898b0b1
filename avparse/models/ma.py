"""MA: modality-aware labels, in three steps.

Wu, Yang, "Exploring heterogeneous clues for weakly-supervised audio-visual video parsing", CVPR
2021. The network is HAN's; the training is new:

1. A base network learns, in addition to HAN's losses, to match audio and visual segments.
2. :mod:`avparse.training.refine` exchanges the audio, then the visual track of every clip with
   that of an unrelated clip, and removes a label from a modality that does not contain it.
3. A second network is trained with the refined labels (``labels_from`` of an experiment).

With refined labels, released MA also removes from the clip a label that its audio lost; the option
``as_released`` reproduces this. MA gates each modality by its own pooled probability.
"""

from avparse.models.base import Recipe
from avparse.models.han import HAN
from avparse.models.options.parsing import HANOptions, MAOptions


class MA(HAN):
    """HAN with MA's contrast, for steps 1 and 3."""

    recipe = Recipe(12, 16, 3e-4, (10,), 0.1)
    gates = "modality"

    def __init__(self, num_classes: int, options: MAOptions) -> None:
        super().__init__(num_classes, options.as_kind(HANOptions))
