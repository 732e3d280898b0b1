"""weights: the parameters of an extractor's network, made or fetched once."""

from pathlib import Path

from avparse import features
from avparse.config.settings import Settings
from avparse.core.progress import say
from avparse.features import weights


def run(settings: Settings, name: str, out: Path) -> None:
    """Write an extractor's weights as its settings ask for.

    Args:
        name: of the extractor.
        out: a safetensors file that says what it holds.
    """
    wanted = settings.extractors[name]
    extractor = features.create(name, wanted)
    say(f"weights: {name}: {wanted.weights}")
    identity = weights.make(extractor, out, Path(settings.runtime.weights_folder))
    what = ", ".join(f"{k} {v}" for k, v in identity.items() if k != "extractor")
    say(f"weights: {name}: {what}, in {out}")
