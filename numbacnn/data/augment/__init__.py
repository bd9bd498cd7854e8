"""Augmentation: training images shifted, turned, bent or recolored anew in every epoch."""

from .spec import STEPS, Augmentation, parse_augmentation

__all__ = ["STEPS", "Augmentation", "parse_augmentation"]
