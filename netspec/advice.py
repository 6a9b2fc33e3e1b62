"""Suggestions for unknown words."""

import difflib
import re
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` (did you mean learningRate?)` for `learning_rate`, `lerningRate` or `lr`; empty where nothing is similar."""
    names = list(known)
    plain = {_plain(name): name for name in names}
    initials = {_initials(name): name for name in reversed(names)}
    near = difflib.get_close_matches(_plain(word)[:100], plain, n=1, cutoff=0.7)
    suggestion = plain[near[0]] if near else initials.get(word.lower())
    return f" (did you mean {suggestion}?)" if suggestion else ""


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _initials(name: str) -> str:
    """`lr` of `learningRate`; a name of one word itself."""
    words = re.findall(r"[A-Z]?[a-z0-9]+", name)
    return "".join(word[0] for word in words).lower() if len(words) > 1 else name
