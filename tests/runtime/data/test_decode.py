"""One file to one array: upright, RGB or gray, scaled and cropped; or an error with a reason."""

import errno
import io
import os
import re
import struct
import subprocess
import sys
import threading
import warnings
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngInfo

from netspec.errors import InputError, NetSpecError
from runtime.data import decode
from runtime.data.decode import (
    JPEG_LIMIT,
    PIXEL_LIMIT,
    centre_crop,
    decode_file,
    load_image,
)
from runtime.data.reading import Reading, UnreadableImageError
from tests.runtime.data.readings import at


def halves(width: int = 80, height: int = 40) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), (255, 0, 0))
    image.paste((0, 0, 255), (width // 2, 0, width, height))
    return image


def saved(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)  # type: ignore[arg-type]
    return path


def near(pixel: NDArray[np.uint8], colour: tuple[int, int, int], within: int = 3) -> bool:
    return bool(np.all(np.abs(pixel.astype(int) - colour) <= within))


def test_stored_sizes_are_eight_sevenths_of_the_image_size_rounded() -> None:
    assert Reading(224, 224).shape == (256, 256, 3)
    assert Reading(128, 96, 1).shape == (146, 110, 1)
    assert Reading(1, 1).shape == (1, 1, 3)


@pytest.mark.parametrize(("width", "height"), [(80, 40), (40, 80), (33, 57), (1, 500), (500, 1), (1, 1), (64, 64)])
def test_any_shape_becomes_exactly_the_size_asked_for(tmp_path: Path, width: int, height: int) -> None:
    pixels = decode_file(saved(tmp_path / "x.png", halves(width, height)), at(32, 48))
    assert pixels.shape == (32, 48, 3)
    assert pixels.dtype == np.uint8


def test_the_centre_is_kept_and_the_longer_side_is_cropped(tmp_path: Path) -> None:
    image = Image.new("RGB", (300, 100), (255, 0, 0))
    image.paste((0, 255, 0), (100, 0, 200, 100))
    pixels = decode_file(saved(tmp_path / "x.png", image), at(50, 50))
    assert near(pixels[:, 1:-1].min(axis=(0, 1)), (0, 255, 0))
    assert near(pixels[:, 1:-1].max(axis=(0, 1)), (0, 255, 0))


def test_scaling_down_averages_instead_of_picking(tmp_path: Path) -> None:
    checks = (np.indices((64, 64)).sum(0) % 2 * 255).astype(np.uint8)
    pixels = decode_file(saved(tmp_path / "x.png", Image.fromarray(checks)), at(8, 8))
    assert np.all(np.abs(pixels.astype(int) - 127) <= 8)


@pytest.mark.parametrize(
    ("orientation", "red_at"), [(1, "left"), (2, "right"), (3, "right"), (4, "left"), (6, "top"), (8, "bottom")]
)
@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
def test_exif_orientation_turns_the_image(tmp_path: Path, orientation: int, red_at: str, ending: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(tmp_path / f"x.{ending}", halves(64, 64), exif=exif, quality=95)
    pixels = decode_file(path, at(16, 16))
    edges = {"left": pixels[8, 1], "right": pixels[8, -2], "top": pixels[1, 8], "bottom": pixels[-2, 8]}
    assert near(edges[red_at], (255, 0, 0), within=12)


def test_a_large_rotated_jpeg_is_not_decoded_too_small(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    fine = np.random.default_rng(0).integers(0, 256, (100, 1600), np.uint8)
    path = saved(tmp_path / "x.jpg", Image.fromarray(fine).convert("RGB"), exif=exif, quality=95)
    reference = (
        Image.open(path).rotate(-90, expand=True).resize((64, 64), Image.Resampling.BILINEAR, (0, 750, 100, 850))
    )
    pixels = decode_file(path, at(64, 64))
    assert np.abs(pixels.astype(int) - np.asarray(reference).astype(int)).mean() < 2


def test_drafted_jpegs_look_like_fully_decoded_ones(tmp_path: Path) -> None:
    smooth = Image.fromarray(np.random.default_rng(1).integers(0, 256, (12, 12, 3), np.uint8)).resize((1000, 800))
    path = saved(tmp_path / "x.jpg", smooth, quality=95)
    plain = Image.open(path).resize((50, 50), Image.Resampling.BILINEAR, (100, 0, 900, 800))
    assert np.abs(decode_file(path, at(50, 50)).astype(int) - np.asarray(plain).astype(int)).mean() < 1.5


def test_grayscale_becomes_three_equal_channels(tmp_path: Path) -> None:
    pixels = decode_file(saved(tmp_path / "x.png", Image.new("L", (20, 20), 77)), at(10, 10))
    assert np.all(pixels == 77)


def test_a_gray_file_read_as_gray_keeps_its_own_values(tmp_path: Path) -> None:
    values = np.arange(256, dtype=np.uint8).reshape(16, 16)
    path = saved(tmp_path / "x.png", Image.fromarray(values))
    assert np.array_equal(decode_file(path, at(16, 16, 1)), values[..., None])
    deep = saved(tmp_path / "deep.png", Image.fromarray(values.astype(np.uint16) * 257))
    assert np.array_equal(decode_file(deep, at(16, 16, 1)), values[..., None])
    for height, width in ((7, 5), (30, 31)):  # scaled: those of each of the three equal channels
        gray = decode_file(path, at(height, width, 1))
        assert gray.shape == (height, width, 1)
        assert np.array_equal(np.repeat(gray, 3, 2), decode_file(path, at(height, width)))


@pytest.mark.parametrize("size", [(60, 40), (17, 23)])
def test_colours_read_as_gray_are_weighted_after_all_else(tmp_path: Path, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (60, 40, 4), np.uint8)
    for image in (Image.fromarray(noise[..., :3]), Image.fromarray(noise, "RGBA")):
        path = saved(tmp_path / "x.png", image)
        red, green, blue = np.moveaxis(decode_file(path, at(*size)).astype(int), 2, 0)
        weighted = (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16
        assert np.array_equal(decode_file(path, at(*size, 1))[..., 0], weighted)
    assert load_image(path, Reading(28, 14, 1)).shape == (28, 14, 1)


def test_what_is_transparent_is_white_in_gray_too(tmp_path: Path) -> None:
    half = saved(tmp_path / "x.png", Image.new("RGBA", (20, 20), (255, 0, 0, 128)))
    assert np.all(np.abs(decode_file(half, at(10, 10, 1)).astype(int) - (0.299 * 255 + 0.701 * 127)) <= 1)
    assert np.all(decode_file(saved(tmp_path / "y.png", Image.new("LA", (20, 20), (9, 0))), at(10, 10, 1)) == 255)


def test_bilevel_images_are_black_and_white(tmp_path: Path) -> None:
    assert np.all(decode_file(saved(tmp_path / "x.png", Image.new("1", (20, 20), 1)), at(10, 10)) == 255)


def test_sixteen_bit_gray_is_scaled_not_clipped(tmp_path: Path) -> None:
    deep = Image.fromarray(np.full((20, 20), 257 * 100, np.uint16))
    assert np.all(decode_file(saved(tmp_path / "x.png", deep), at(10, 10)) == 100)


def test_sixteen_bit_colour_is_scaled_not_clipped(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(
        png(4, 4, depth=16, kind=2, rows=b"".join(b"\0" + struct.pack(">3H", 0, 25700, 65535) * 4 for _ in range(4)))
    )
    assert np.all(decode_file(path, at(4, 4)) == (0, 100, 255))


def test_palette_images_take_their_colours(tmp_path: Path) -> None:
    pixels = decode_file(saved(tmp_path / "x.png", halves().quantize(4)), at(40, 40))
    assert near(pixels[20, 5], (255, 0, 0))
    assert near(pixels[20, -5], (0, 0, 255))


def test_transparent_palette_entries_become_white(tmp_path: Path) -> None:
    palette = Image.new("P", (20, 20), 0)
    palette.putpalette([10, 20, 30, 200, 0, 0])
    palette.paste(1, (10, 0, 20, 20))
    pixels = decode_file(saved(tmp_path / "x.png", palette, transparency=0), at(20, 20))
    assert near(pixels[10, 2], (255, 255, 255))
    assert near(pixels[10, -3], (200, 0, 0))


@pytest.mark.parametrize("ending", ["png", "webp"])
def test_alpha_is_composited_over_white(tmp_path: Path, ending: str) -> None:
    path = saved(tmp_path / f"x.{ending}", Image.new("RGBA", (20, 20), (255, 0, 0, 128)), lossless=True)
    assert near(decode_file(path, at(10, 10))[5, 5], (255, 127, 127))


def test_gray_with_alpha_is_composited_over_white(tmp_path: Path) -> None:
    assert np.all(decode_file(saved(tmp_path / "x.png", Image.new("LA", (20, 20), (9, 0))), at(10, 10)) == 255)


def test_a_transparent_colour_without_alpha_channel_becomes_white(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.png", Image.new("RGB", (20, 20), (1, 2, 3)), transparency=(1, 2, 3))
    assert np.all(decode_file(path, at(10, 10)) == 255)


def test_cmyk_jpegs_become_rgb(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.jpg", Image.new("CMYK", (40, 40), (0, 255, 255, 0)), quality=95)
    assert near(decode_file(path, at(10, 10))[5, 5], (255, 0, 0), within=6)


def test_a_png_named_jpg_is_read_by_its_content(tmp_path: Path) -> None:
    assert near(decode_file(saved(tmp_path / "x.jpg", halves(), format="PNG"), at(40, 40))[20, 5], (255, 0, 0))


def test_broken_exif_leaves_the_image_as_it_lies(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.jpg", halves(64, 64), exif=b"Exif\0\0II*\0\xff\xff\xff\xffgarbage", quality=95)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pixels = load_image(path, Reading(14, 14))
    assert near(pixels[7, 1], (255, 0, 0), within=12)


@pytest.mark.parametrize(
    "ending",
    ["jpg", "jpe", "jfif", "png", "webp", "bmp", "dib", "gif", "tif", "tiff", "ppm", "tga", "pcx", "sgi"],
)
def test_what_pillow_reads_is_read(tmp_path: Path, ending: str) -> None:
    pixels = decode_file(saved(tmp_path / f"x.{ending}", halves(64, 64)), at(32, 32))
    assert near(pixels[16, 4], (255, 0, 0), within=6)
    assert near(pixels[16, -5], (0, 0, 255), within=6)


def test_no_file_is_a_tga_unless_it_is_called_one(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.tga", halves())
    (tmp_path / "x.jpg").write_bytes(path.read_bytes())
    with pytest.raises(UnreadableImageError, match="no image of a known format"):
        decode_file(tmp_path / "x.jpg", at(32, 32))


def test_drawings_that_another_program_would_draw_are_not_read(tmp_path: Path) -> None:
    halves().save(tmp_path / "x.eps")
    with pytest.raises(UnreadableImageError, match="no image of a known format"):
        decode_file(tmp_path / "x.eps", at(32, 32))


def test_the_first_picture_of_several_counts(tmp_path: Path) -> None:
    later = [Image.new("RGB", (20, 20), "blue")]
    for ending in ("gif", "tif", "png", "webp"):
        first = Image.new("RGB", (20, 20), "red")
        path = saved(tmp_path / f"x.{ending}", first, save_all=True, append_images=later)
        assert near(decode_file(path, at(10, 10))[5, 5], (255, 0, 0), within=8)


def test_pixels_whose_white_is_unknown_are_refused(tmp_path: Path) -> None:
    fractions = Image.fromarray(np.full((8, 8), 0.5, np.float32))
    with pytest.raises(UnreadableImageError, match="fractions"):
        decode_file(saved(tmp_path / "x.tif", fractions), at(4, 4))
    for value in (-1, 70_000):
        deep = Image.fromarray(np.full((8, 8), value, np.int32))
        with pytest.raises(UnreadableImageError, match="more than 16 bits"):
            decode_file(saved(tmp_path / "x.tif", deep), at(4, 4))


@pytest.mark.parametrize("kind", ["text", "packed text", "international", "many", "profile"])
def test_a_png_with_much_beside_its_pixels_is_read(tmp_path: Path, kind: str) -> None:
    remarks = PngInfo()
    exif = Image.Exif()
    exif[0x0112] = 3
    noise = np.random.default_rng(0).integers(0, 256, 3_000_000, np.uint8).tobytes()
    if kind in ("text", "packed text"):
        remarks.add_text("Comment", "x" * 3_000_000, zip=kind == "packed text")
    elif kind == "international":
        remarks.add_itxt("Comment", "ä" * 3_000_000, zip=True)
    elif kind == "many":
        for number in range(80):
            remarks.add_text(f"k{number}", "x" * 1_000_000)
    profile = noise if kind == "profile" else None
    path = saved(tmp_path / "x.png", halves(64, 64), pnginfo=remarks, icc_profile=profile, exif=exif)
    if kind != "text":
        with pytest.raises(ValueError, match=r"too large|Too much"), Image.open(path) as image:
            image.load()
    pixels = decode_file(path, at(16, 16))
    assert near(pixels[8, 1], (0, 0, 255))  # and its orientation is kept
    assert np.array_equal(pixels, decode_file(saved(tmp_path / "plain.png", halves(64, 64), exif=exif), at(16, 16)))


def png(width: int, height: int, *, depth: int = 8, kind: int = 2, rows: bytes = b"") -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def jpeg_bytes() -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)).save(out, "JPEG")
    return out.getvalue()


MALFORMED = {
    "empty": b"",
    "text": b"this is no image at all\n" * 50,
    "truncated": jpeg_bytes()[:4000],
    "header only": jpeg_bytes()[:3],
    "gif": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
    "pickle": b"cos\nsystem\n(S'true'\ntR.",
    "short png": png(50, 50, rows=b"\0"),
    "suspicious png": png(10_000, 10_000),
    "bomb png": png(60_000, 60_000),
    "giant png": png(2**31 - 1, 2**31 - 1),
    "giant jpeg": jpeg_bytes().replace(struct.pack(">HH", 200, 200), struct.pack(">HH", 65500, 65500)),
    "damaged png": png(50, 50, rows=b"\0" * 50 * 151).replace(b"IDAT", b"IDAX"),
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_malformed_files_are_unreadable_without_a_warning(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.jpg"
    path.write_bytes(MALFORMED[kind])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UnreadableImageError, match=r"\w"):
            decode_file(path, at(32, 32))
        with pytest.raises(InputError, match=r"x\.jpg cannot be read: .*; expected an image file \(JPEG, PNG, "):
            load_image(path, Reading(28, 28))


def test_an_image_just_over_the_pixel_limit_is_refused_whatever_the_warning_filters(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(png(PIXEL_LIMIT // 1000 + 1, 1000))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(UnreadableImageError, match="pixels"):
            decode_file(path, at(32, 32))


# Large pictures, in bounded memory.


def large_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for pictures a thousand times as large."""
    monkeypatch.setattr(decode, "LARGE", 1000)
    monkeypatch.setattr(decode, "_STRIP", 500)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16", "CMYK"])
@pytest.mark.parametrize(("width", "height"), [(300, 200), (200, 300), (301, 97), (1000, 40)])
def test_a_large_picture_looks_the_same_in_strips(
    mode: str, width: int, height: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    smooth = Image.fromarray(np.random.default_rng(1).integers(0, 256, (5, 7, 3), np.uint8)).resize((width, height))
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(smooth.convert("L")).astype(np.uint16) * 257)
    else:
        picture = smooth.convert(mode)
    ending = "tif" if mode == "CMYK" else "png"
    for orientation in (1, 6):
        exif = Image.Exif()
        exif[0x0112] = orientation
        path = saved(tmp_path / f"x.{ending}", picture, exif=exif)
        at_once = decode_file(path, at(12, 16))
        with monkeypatch.context() as patched:
            large_limits(patched)
            strips = decode_file(path, at(12, 16))
        assert np.abs(strips.astype(int) - at_once.astype(int)).mean() < (12 if mode in ("1", "P") else 2)


def test_a_phones_jpeg_of_more_pixels_than_can_be_decoded_is_read_smaller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "x.jpg", halves(1200, 900), quality=95)
    decoded: list[tuple[int, int]] = []
    load = JpegImageFile.load

    def recording_load(image: JpegImageFile) -> object:
        decoded.append(image.size)
        return load(image)

    monkeypatch.setattr(JpegImageFile, "load", recording_load)
    monkeypatch.setattr(decode, "PIXEL_LIMIT", 1200 * 900 // 3)
    assert near(decode_file(path, at(700, 700))[350, 5], (255, 0, 0), within=6)
    assert decoded[0] == (600, 450)
    monkeypatch.setattr(decode, "JPEG_LIMIT", 1200 * 900 - 1)
    with pytest.raises(UnreadableImageError, match="it is 1200 x 900 pixels, more than the 1079999 allowed"):
        decode_file(path, at(700, 700))


@pytest.mark.ordinary
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read as Linux tells it")
@pytest.mark.parametrize(
    ("kind", "megabytes"), [("png", 200), ("jpeg", 150), ("progressive", 450), ("four", 450)]
)  # fmt: skip
def test_the_largest_pictures_take_bounded_memory_also_several_at_once(
    kind: str, megabytes: int, tmp_path: Path
) -> None:
    side = 9459
    if kind in ("png", "four"):
        rows = (b"\0" + bytes(side)) * side
        (tmp_path / "x").write_bytes(png(side, side, kind=0, rows=rows))
        del rows
    else:
        Image.new("RGB", (12_000, 9_000), "red").save(tmp_path / "x", "JPEG", progressive=kind == "progressive")
    program = (
        "import sys, threading; from pathlib import Path; from runtime.data.decode import decode_file\n"
        "from runtime.data.reading import Reading\n"
        "read = Path(sys.argv[1]), Reading(56, 56)\n"
        "threads = [threading.Thread(target=decode_file, args=read) for _ in range({})]\n"
        "[thread.start() for thread in threads]; [thread.join() for thread in threads]\n"
        "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program.format(8 if kind == "four" else 1), str(tmp_path / "x")],
        cwd=Path(__file__).parents[3], capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(ran.stdout) < 1000 * megabytes
    assert not ran.stderr


def test_pictures_wait_for_one_another_when_they_would_take_too_much_memory_together() -> None:
    memory = decode._Memory(10)
    order: list[str] = []
    with memory.reserved(7):
        other = threading.Thread(target=lambda: _reserve(memory, 25, order))
        other.start()
        with memory.reserved(3):
            order.append("small")
        other.join(0.05)
        order.append("first")
    other.join(10)
    assert order == ["small", "first", "large"]


def _reserve(memory: decode._Memory, size: int, order: list[str]) -> None:
    with memory.reserved(size):
        order.append("large")


def test_a_picture_that_takes_more_memory_than_one_may_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode, "MEMORY_OF_ONE", 50_000)
    saved(tmp_path / "x.jpg", halves(100, 80))
    with pytest.raises(UnreadableImageError, match=r"100 x 80 pixels, which take 96 KB of memory to decode, more than"):
        decode_file(tmp_path / "x.jpg", at(64, 64))
    assert PIXEL_LIMIT < JPEG_LIMIT


def test_randomly_damaged_images_are_read_or_refused_but_never_crash(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    sound = {"jpg": jpeg_bytes(), "png": saved(tmp_path / "a.png", halves()).read_bytes()}
    for ending in ("webp", "tif", "gif", "bmp", "jp2", "avif", "tga", "pcx", "sgi", "ppm"):
        sound[ending] = saved(tmp_path / f"a.{ending}", halves()).read_bytes()
    for number in range(40 * len(sound)):
        ending = list(sound)[number % len(sound)]
        damaged = np.frombuffer(sound[ending], np.uint8).copy()
        places = random.integers(0, len(damaged), 12)
        damaged[places] = random.integers(0, 256, 12)
        path = tmp_path / f"x.{ending}"
        path.write_bytes(damaged.tobytes()[: int(random.integers(1, len(damaged) + 1))])
        # Any other exception, or a warning, fails the test.
        with suppress(InputError):
            assert load_image(path, Reading(16, 16)).shape == (16, 16, 3)


def test_decoders_write_nothing_to_the_terminal_themselves(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8))
    for compression in ("tiff_lzw", "tiff_deflate", "jpeg", "packbits"):
        path = saved(tmp_path / "x.tif", noise, compression=compression)
        data = bytearray(path.read_bytes())
        data[len(data) // 3 : 2 * len(data) // 3] = b"\x55" * (2 * len(data) // 3 - len(data) // 3)
        path.write_bytes(data)
        with suppress(InputError):
            load_image(path, Reading(16, 16))
    assert capfd.readouterr() == ("", "")


def test_pipes_folders_and_dangling_links_are_unreadable_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "link.jpg").symlink_to("nowhere")
    for name in ("pipe.jpg", "folder.jpg"):
        with pytest.raises(UnreadableImageError, match="not a regular file"):
            decode_file(tmp_path / name, at(8, 8))
    with pytest.raises(UnreadableImageError, match="No such file"):
        decode_file(tmp_path / "link.jpg", at(8, 8))


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ESTALE, errno.ELOOP])
def test_a_file_that_cannot_be_opened_or_read_is_unreadable_for_the_systems_reason(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "x.png", halves())

    def refuse(*_: object, **__: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(UnreadableImageError, match=re.escape(os.strerror(number))):
        decode_file(path, at(8, 8))


@pytest.mark.parametrize(
    ("wrong", "lacking"),
    [
        (OSError(errno.EMFILE, "Too many open files"), "open files"),
        (OSError(errno.ENFILE, "Too many open files in system"), "open files"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "memory"),
        (OSError("out of memory error when reading image file"), "memory"),
        (MemoryError(), "memory"),
    ],
    ids=["descriptors", "the system's descriptors", "memory", "a decoder's memory", "Python's memory"],
)
def test_what_this_process_lacks_says_nothing_about_an_image(
    wrong: Exception, lacking: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "x.png", halves())

    def refuse(*_: object, **__: object) -> int:
        raise wrong

    monkeypatch.setattr(os, "open", refuse)
    for read in (decode_file, load_image):
        with pytest.raises(NetSpecError, match=rf"x\.png cannot be read for want of {lacking}: close other") as found:
            read(path, at(8, 8))
        assert found.value.exit_code == 1


def test_a_name_says_nothing_about_memory(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist; check the path"):
        load_image(tmp_path / "out of memory.png", Reading(8, 8))


def test_a_name_that_is_too_long_is_unreadable() -> None:
    with pytest.raises(UnreadableImageError, match="File name too long"):
        decode_file(Path("x" * 5000), at(8, 8))
    with pytest.raises(InputError, match="cannot be read: File name too long"):
        load_image(Path("x" * 5000), Reading(8, 8))


def test_load_image_gives_the_centre_of_what_is_stored(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.png", Image.fromarray(np.random.default_rng(2).integers(0, 256, (90, 120, 3), np.uint8)))
    pixels = load_image(path, Reading(56, 28))
    assert pixels.flags.c_contiguous
    assert np.array_equal(pixels, centre_crop(decode_file(path, at(64, 32)), 56, 28))


def test_load_image_names_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.jpg does not exist"):
        load_image(tmp_path / "nowhere.jpg", Reading(8, 8))


def test_a_file_larger_than_any_picture_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.webp"
    Image.new("RGB", (8, 8)).save(path)
    with path.open("r+b") as file:
        file.truncate(2**40)
    with pytest.raises(UnreadableImageError, match=r"it has 1\.1 TB, of at most 537 MB"):
        decode_file(path, at(8, 8))
