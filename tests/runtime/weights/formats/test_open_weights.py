"""A file of weights is recognised by what is in it, and opened only when it is a file."""

import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from netspec.errors import InputError
from runtime.weights.formats import open_weights
from tests.runtime.weights.hostile_files import right_legacy, right_safetensors, right_zip

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize("name", ["a.pt", "a.safetensors", "a.png", "a", ".h5"])
@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (right_zip(), "a PyTorch file"),
        (right_legacy(), "a PyTorch file"),
        (right_safetensors(), "a safetensors file"),
    ],
    ids=["zip", "legacy", "safetensors"],
)
def test_the_content_decides_and_not_the_name(tmp_path: Path, name: str, data: bytes, kind: str) -> None:
    (tmp_path / name).write_bytes(data)
    with open_weights(tmp_path / name) as file:
        assert file.format == kind
        assert list(file.tensors) == ["conv.weight", "bn.bias", "bn.num_batches_tracked"]


@pytest.mark.parametrize(
    ("head", "module"),
    [(b"\x1c\0\0\0TFL3", "tflite"), (b"\x89HDF\r\n\x1a\n", "keras")],
    ids=["tflite", "hdf5"],
)
def test_other_formats_are_handed_to_their_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: bytes, module: str
) -> None:
    opened: list[Path] = []
    fake = types.ModuleType(module)
    fake.opened = opened.append  # type: ignore[attr-defined]
    fake.__spec__ = types.SimpleNamespace()  # type: ignore[assignment]
    monkeypatch.setitem(sys.modules, f"runtime.weights.formats.{module}", fake)
    path = tmp_path / "a"
    path.write_bytes(head + bytes(100))
    open_weights(path)
    assert opened == [path]


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(right_zip())
    (tmp_path / "link").symlink_to("a")
    with open_weights(tmp_path / "link") as file:
        assert file.path == tmp_path / "link"


def test_a_path_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.pt: cannot be read: No such file or directory; check the path"):
        open_weights(tmp_path / "a.pt")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a file, found a folder; check the path"):
        open_weights(tmp_path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="expected a file, found a pipe; check the path"):
        open_weights(tmp_path / "pipe")


def test_a_device_is_refused() -> None:
    with pytest.raises(InputError, match="expected a file, found a device; check the path"):
        open_weights(Path("/dev/zero"))


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(InputError, match="cannot be read: Permission denied; check the path and its permissions"):
        open_weights(tmp_path / "a.pt")


def open_files() -> int:
    """How many this process has open, where the system says."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


def test_a_refused_file_is_closed(tmp_path: Path) -> None:
    before = open_files()
    for data in (right_zip()[:-9], right_legacy()[:-9], right_safetensors()[:-9], b"", b"no"):
        (tmp_path / "a").write_bytes(data)
        with pytest.raises(InputError):
            open_weights(tmp_path / "a")
    assert open_files() == before


def test_the_formats_are_imported_when_a_file_needs_them() -> None:
    """A command that reads no weights does not wait for their libraries."""
    code = "import sys, runtime.weights.formats; print([name for name in sys.modules if 'safetensors' in name])"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, text=True, capture_output=True
    )
    assert done.stdout.strip() == "[]"
