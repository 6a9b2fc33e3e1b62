"""The fixtures of `house`, for this folder."""

from tests.runtime.sandbox import bare, compiled, house, images, shared, unbroken

__all__ = ["bare", "compiled", "house", "images", "shared", "unbroken"]
