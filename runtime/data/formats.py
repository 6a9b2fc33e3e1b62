"""The image formats that are read, and the endings of their files' names.

These are the formats that Pillow decodes by itself. Left out are drawings (EPS, WMF: another program would draw them),
videos, icons (whose pictures have other sizes than they say), and formats that it only recognises.
"""

# By content, not by name: a PNG named .jpg is read, a text named .jpg is not.
RECOGNISED: dict[str, tuple[str, ...]] = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "PNG": (".png", ".apng"),
    "WEBP": (".webp",),
    "AVIF": (".avif",),
    "TIFF": (".tif", ".tiff"),
    "GIF": (".gif",),
    "BMP": (".bmp",),
    "DIB": (".dib",),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm"),
    "JPEG2000": (".jp2", ".j2k", ".jpx", ".jpf", ".j2c", ".jpc"),
    "QOI": (".qoi",),
    "PCX": (".pcx",),
    "SGI": (".sgi", ".rgb", ".rgba", ".bw"),
    "SUN": (".ras",),
}
# These files have no signature, so only the name tells.
NAMED: dict[str, tuple[str, ...]] = {"TGA": (".tga", ".icb", ".vda", ".vst")}

IMAGE_ENDINGS = frozenset(ending for endings in (RECOGNISED | NAMED).values() for ending in endings)
COMMON = "JPEG, PNG, WebP, TIFF, GIF, BMP, ..."


def ending_of(name: str) -> str:
    """The ending of a file's name, in lower case, with its dot; "" where there is none."""
    stem, dot, last = name.rpartition(".")
    return (dot + last).lower() if stem else ""


def formats_of(name: str) -> list[str]:
    """The formats, by Pillow's names, that a file of this name may have."""
    ending = ending_of(name)
    return [*RECOGNISED, *(format_ for format_, endings in NAMED.items() if ending in endings)]
