"""Training steps against G, the time of one float32 product of 16384 x 512 by 512 x 512.

    python benchmarks/training.py
    python benchmarks/training.py --device cuda --clips 10000 --models han   # an epoch of LLP

Each model is measured at its published batch size, with random features in memory: a bare step
(forward, loss, backward and Adam on one batch) and a step of the training loop, which also picks
its batch by index. G and both steps are measured in turns; the table gives medians over the repeats
of the times, and of the ratios within a turn.

The result of G goes into newly mapped memory, as in a script that computes nothing else. After
training, the allocator would reuse 32 MB that are already mapped, and G would take an eighth less.
"""

import argparse
import mmap
import statistics
from collections.abc import Callable

from measure import arguments, seconds

MODELS = ("han", "mm_pyramid", "cmran")
STEPS = {"han": 40, "mm_pyramid": 6, "cmran": 4}
PRODUCTS = 8


def main() -> None:
    """Measure and print a table."""
    parser = arguments(__doc__)
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--precisions", nargs="+", default=["fp32", "bf16"])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--clips", type=int, help="per epoch; by default enough for a few steps")
    options = parser.parse_args()
    import torch

    torch.set_num_threads(options.threads)
    print(
        "| model | precision | G, ms | bare step, ms | step, ms | bare : G | step : bare | epoch |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name in options.models:
        for precision in options.precisions:
            print(_row(name, precision, options), flush=True)


def _row(name: str, precision: str, options: argparse.Namespace) -> str:
    import numpy as np
    import torch

    from avparse import features, models
    from avparse.datasets.labels import LabelledClips
    from avparse.training.loop import fit, seed_everything

    seed_everything(0)
    device = torch.device(options.device)
    model = models.create(name).to(device)
    recipe = model.recipe
    steps = STEPS.get(name, 4)
    clips = options.clips or steps * recipe.batch_size
    steps = -(-clips // recipe.batch_size)
    generator = torch.Generator().manual_seed(0)
    inputs = {
        argument: torch.rand((clips, 10, *features.create(e).shape), generator=generator).to(device)
        for argument, e in model.inputs.items()
    }
    classes = model.num_classes
    labels = LabelledClips(
        np.arange(clips),
        np.array(["train"] * clips),
        np.eye(classes, dtype=np.float32)[np.arange(clips) % classes],
        np.zeros(
            (clips, 10) if model.task == "localization" else (clips, 10, 2, classes), np.int64
        ),
        np.ones((clips, 10), bool),
    )
    once = type(recipe)(1, recipe.batch_size, recipe.learning_rate, (), 1.0, recipe.clip_norm)
    bare = _bare(model, inputs, labels, once, precision, steps)

    def loop() -> None:
        fit(model, inputs, labels, once, "last", name, precision)

    product = _product(device)
    bare(), loop(), product()  # warm up
    turns = [
        (seconds(product) / PRODUCTS, seconds(bare) / steps, seconds(loop) / steps)
        for _ in range(options.repeats)
    ]
    g, own, whole = (statistics.median(column) * 1e3 for column in zip(*turns, strict=True))
    to_g = statistics.median(own / g for g, own, _ in turns)
    to_own = statistics.median(whole / own for _, own, whole in turns)
    return (
        f"| {name} | {precision} | {g:.1f} | {own:.1f} | {whole:.1f} |"
        f" {to_g:.2f} | {to_own:.2f} | {whole * steps / 1e3:.2f} s |"
    )


def _bare(model, inputs, labels, recipe, precision: str, steps: int) -> Callable[[], None]:  # type: ignore[no-untyped-def]
    """A function that runs ``steps`` training steps on the first batch."""
    import torch

    from avparse.models.base import Targets

    device = next(model.parameters()).device
    batch = {name: x[: recipe.batch_size] for name, x in inputs.items()}
    strong = labels.truth if labels.truth.ndim == 2 else None
    targets = Targets(
        torch.from_numpy(labels.clip_labels[: recipe.batch_size]).to(device),
        None if strong is None else torch.from_numpy(strong[: recipe.batch_size]).to(device),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=recipe.learning_rate, fused=True)

    def run() -> None:
        model.train()
        for _ in range(steps):
            with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
                loss = model.batch_loss(batch, targets)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            if recipe.clip_norm is not None:
                torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.clip_norm)
            optimizer.step()
        if device.type == "cuda":
            torch.cuda.synchronize()

    return run


def _product(device) -> Callable[[], None]:  # type: ignore[no-untyped-def]
    import torch

    a, b = torch.rand(16384, 512, device=device), torch.rand(512, 512, device=device)

    def run() -> None:
        for _ in range(PRODUCTS):
            if device.type == "cuda":
                a @ b
            else:
                fresh = mmap.mmap(-1, a.nbytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
                torch.mm(a, b, out=torch.frombuffer(fresh, dtype=a.dtype).view(a.shape))
        if device.type == "cuda":
            torch.cuda.synchronize()

    return run


if __name__ == "__main__":
    main()
