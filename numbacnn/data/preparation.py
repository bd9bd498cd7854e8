"""How the pictures of a data set become bytes of one size: decided once, for all of them, and for those to come."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import numpy as np

from .picture import Picture

PAGE = {0: "black", 255: "white"}


@dataclass(frozen=True)
class Preparation:
    """Decisions that hold for all pictures of a data set; None where no picture asked for one.

    Parameters
    ----------
    channels : {1, 3}, optional
        1 if all pictures are gray.
    ground : {0, 255}, optional
        On what transparent parts lie: black or white.
    range : (float, float), optional
        Values of pictures with more than 8 bits that become 0 and 255.
    framed : bool
        Whether they are drawn in light ink on black, scaled into a box and
        centered by mass, as MNIST's digits are.
    """

    channels: int | None = None
    ground: int | None = None
    range: tuple[float, float] | None = None
    framed: bool = False

    def to_dict(self) -> dict:
        """Return it as plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict | None) -> Preparation:
        """Return it from the plain values of `to_dict`; of None nothing is decided."""
        values = values or {}
        span = values.get("range")
        return cls(values.get("channels"), values.get("ground"), None if span is None else tuple(span),
                   bool(values.get("framed")))

    def completed(self, pictures: list[Picture]) -> Preparation:
        """Return it with a ground and a range for pictures that need them, where they were not decided yet."""
        ground, span = self.ground, self.range
        if ground is None:
            ground = ground_for([picture for picture in pictures if picture.transparent])
        ranges = [picture.range for picture in pictures if picture.range is not None]
        if span is None and ranges:
            span = (min(low for low, _ in ranges), max(high for _, high in ranges))
        return replace(self, ground=ground, range=span)

    def colored(self, picture: Picture) -> np.ndarray:
        """Return a picture as float32 (H, W, 3), 0 to 255, on its ground and in its range."""
        pixels = picture.pixels
        if picture.transparent:
            opacity = pixels[..., 3:].astype(np.float32) / 255
            return pixels[..., :3] + self.ground * (1 - opacity)
        if picture.range is None:
            return pixels.astype(np.float32)
        low, high = self.range
        if low == high:  # a single value has no range: the upper 8 of 16 bits
            low, high = 0, 65535
        return np.repeat(np.clip((pixels - low) * np.float32(255 / (high - low)), 0, 255), 3, 2)


def ground_for(pictures: list[Picture]) -> int | None:
    """Return the ground on which the colors of transparent pictures stand out: black (0) under light ones, else white.

    Light ink is drawn for a dark page, dark ink for a light one.
    """
    if not pictures:
        return None
    ink = sum(float(picture.pixels[..., :3].sum(dtype=np.float64)) for picture in pictures)
    opaque = sum(float(picture.pixels[..., 3].sum(dtype=np.float64)) for picture in pictures) / 255
    return 0 if ink / max(3 * opaque, 1) > 127.5 else 255


def cover(picture: Picture, size: tuple[int, int] | None) -> Picture:
    """Scale a picture so that it covers ``size``, and crop what reaches beyond; without a size leave it."""
    if size is None or picture.pixels.shape[:2] == tuple(size):
        return picture
    pixels = picture.pixels
    layers = [pixels] if pixels.shape[2] == 3 else [pixels[..., :3], pixels[..., 3:]] if picture.transparent else [pixels]
    return picture._replace(pixels=np.concatenate([fitted(layer, size) for layer in layers], 2))


def fitted(layer: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scale and crop uint8 (H, W, 3), uint8 (H, W, 1) or float32 (H, W, 1)."""
    from PIL import Image, ImageOps

    image = Image.fromarray(np.ascontiguousarray(layer if layer.shape[2] == 3 else layer[..., 0]))
    result = np.asarray(ImageOps.fit(image, (size[1], size[0]), Image.Resampling.BILINEAR))
    return result if layer.shape[2] == 3 else result[..., None]


def to_gray(color: np.ndarray) -> np.ndarray:
    """Return brightness (H, W) of a color picture (H, W, 3), weighted as in ITU-R BT.601."""
    if is_gray(color):
        return color[..., 0]
    return color @ np.array([0.299, 0.587, 0.114], np.float32)


def is_gray(color: np.ndarray) -> bool:
    """Whether red, green and blue are equal everywhere in a picture (H, W, 3)."""
    return bool((color == color[..., :1]).all())


def as_bytes(pixels: np.ndarray) -> np.ndarray:
    """Round to contiguous uint8."""
    return np.ascontiguousarray(np.rint(np.clip(pixels, 0, 255)).astype(np.uint8))
