"""The manifest's preprocessing, read by someone else: a reader that is written from its fields and nothing of ours."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from emit.images import mean_and_std
from emit.manifest import preprocessing
from emit.programs import emit
from runtime.data.decode import load_image, stored_size
from tests.runtime.sandbox import House


def read(path: Path, fields: dict[str, Any]) -> NDArray[np.uint8]:
    """An image as the fields say, by Pillow and NumPy alone."""
    decode, eight_bit, _, crop, resize, lay_on, final_crop, *to_gray = fields["steps"]
    image: Image.Image = Image.open(path)
    image.draft(None, (decode["jpeg_may_be_reduced_to"],) * 2)
    image.load()
    orientation = image.getexif().get(274, 1)
    if image.mode.startswith("I"):
        assert eight_bit["gray_16_bit"] == "(x + 128) // 257"
        image = Image.fromarray(((np.asarray(image).astype(int) + 128) // 257).astype(np.uint8))
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    turns = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_270, 8: Image.Transpose.ROTATE_90}
    image = image.transpose(turns[orientation]) if orientation in turns else image
    (high, wide), scale = crop["aspect"], min(image.height / crop["aspect"][0], image.width / crop["aspect"][1])
    wide, high = min(wide * scale, image.width), min(high * scale, image.height)  # rounding may go beyond the edge
    left, top = (image.width - wide) / 2, (image.height - high) / 2
    box = (left, top, left + wide, top + high)
    assert (resize["filter"], resize["antialias"]) == ("bilinear", True)
    image = image.resize((resize["size"][1], resize["size"][0]), Image.Resampling.BILINEAR, box)
    if image.mode == "RGBA":
        ground = Image.new("RGBA", image.size, (*lay_on["background"], 255))
        image = Image.alpha_composite(ground, image).convert("RGB")
    (top, left), (height, width) = final_crop["offset"], final_crop["size"]
    pixels: NDArray[np.uint8] = np.asarray(image)[top : top + height, left : left + width]
    assert [fields["color"], len(fields["normalisation"]["mean"])] == (["gray", 1] if to_gray else ["RGB", 3])
    for step in to_gray:
        assert [step["step"], step["formula"]] == ["to gray", "(19595 R + 38470 G + 7471 B + 32768) >> 16"]
        weighted = pixels.astype(int) @ np.array([19595, 38470, 7471])
        pixels = ((weighted + 32768) >> 16).astype(np.uint8)[..., None]
    return pixels


def noise(height: int, width: int, channels: int, seed: int) -> NDArray[np.uint8]:
    """Low and high frequencies, so that another filter, order or rounding shows."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (height // 16 + 1, width // 16 + 1, channels))
    fine = random.integers(-60, 60, (height, width, channels))
    blocks = np.kron(coarse, np.ones((16, 16, 1)))[:height, :width]
    mixed: NDArray[np.uint8] = np.clip(blocks + fine, 0, 255).astype(np.uint8)
    return mixed


def pictures(folder: Path) -> list[Path]:
    """Files of every kind that a step of the fields is about."""
    exif = Image.Exif()
    exif[274] = 6
    pictures: list[tuple[str, Image.Image, dict[str, Any]]] = [
        ("wide.jpg", Image.fromarray(noise(90, 211, 3, 0)), {}),
        ("high.png", Image.fromarray(noise(301, 77, 3, 1)), {}),
        ("large.jpg", Image.fromarray(noise(700, 901, 3, 2)), {}),
        ("small.png", Image.fromarray(noise(9, 11, 3, 3)), {}),
        ("rotated.jpg", Image.fromarray(noise(120, 200, 3, 4)), {"exif": exif}),
        ("clear.png", Image.fromarray(noise(130, 99, 4, 5), "RGBA"), {}),
        ("gray.png", Image.fromarray(noise(60, 80, 1, 6)[..., 0]), {}),
        ("deep.png", Image.fromarray(noise(60, 80, 1, 7)[..., 0].astype(np.uint16) * 251), {}),
        ("palette.png", Image.fromarray(noise(64, 65, 3, 8)).convert("P"), {}),
        ("clear.webp", Image.fromarray(noise(130, 99, 4, 9), "RGBA"), {}),
    ]
    for name, image, options in pictures:
        image.save(folder / name, **options)
    return [folder / name for name, _, _ in pictures]


@pytest.mark.parametrize(("height", "width"), [(32, 32), (64, 64), (33, 20), (224, 224)])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_reader_written_from_the_manifest_gives_the_same_bytes(
    height: int, width: int, channels: int, tmp_path: Path
) -> None:
    fields = json.loads(json.dumps(preprocessing(height, width, *mean_and_std(channels))))
    for path in pictures(tmp_path):
        np.testing.assert_array_equal(read(path, fields), load_image(path, height, width, channels), path.name)


def test_the_manifest_and_the_reader_agree_on_every_size() -> None:
    for side in range(1, 1025):
        fields = preprocessing(side, 1025 - side, *mean_and_std(3))
        assert fields["steps"][4]["size"] == list(stored_size(side, 1025 - side))


@pytest.mark.ordinary
def test_a_host_of_ones_own_gives_predicts_digits(house: House, unbroken: Path, tmp_path: Path) -> None:
    """The manifest's reader, evaluate's program as the run's folder has it, and NumPy: the digits of `predict`."""
    from runtime.checkpoint import load
    from runtime.compiler.target import target_from_environment
    from runtime.engine.iree import Device
    from runtime.engine.session import Session

    plain = json.loads((unbroken / "evaluate.json").read_text())
    checkpoint = load(unbroken / "best.safetensors", to_train=False)
    manifest = emit("evaluate", checkpoint.net, checkpoint.config).manifest
    assert json.loads(json.dumps(manifest.to_plain())) == plain
    session = Session(
        Device(target_from_environment()), {"evaluate": ((unbroken / "evaluate.vmfb").read_bytes(), manifest)}
    )
    session.restore(checkpoint.tensors, "here")
    size = plain["arguments"][0]["shape"][0]
    paths = pictures(tmp_path)
    images = np.zeros((size, 32, 32, 3), np.uint8)
    for row, path in enumerate(paths):
        images[row] = read(path, plain["preprocessing"])
    found = session.evaluate(images, np.full(size, -1, np.int32))["probabilities"]
    predictions = json.loads(house.run("predict", unbroken, *paths, "--json").out)
    for row, prediction in enumerate(predictions):
        for name, probability in prediction["classes"].items():
            assert probability == pytest.approx(found[row, checkpoint.classes.index(name)], abs=2e-6)
