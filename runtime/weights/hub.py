"""Weights on the Hugging Face hub, by `hf:OWNER/NAME` or `timm/NAME`: downloaded once, then taken from its cache.

The client is `huggingface_hub`, an extra; its own variables hold (HF_HOME, HF_ENDPOINT, HF_HUB_OFFLINE, HF_TOKEN).
"""

import re
from dataclasses import dataclass
from pathlib import Path

from netspec.errors import InputError
from netspec.text import shown
from runtime.weights.published import CONFIG

FILES = ("model.safetensors", "pytorch_model.bin")  # the first that a repository has
_NAME = re.compile(r"(?:hf:([\w.-]+/[\w.-]+)|(timm/[\w.-]+))(?:@([\w./-]+))?")


@dataclass(frozen=True)
class Located:
    """A file, and where it was downloaded from: `OWNER/NAME@COMMIT`, empty for a user's own."""

    path: Path
    repository: str = ""


def on_hub(text: str) -> tuple[str, str | None] | None:
    """The repository, and the revision if one is given, that an argument names; None where it names a file.

    `hf:OWNER/NAME@REVISION`; a file `timm/NAME` of the user's comes first.
    """
    matched = _NAME.fullmatch(text)
    if matched is None or (matched[2] and Path(text).exists()):
        return None
    return matched[1] or matched[2], matched[3]


def located(text: str) -> Located:
    """The file that an argument names: a path, or one on the hub, downloaded. Raises InputError."""
    found = on_hub(text)
    if found is not None:
        return _downloaded(*found)
    if text.startswith("hf:"):
        raise InputError(f"{shown(text)}: expected hf:OWNER/NAME or hf:OWNER/NAME@REVISION.")
    return Located(Path(text))


def _downloaded(repository: str, revision: str | None) -> Located:
    """The weights of a repository, with its `config.json`, if it has one, beside them."""
    try:
        from huggingface_hub import errors as hub
        from huggingface_hub import hf_hub_download
    except ImportError:
        raise InputError(
            f"hf:{shown(repository)}: needs the package huggingface_hub: pip install 'netspec[weights]', or download "
            "the file yourself."
        ) from None
    where = f"hf:{shown(repository)}{f'@{shown(revision)}' if revision else ''}"

    missing: InputError | None = None

    def fetched(name: str) -> Path | None:
        """None where the repository has no such file, or where it is not in the cache and cannot be downloaded."""
        nonlocal missing
        try:
            return Path(hf_hub_download(repository, name, revision=revision))
        except (hub.RepositoryNotFoundError, hub.RevisionNotFoundError, hub.GatedRepoError) as wrong:
            raise InputError(
                f"{where}: there is no such repository or revision, or it needs a token that is not given (HF_TOKEN): "
                f"{_first_line(wrong)}."
            ) from None
        except hub.RemoteEntryNotFoundError:
            return None
        except hub.LocalEntryNotFoundError:
            missing = missing or InputError(
                f"{where}: {name} is not in the cache, and the hub cannot be reached or may not be (HF_HUB_OFFLINE): "
                "check the network and HF_ENDPOINT, or download the file yourself."
            )
            return None
        except (OSError, hub.HfHubHTTPError, ValueError) as wrong:
            raise InputError(f"{where}: {name} cannot be downloaded: {_first_line(wrong)}.") from None

    for name in FILES:
        if (path := fetched(name)) is not None:
            fetched(CONFIG)
            return Located(path, f"{repository}@{path.parent.name}")  # the cache has a folder for each commit
    raise missing or InputError(
        f"{where}: expected {' or '.join(FILES)} in the repository, found neither; download the file that you want."
    )


def _first_line(wrong: Exception) -> str:
    text = str(wrong).strip() or type(wrong).__name__
    return shown(text.splitlines()[0].rstrip("."))
