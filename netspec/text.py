"""Text from outside (a file's name, a class, a checkpoint's words) on its way to a person or into a sentence."""

LONGEST = 200


def printable(text: str) -> str:
    """The same text with everything escaped that a terminal would act on; lines stay lines.

    Every stream that a person reads gets its text through here, so that no name can clear a screen or hide a line.
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each == "\n" else _escaped(each) for each in text)


def shown(text: object, longest: int = LONGEST) -> str:
    """A text from outside, fit for a sentence: on one line, escaped, and cut short."""
    whole = str(text)
    kept = whole if len(whole) <= longest else f"{whole[:longest]}... ({len(whole)} characters)"
    return kept if kept.isprintable() else "".join(each if each.isprintable() else _escaped(each) for each in kept)


def size_text(size: int) -> str:
    """Bytes as a person reads them, two or three digits and a unit: `12 MB`, `1.5 GB`."""
    number = float(size)
    for unit in ("bytes", "KB", "MB", "GB"):
        if number < 999.5:
            return f"{number:.0f} {unit}" if number >= 10 or unit == "bytes" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
