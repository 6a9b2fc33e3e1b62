"""What is done to training images: one file an augmentation. Importing this registers all of them."""

from emit.op import register_package
from runtime.data.augmentation import DRAWS

__all__ = ["DRAWS"]
register_package(__name__, __path__)
