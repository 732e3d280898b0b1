"""Read the content of SVG drawings."""

import base64
import io
import re

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def texts(svg: str) -> list[str]:
    """The texts of a drawing, still escaped."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def images(svg: str) -> list[NDArray[np.uint8]]:
    """The embedded images, (H, W, 4) each, turned upright."""
    found = re.findall(r'href="data:image/png;base64,\s*([^"]+)"', svg)
    assert svg.count("scale(1 -1)") == len(found)
    read = [Image.open(io.BytesIO(base64.b64decode(one))).convert("RGBA") for one in found]
    return [np.array(one)[::-1] for one in read]
