"""Text from outside (file names, class names, a checkpoint's header), made safe for a terminal or a sentence."""

LONGEST = 200


def printable(text: str) -> str:
    """The same text with control characters escaped, except line breaks.

    Everything printed passes through here, so that no name can clear a screen or hide a line.
    """
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() or letter == "\n" else _escaped(letter) for letter in text)


def shown(text: object, longest: int = LONGEST) -> str:
    """A text from outside for use in a sentence: on one line, escaped, and truncated to `longest` characters."""
    full = str(text)
    kept = full if len(full) <= longest else f"{full[:longest]}... ({len(full)} characters)"
    return (
        kept if kept.isprintable() else "".join(letter if letter.isprintable() else _escaped(letter) for letter in kept)
    )


def size_text(size: int) -> str:
    """A number of bytes for people, two or three digits and a unit: `12 MB`, `1.5 GB`."""
    number = float(size)
    for unit in ("bytes", "KB", "MB", "GB"):
        if number < 999.5:
            return f"{number:.0f} {unit}" if number >= 10 or unit == "bytes" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
