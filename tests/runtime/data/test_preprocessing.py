"""The manifest's preprocessing, read by someone else: a reader that is written from its fields and nothing of ours."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from emit.preprocessing import preprocessing
from emit.programs import emit
from netspec import NetSpec, Preprocessing
from netspec.errors import InputError
from netspec.preprocessing import HOUSE
from runtime.data.decode import centre_crop, decode_file, load_image
from runtime.data.reading import reading_of
from specs.tiny import tiny
from tests.runtime.sandbox import House

FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def read(path: Path, fields: dict[str, Any]) -> NDArray[np.uint8]:
    """An image as the fields say, by Pillow and NumPy alone."""
    image: Image.Image = Image.open(path)
    box: tuple[float, float, float, float] | None = None
    for step in fields["steps"]:
        match step["step"]:
            case "decode":
                if "jpeg_may_be_reduced_to" in step:
                    image.draft(None, (step["jpeg_may_be_reduced_to"],) * 2)
                image.load()
                orientation = image.getexif().get(274, 1)
            case "to 8-bit RGB":
                if image.mode.startswith("I"):
                    assert step["gray_16_bit"] == "(x + 128) // 257"
                    image = Image.fromarray(((np.asarray(image).astype(int) + 128) // 257).astype(np.uint8))
                image = image.convert("RGBA" if image.has_transparency_data else "RGB")
            case "turn upright":
                turns = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_270, 8: Image.Transpose.ROTATE_90}
                image = image.transpose(turns[orientation]) if orientation in turns else image
            case "crop" if "aspect" in step:
                high, wide = step["aspect"]
                scale = min(image.height / high, image.width / wide)
                wide, high = min(wide * scale, image.width), min(high * scale, image.height)  # rounding, at the edge
                left, top = (image.width - wide) / 2, (image.height - high) / 2
                box = (left, top, left + wide, top + high)
            case "resize":
                high, wide = step["size"]
                if step.get("cover"):
                    if high / image.height >= wide / image.width:
                        wide = int(image.width * high / image.height)
                    else:
                        high = int(image.height * wide / image.width)
                image = (
                    image.resize((wide, high), FILTERS[step["filter"]], box)
                    if step["antialias"]
                    else sampled(image, (high, wide))
                )
            case "lay on":
                if image.mode == "RGBA":
                    ground = Image.new("RGBA", image.size, (*step["background"], 255))
                    image = Image.alpha_composite(ground, image).convert("RGB")
            case "crop":
                (height, width), offset = step["size"], step["offset"]
                if isinstance(offset, str):
                    assert offset == "round((have - size) / 2) along each side, halves to even"
                    offset = round((image.height - height) / 2), round((image.width - width) / 2)
                pixels = np.asarray(image)[offset[0] : offset[0] + height, offset[1] : offset[1] + width]
            case "to gray":
                assert step["formula"] == "(19595 R + 38470 G + 7471 B + 32768) >> 16"
                weighted = pixels.astype(int) @ np.array([19595, 38470, 7471])
                pixels = ((weighted + 32768) >> 16).astype(np.uint8)[..., None]
            case "to BGR":
                pixels = pixels[..., ::-1]
            case other:
                raise AssertionError(other)
    color = {"gray": 1, "RGB": 3, "BGR": 3}[fields["color"]]
    assert pixels.shape == (*fields["image_size"], color)
    assert len(fields["normalisation"]["mean"]) == len(fields["normalisation"]["std"]) == color
    return pixels


def sampled(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Between the four nearest pixels, one new pixel after another."""
    pixels, new = np.asarray(image).astype(float), np.zeros((*size, 3), np.uint8)
    for row, column in np.ndindex(size):
        y = min(max((row + 0.5) * (image.height / size[0]) - 0.5, 0), image.height - 1)
        x = min(max((column + 0.5) * (image.width / size[1]) - 0.5, 0), image.width - 1)
        a, b = int(y), int(x)
        c, d = min(a + 1, image.height - 1), min(b + 1, image.width - 1)
        before, after = (pixels[a, at] + (pixels[c, at] - pixels[a, at]) * (y - a) for at in (b, d))
        new[row, column] = np.floor(before + (after - before) * (x - b) + 0.5)
    return Image.fromarray(new)


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


SAID = {
    "ours": HOUSE,
    "torchvision": Preprocessing(fit="cover", decode="whole"),
    "torchvision, an odd margin": Preprocessing(fit="cover", decode="whole", crop=224 / 235, filter="bicubic"),
    "timm": Preprocessing(fit="cover", decode="whole", crop=0.9, filter="bicubic", mean=(0.5,) * 3, std=(0.5,) * 3),
    "stretched": Preprocessing(fit="stretch", decode="whole", crop=1.0, filter="nearest", color="BGR", scale=1.0),
    "stretched, an odd margin": Preprocessing(fit="stretch", crop=0.8, filter="lanczos"),
    "as TensorFlow resizes": Preprocessing(fit="stretch", decode="whole", antialias=False, color="BGR"),
    "box": Preprocessing(fit="crop", filter="box", decode="whole"),
}


def network(height: int, width: int, channels: Literal[1, 3], said: Preprocessing = HOUSE) -> NetSpec:
    return replace(tiny, imageH=height, imageW=width, imageC=channels, preprocessing=said)


@pytest.mark.parametrize(("height", "width"), [(32, 32), (64, 64), (33, 20), (224, 224)])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_reader_written_from_the_manifest_gives_the_same_bytes(
    height: int, width: int, channels: Literal[1, 3], tmp_path: Path
) -> None:
    net = network(height, width, channels)
    fields = json.loads(json.dumps(preprocessing(net)))
    for path in pictures(tmp_path):
        np.testing.assert_array_equal(read(path, fields), load_image(path, reading_of(net)), path.name)


@pytest.mark.parametrize(("height", "width"), [(32, 32), (33, 20)])
@pytest.mark.parametrize("name", SAID)
def test_it_does_so_whatever_is_said(name: str, height: int, width: int, tmp_path: Path) -> None:
    net = network(height, width, 3, SAID[name])
    fields = json.loads(json.dumps(preprocessing(net)))
    for path in pictures(tmp_path):
        np.testing.assert_array_equal(read(path, fields), load_image(path, reading_of(net)), path.name)
    stored = decode_file(path, reading_of(net))
    assert stored.shape == reading_of(net).shape
    np.testing.assert_array_equal(centre_crop(stored, height, width), load_image(path, reading_of(net)))


def test_no_two_of_them_give_the_same_bytes(tmp_path: Path) -> None:
    (path,) = (path for path in pictures(tmp_path) if path.name == "large.jpg")
    found = {load_image(path, reading_of(network(33, 33, 3, said))).tobytes() for said in SAID.values()}
    assert len(found) == len(SAID)


def test_the_manifest_and_the_reader_agree_on_every_size() -> None:
    for side in range(1, 1025):
        net = network(side, 1025 - side, 3)
        (resize,) = (step for step in preprocessing(net)["steps"] if step["step"] == "resize")
        assert tuple(resize["size"]) == reading_of(net).shape[:2]


def test_a_picture_that_would_be_enormous_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (4000, 1)).save(tmp_path / "long.png")
    net = network(224, 224, 3, SAID["torchvision"])
    with pytest.raises(InputError, match="which scaled would be 1024000 x 256, more than the 33554432"):
        load_image(tmp_path / "long.png", reading_of(net))
    assert load_image(tmp_path / "long.png", reading_of(network(224, 224, 3))).shape == (224, 224, 3)


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
