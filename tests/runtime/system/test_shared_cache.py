"""One cache and several users, no home, every umask, a cache that is only read, and many cold starts at once."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.runtime.sandbox import House, Ran, draw, ended

ONE, OTHER, GROUP = 54321, 54322, 54300

# Becomes another user after it has run the same command once, with all that it imports.
SCRIPT = """
import contextlib, io, os, sys
import runtime.cli
def run():
    try:
        runtime.cli.main()
    except SystemExit as left:
        return left.code
sys.argv = ["netspec", *{words}]
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    run()
os.environ.update({variables})
for name in {without}:
    os.environ.pop(name, None)
os.umask({umask})
os.setgroups([{group}])
os.setgid({group})
os.setuid({user})
sys.exit(run())
"""

needs_root = pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="root alone may become others")


@pytest.fixture
def public(house: House, unbroken: Path) -> Iterator[House]:
    """A house that every user can reach: a trained run, an image, and a complete cache of nobody's yet."""
    with tempfile.TemporaryDirectory(prefix="netspec-test-") as name:
        folder = Path(name)
        folder.chmod(0o777)
        (folder / "runs").mkdir()
        (folder / "runs").chmod(0o777)
        shutil.copytree(unbroken, folder / "trained")
        shutil.copytree(house.images, folder / "images")
        shutil.copytree(house.cache, folder / "cache", ignore=shutil.ignore_patterns("locks"))
        draw(folder / "image.jpg", 1, 1)
        for path in (folder / "trained", folder / "images", *(folder / "images").rglob("*")):
            path.chmod(0o755)
        home = House(folder, folder / "cache", folder / "images")
        assert home.spawn("predict", "trained/best.safetensors", "image.jpg").code == 0
        assert home.spawn("eval", "trained/best.safetensors", "images").code == 0
        yield home


def give(house: House, user: int, group: int, *, folders: int = 0o700, files: int = 0o600) -> None:
    """Make the cache a user's, with modes."""
    for path in (house.cache, *house.cache.rglob("*")):
        os.chown(path, user, group)
        path.chmod(folders if path.is_dir() else files)


def as_user(house: House, user: int, *words: object, umask: int = 0o022, without: tuple[str, ...] = ()) -> Ran:
    """Run a command as another user, with the house's cache."""
    texts = [str(word) for word in words]
    variables = {"NETSPEC_CACHE": str(house.cache)}
    code = SCRIPT.format(words=texts, variables=variables, without=list(without), umask=umask, group=GROUP, user=user)
    warm = replace(house, cache=house.folder / "warm")
    shutil.copytree(house.cache, warm.cache, dirs_exist_ok=True)
    for path in (warm.cache, *warm.cache.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=house.folder, env=warm._environment({}), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    return ended(process)


COMMANDS = (
    ("predict", "trained/best.safetensors", "image.jpg"),
    ("eval", "trained/best.safetensors", "images"),
)


@needs_root
@pytest.mark.ordinary
@pytest.mark.parametrize("words", COMMANDS)
@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_each_user_has_a_cache_of_their_own_with_every_umask(words: tuple[str, ...], umask: int, public: House) -> None:
    give(public, ONE, GROUP)
    ran = as_user(public, ONE, *words, umask=umask)
    assert ran.code == 0, ran
    modes = {path.stat().st_mode & 0o777 for path in (public.cache, *public.cache.rglob("*"))}
    assert modes <= {0o600, 0o700}


@needs_root
@pytest.mark.ordinary
@pytest.mark.parametrize("words", COMMANDS)
def test_the_cache_of_another_user_or_of_a_group_is_refused_in_a_sentence(
    words: tuple[str, ...], public: House
) -> None:
    give(public, ONE, GROUP, folders=0o755, files=0o644)
    ran = as_user(public, OTHER, *words)
    assert ran.code == 2, ran
    assert re.search(r"belongs to another user .* or set NETSPEC_CACHE to a folder of your own\.\n$", ran.err)
    give(public, OTHER, GROUP, folders=0o770, files=0o660)
    ran = as_user(public, OTHER, *words)
    assert ran.code == 2, ran
    assert re.search(r"others may write to it .* or set NETSPEC_CACHE to a folder of your own\.\n$", ran.err)
    give(public, ONE, GROUP, folders=0o700, files=0o600)
    ran = as_user(public, OTHER, *words)
    assert ran.code == 2, ran
    assert "set NETSPEC_CACHE to a folder of your own" in ran.err
    assert "Traceback" not in ran.err


@needs_root
@pytest.mark.ordinary
@pytest.mark.parametrize("words", COMMANDS)
@pytest.mark.parametrize("owner", [ONE, 0])
def test_a_complete_cache_that_can_only_be_read_serves(words: tuple[str, ...], owner: int, public: House) -> None:
    """The system's own (root's) serves everybody."""
    give(public, owner, GROUP, folders=0o555, files=0o444)
    before = sorted(public.cache.rglob("*"))
    ran = as_user(public, ONE, *words)
    assert ran.code == 0, ran
    assert sorted(public.cache.rglob("*")) == before


@needs_root
@pytest.mark.ordinary
@pytest.mark.parametrize("missing", ["programs", "images"])
def test_a_read_only_cache_that_lacks_something_is_reported(missing: str, public: House) -> None:
    shutil.rmtree(public.cache / missing)
    (public.cache / missing).mkdir()
    give(public, ONE, GROUP, folders=0o555, files=0o444)
    ran = as_user(public, ONE, *COMMANDS[1])
    assert ran.code == 2, ran
    assert re.search(
        r"the cache: .* can only be read, and lacks .* set NETSPEC_CACHE to a folder of your own\.\n$", ran.err
    ), ran


@needs_root
@pytest.mark.ordinary
@pytest.mark.parametrize("words", [*COMMANDS, ("doctor",), ("train", "tiny", "images", "--max-steps", "1")])
def test_without_home_passwd_entry_or_cache_the_error_says_what_to_set(words: tuple[str, ...], public: House) -> None:
    ran = as_user(public, ONE, *words, without=("NETSPEC_CACHE", "HOME", "XDG_CACHE_HOME"))
    assert "Traceback" not in ran.err
    assert ran.code == 2, ran
    assert "set NETSPEC_CACHE to a folder of your own" in (ran.out + ran.err).replace("\n", " ")


@pytest.mark.ordinary
def test_eight_cold_starts_at_once_all_work_and_compile_once(bare: House) -> None:
    started = [bare.start("doctor") for _ in range(8)]
    ran = [ended(process, 600) for process in started]
    assert [each.code for each in ran] == [0] * 8, ran
    assert sum("train_step compiled" in each.err for each in ran) == 1
    assert len(list((bare.cache / "devices").iterdir())) == 1
