"""Video frames: each class is a shape of a fixed colour; grey discs move as distractors."""

import colorsys
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from avparse.core.events import Modality
from avparse.datasets.classes import BUNDLED_CLASSES
from avparse.datasets.synth.scene import CLIP_S, Scene

Plane = NDArray[np.float32]
_SHAPES: tuple[Callable[[Plane, Plane], NDArray[np.bool_]], ...] = (
    lambda x, y: x * x + y * y < 1,
    lambda x, y: np.maximum(abs(x), abs(y)) < 0.85,
    lambda x, y: (y > -0.7) & (y < 1 - 2 * abs(x)),
    lambda x, y: (abs(x) < 0.3) & (abs(y) < 1) | (abs(y) < 0.3) & (abs(x) < 1),
    lambda x, y: (x * x + y * y < 1) & (x * x + y * y > 0.35),
    lambda x, y: x * x + y * y < (0.65 + 0.35 * np.cos(5 * np.arctan2(y, x))) ** 2,
    lambda x, y: (abs(x) < 1) & (abs(y) < 0.4),
    lambda x, y: (np.maximum(abs(x), abs(y)) < 1) & (np.sin(6 * x) * np.sin(6 * y) > 0),
)


def frame_times(scene: Scene) -> NDArray[np.float64]:
    """Presentation time of each frame in seconds; jittered if the frame rate is variable."""
    if scene.frame_rate is not None:
        return np.arange(round(CLIP_S * scene.frame_rate)) / scene.frame_rate
    rng = np.random.default_rng([scene.seed, 1])
    steps = rng.uniform(1 / 30, 1 / 8, size=CLIP_S * 30)
    times = np.concatenate(([0.0], np.cumsum(steps)))
    return times[times < CLIP_S - 0.02]


def frames(scene: Scene) -> Iterator[NDArray[np.uint8]]:
    """Render the frames of a scene, (H, W, 3) RGB, at the times of :func:`frame_times`."""
    rng = np.random.default_rng([scene.seed, 2])
    width, height = scene.size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    background = _background(rng, x / width, y / height)
    noise = rng.normal(0, 4, size=(8, height, width, 1)).astype(np.float32)
    discs = [_Shape(rng, scene.size, 0.12, np.full(3, g)) for g in rng.uniform(100, 140, size=2)]
    visual = [e for e in scene.events if e.modality == Modality.VISUAL]
    shapes = [_Shape(rng, scene.size, 0.38, colour(e.label)) for e in visual]
    for number, time in enumerate(frame_times(scene)):
        picture = background.copy()
        for disc in discs:
            disc.draw(picture, x, y, time, _SHAPES[0])
        for event, shape in zip(visual, shapes, strict=True):
            if event.onset_s <= time < event.offset_s:
                shape.draw(picture, x, y, time, _SHAPES[BUNDLED_CLASSES.index(event.label)])
        yield np.clip(picture + noise[number % 8], 0, 255).astype(np.uint8)


def colour(label: str) -> NDArray[np.float64]:
    """RGB colour of a class, 0-255."""
    hue = BUNDLED_CLASSES.index(label) / len(BUNDLED_CLASSES)
    return np.array(colorsys.hsv_to_rgb(hue, 1.0, 1.0)) * 255


def _background(rng: np.random.Generator, x: Plane, y: Plane) -> Plane:
    """A faint gradient with waves that does not identify the clip."""
    tint = 120 + rng.uniform(-5, 5, size=3)
    slope = rng.uniform(-10, 10, size=2)
    waves = 4 * np.sin(rng.uniform(5, 25) * x + rng.uniform(5, 25) * y + rng.uniform(0, 6))
    shade = slope[0] * x + slope[1] * y + waves
    return (tint + shade[..., None]).astype(np.float32)


class _Shape:
    """A shape that oscillates and rotates."""

    def __init__(
        self,
        rng: np.random.Generator,
        size: tuple[int, int],
        radius: float,
        rgb: NDArray[np.float64],
    ) -> None:
        self.size = size
        self.radius = radius * min(size) * rng.uniform(0.85, 1.15)
        self.rgb = rgb.astype(np.float32)
        self.speed = rng.uniform(0.8, 2.0, size=2)
        self.phase = rng.uniform(0, 2 * np.pi, size=3)
        self.turn = rng.uniform(-1.5, 1.5)

    def draw(
        self,
        picture: Plane,
        x: Plane,
        y: Plane,
        time: float,
        shape: Callable[[Plane, Plane], NDArray[np.bool_]],
    ) -> None:
        cx, cy = (
            side * (0.5 + 0.28 * np.sin(speed * time + phase))
            for side, speed, phase in zip(self.size, self.speed, self.phase, strict=False)
        )
        angle = self.phase[2] + self.turn * time
        cos, sin = np.cos(angle) / self.radius, np.sin(angle) / self.radius
        dx, dy = x - np.float32(cx), y - np.float32(cy)
        picture[shape(dx * cos + dy * sin, dy * cos - dx * sin)] = self.rgb
