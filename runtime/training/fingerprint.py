"""A hash of the images that a run trains on. Its checkpoints carry it, as a run is resumed on the same images alone."""

import hashlib

from runtime.data.cache import ImageSet


def fingerprint_of(images: ImageSet) -> str:
    """A hash of name, label and size of every file of both splits, with its format before a colon."""
    digest = hashlib.sha256()
    for split in (images.train, images.val):
        files = zip(split.files, split.labels.tolist(), split.sizes, strict=True)
        lines = "".join(f"{file}\0{label}\0{size}\n" for file, label, size in files)
        digest.update(f"{lines}\n".encode("utf-8", "surrogatepass"))  # names that are no valid UTF-8
    return f"2:{digest.hexdigest()[:32]}"


def early_fingerprint_of(images: ImageSet) -> str:
    """The fingerprint of early checkpoints: training images alone, without sizes."""
    digest = hashlib.sha256()
    for file, label in zip(images.train.files, images.train.labels, strict=True):
        digest.update(f"{file}\0{label}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]
