"""The releases of installed packages."""

import importlib.metadata
import sys
from pathlib import Path

import pytest

from runtime.system import packages


@pytest.mark.parametrize("name", ["iree-base-compiler", "iree-base-runtime", "numpy", "pillow", "safetensors", "Click"])
def test_releases_are_those_of_the_package_metadata(name: str) -> None:
    assert packages.release(name) == importlib.metadata.version(name)


def test_of_a_package_installed_twice_it_is_the_one_that_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy-99.1.dist-info").mkdir()
    (tmp_path / "numpy-99.1.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 99.1\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(tmp_path / "nothing"), *sys.path])
    packages._installed.cache_clear()
    try:
        assert packages.release("numpy") == importlib.metadata.version("numpy") == "99.1"
    finally:
        packages._installed.cache_clear()


def test_a_package_that_is_not_installed_is_an_import_error() -> None:
    with pytest.raises(ImportError, match="no-such-package"):
        packages.release("no-such-package")
