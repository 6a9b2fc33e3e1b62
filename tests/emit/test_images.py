"""Wrong versions of the images' normalisation."""

from tests.ops.mutations import WrongVersions


class TestImages(WrongVersions):
    module = "emit.images"
    wrong = {
        "means in the order blue, green, red": (
            "IMAGENET_MEAN = (0.485, 0.456, 0.406)",
            "IMAGENET_MEAN = (0.406, 0.456, 0.485)",
        ),
        "a wrong digit in a deviation": (
            "IMAGENET_STD = (0.229, 0.224, 0.225)",
            "IMAGENET_STD = (0.229, 0.225, 0.225)",
        ),
        "images: the mean is not divided by the deviation": (
            "-written(mean) / written(std) for mean, std",
            "-written(mean) for mean, std",
        ),
        "images: the mean is added": ("-written(mean) / written(std) for", "written(mean) / written(std) for"),
        "images: from 0..256": ("1 / (255 * written(std))", "1 / (256 * written(std))"),
    }
