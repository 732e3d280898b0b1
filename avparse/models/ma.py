"""MA: labels that know their modality, in three steps.

Wu, Yang, "Exploring heterogeneous clues for weakly-supervised audio-visual video parsing", CVPR
2021. The network is HAN's; what is new is how it is taught:

1. a base network learns, besides HAN's losses, to tell which seen second goes with each heard one;
2. :mod:`avparse.training.refine` exchanges the audio, then the visual track of every clip with
   those of an unrelated clip, and removes a label from the modality that does not contain it;
3. a network is trained anew with the refined labels (``labels_from`` of an experiment).

With refined labels, released MA takes what the audio lost off the clip as well; ``as_released``.
It also gates each modality by its own pooled probability, here always.
"""

from avparse.models.base import Recipe
from avparse.models.han import HAN


class MA(HAN):
    """HAN with MA's contrast, for steps 1 and 3.

    Args:
        num_classes, width, heads, dropout, contrast, as_released: of HAN.
    """

    recipe = Recipe(12, 16, 3e-4, (10,), 0.1)
    gates = "modality"

    def __init__(
        self,
        num_classes: int = 25,
        width: int = 512,
        heads: int = 1,
        dropout: float = 0.1,
        contrast: float = 1.0,
        as_released: bool = False,
    ) -> None:
        super().__init__(
            num_classes, width, heads, dropout, contrast=contrast, as_released=as_released
        )
