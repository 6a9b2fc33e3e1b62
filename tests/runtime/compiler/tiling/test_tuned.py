"""What `netspec tune` keeps: sealed, added to by one process at a time, and set aside with a sentence when damaged."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.compiler.target import target
from runtime.compiler.tiling import tuned
from runtime.compiler.tiling.tables import read_own
from runtime.compiler.tiling.tuned import chosen_lowerings, keep, own_file
from runtime.system import cache, paths
from tests.runtime.sandbox import ROOT

CPU = target("cpu")
END = "the rules are used until netspec tune is run again\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.ordinary
def test_two_processes_that_keep_fifty_tables_each_lose_none() -> None:
    code = (
        "import sys\n"
        "from runtime.compiler.tiling.tuned import keep\n"
        "for turn in range(50):\n"
        "    keep(('forms', 'tiles')[turn % 2], f'program{turn % 3}', {f'{sys.argv[1]} {turn}': None})\n"
    )
    command = [sys.executable, "-c", code]
    started = [
        subprocess.Popen([*command, name], cwd=ROOT, stderr=subprocess.PIPE, text=True) for name in ("one", "two")
    ]
    said = [process.communicate(timeout=120)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0], said
    assert not any("expected" in each for each in said)
    for kind, first in (("forms", 0), ("tiles", 1)):
        found = {name for table in tuned.read(kind, lambda name, plain: plain).values() for name in table}
        assert found == {f"{process} {turn}" for process in ("one", "two") for turn in range(first, 50, 2)}
    assert [path.name for path in paths.tuned_cache().iterdir() if path.suffix != ".lock"] == [own_file().name]


DEEP = b"[" * 200_000 + b"]" * 200_000


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff\xfe", DEEP, b"[]", b'{"forms": 1, "tiles": {}}'],
    ids=["empty", "cut", "bytes", "deep", "list", "kind"],
)
@pytest.mark.parametrize("sealed", [True, False])
def test_a_damaged_table_is_reported_and_the_rules_are_used(
    data: bytes, sealed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    if sealed:
        cache.keep(own_file(), data)
    else:
        cache.folder(own_file().parent)
        own_file().write_bytes(data)
    assert chosen_lowerings(CPU, "predict") == {}
    said = capsys.readouterr().err
    assert said.startswith(f"netspec: {own_file()}: ")
    assert said.endswith(END)
    assert said.count("\n") == 1
    if not sealed:
        assert not own_file().exists()
    keep("forms", "predict", {"channel_sum 1x2x3x4": "whole"})  # and the next one that is kept takes its place
    capsys.readouterr()
    assert chosen_lowerings(CPU, "predict") == {"channel_sum 1x2x3x4": "whole"}
    assert capsys.readouterr().err == ""


def test_a_flipped_bit_in_a_table_is_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    keep("forms", "predict", {"product_pieces 49x320x960": 4})
    whole = bytearray(own_file().read_bytes())
    whole[whole.index(b": 4") + 2] ^= 1
    own_file().write_bytes(whole)
    assert chosen_lowerings(CPU, "predict") == {}
    assert "found it changed" in capsys.readouterr().err


@pytest.mark.parametrize("content", [[], None, 1.5, True])
def test_an_option_that_is_none_is_reported_and_the_rules_are_used(
    content: object, capsys: pytest.CaptureFixture[str]
) -> None:
    keep("forms", "predict", {"channel_sum 1": content})
    assert chosen_lowerings(CPU, "predict") == {}
    assert capsys.readouterr().err.endswith(END)


def test_a_table_of_before_files_were_sealed_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    old = own_file().with_name(own_file().name.removeprefix("tables-"))
    cache.folder(old.parent)
    old.write_text(json.dumps({"processor": "x", "tiles": {}, "forms": {"predict": {"channel_sum 1": "whole"}}}))
    assert chosen_lowerings(CPU, "predict") == {}
    assert read_own() == {}
    assert old.exists()
    assert capsys.readouterr() == ("", "")
