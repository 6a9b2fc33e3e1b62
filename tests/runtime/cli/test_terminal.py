"""What commands print: text from outside is escaped and truncated, and JSON is valid."""

import ast
import dataclasses
import io
import json
import os
import re
import shutil
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import safetensors.numpy
from rich.table import Table

from runtime.checkpoint import load, save
from runtime.cli.screen import Screen
from runtime.cli.terminal import Forgiving
from runtime.system.files import json_text
from tests.runtime.sandbox import ROOT, House, draw

ALLOWED = {"terminal.py", "screen.py"}
# The main error line and click's own errors, until a command is known.
ITS_OWN = {"__init__.py"}
SOURCES = sorted(path for path in (ROOT / "runtime/cli").glob("*.py") if path.name not in ALLOWED | ITS_OWN)
PRINTERS = {"print", "echo", "secho", "Console", "Text", "write", "dumps", "echo_via_pager"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_command_prints_but_through_the_terminal_and_the_screen(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.module not in ("rich.console", "rich.text", "rich.markup", "rich", "click"), node.lineno
            continue
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name):
            assert called.id not in PRINTERS - {"echo"}, f"{path.name}:{node.lineno}"
        elif isinstance(called, ast.Attribute) and called.attr in PRINTERS:
            # A screen's own `print` is that of the escaping console.
            ours = isinstance(called.value, ast.Name | ast.Attribute) and called.attr == "print"
            assert ours, f"{path.name}:{node.lineno}"


EVIL = "a\x1b[2J\x1b]0;title\x07\x9b31m\u202e\r\nb"


def test_a_screen_escapes_lines_cells_headings_and_titles_and_reads_no_markup() -> None:
    stream = io.StringIO()
    screen = Screen(width=300, stream=stream)
    table = Table(title=EVIL, caption=EVIL)
    table.add_column(EVIL)
    table.add_row(EVIL)
    table.add_row("[red]x[/red] :smile:")
    screen.print(EVIL)
    screen.print(table)
    said = stream.getvalue()
    assert all(character.isprintable() or character == "\n" for character in said)
    assert "[red]x[/red] :smile:" in said
    assert said.count(r"\x1b[2J") == 5


def test_json_has_no_number_that_is_none() -> None:
    data = {"a": [float("nan"), 1.5, float("inf")], "b": (-float("inf"), {"c": np.float64("nan")}), "d": "ü\x9b"}
    text = json_text(data)
    assert json.loads(text, parse_constant=pytest.fail) == {
        "a": [None, 1.5, None],
        "b": [None, {"c": None}],
        "d": "ü\x9b",
    }
    assert text.isascii()
    assert text.isprintable()


def printable_alone(text: str) -> None:
    assert all(character.isprintable() or character == "\n" for character in text), ascii(text)


@pytest.mark.ordinary
def test_no_text_of_a_checkpoint_and_no_images_name_reaches_a_terminal_as_it_is(house: House, unbroken: Path) -> None:
    kept = load(unbroken / "best.safetensors")
    classes = (EVIL, "x" * 255, *kept.classes[2:])
    save(house.folder / "x.safetensors", dataclasses.replace(kept, classes=classes))
    image = draw(house.folder / f"{EVIL}.jpg".replace("/", ""), 1, 1)
    ran = house.run("predict", "x.safetensors", image)
    assert ran.code == 0, ran
    printable_alone(ran.out + ran.err)
    assert len(ran.out) < 3000
    assert len(ran.out.splitlines()) == 6
    named = json.loads(house.run("predict", "x.safetensors", image, "--json").out)
    assert named[0]["image"] == str(image)
    assert EVIL in named[0]["classes"]
    ran = house.run("eval", "x.safetensors", house.images)
    assert ran.code == 2
    printable_alone(ran.err)
    assert len(ran.err) < 3000
    ran = house.run("train", "tiny", house.images, "--batch-size", 16, "--epochs", 3, "--resume", "x.safetensors",
                    "--output", "new")  # fmt: skip
    assert ran.code == 2
    printable_alone(ran.out + ran.err)
    assert len(ran.err) < 3000


def opened_with(house: House, text: object) -> str:
    """What is said of a checkpoint of this format."""
    path = house.folder / "x.safetensors"
    safetensors.numpy.save_file({"a": np.zeros(3, np.float32)}, path, {"netspec": json.dumps({"format": text})})
    ran = house.run("eval", "x.safetensors", "nowhere")
    assert ran.code == 2
    printable_alone(ran.err)
    assert len(ran.err) < 1000
    return ran.err


def test_a_long_or_strange_format_of_a_checkpoint_is_shown_short_and_escaped(bare: House) -> None:
    for text in (EVIL, "y" * 3_000_000, ["z" * 3_000_000], {"\x1b": EVIL}):
        assert "expected a checkpoint of format netspec-checkpoint-1" in opened_with(bare, text)
    said = opened_with(bare, "y" * 50_000_000)
    assert re.search(r"expected a header of at most 16777216 bytes, found one of 500\d+", said)


def test_the_words_of_a_runs_record_are_shown_short_and_escaped(bare: House) -> None:
    (bare.folder / "run").mkdir()
    for text in (
        json.dumps({"net": {"name": EVIL, "layers": [EVIL]}, "config": {}}),
        json.dumps({"net": {"name": "n", "imageH": "x" * 10**6, "layers": []}, "config": {}}),
        json.dumps({"net": {"layers": [{"layer": "q" * 10**6}]}, "config": {EVIL: 1}}),
        json.dumps({"net": [], "config": []}),
        "[" * 100_000,
        '{"net": ' + "[" * 900 + "]" * 900 + ', "config": {}}',
        '{"net": {}, "config": {}, "more": ' + "[" * 600 + "]" * 600 + "}",
        "[]", "null", "NaN", "5", '"net config"', "",
    ):  # fmt: skip
        (bare.folder / "run/config.json").write_text(text)
        ran = bare.run("emit", "run")
        assert ran.code == 2, ran
        assert ran.err.startswith("netspec: run/config.json: "), ran.err
        printable_alone(ran.err)
        assert len(ran.err) < 1000
    (bare.folder / "run/config.json").write_bytes(b"\xff\xfe{}")
    assert "expected text in UTF-8" in bare.run("emit", "run").err


# What an output may replace.


def test_emit_replaces_what_it_wrote_and_nothing_else(bare: House) -> None:
    for arguments, other in ((("-o", "x"), ("-o", "x", "--manifest")), (("-o", "y", "--manifest"), ("-o", "y"))):
        for _ in range(2):
            assert bare.run("emit", "tiny", *arguments).code == 0
        before = (bare.folder / arguments[1]).read_bytes()
        ran = bare.run("emit", "tiny", *other)
        assert ran.code == 2
        assert "holds something else than netspec writes there, which would be lost" in ran.err
        assert (bare.folder / arguments[1]).read_bytes() == before
    (bare.folder / "x").write_text(
        "// My own network, written by hand\nmodule @mine {\n  func.func @main() { return }\n}\n"
    )
    (bare.folder / "y").write_text('{"entry_point": "mine", "todo": "x"}')
    for words in (("-o", "x"), ("-o", "y", "--manifest")):
        before = (bare.folder / words[1]).read_bytes()
        assert bare.run("emit", "tiny", *words).code == 2
        assert (bare.folder / words[1]).read_bytes() == before
    (bare.folder / "out").write_bytes(b"")
    (bare.folder / "device").symlink_to("out")
    ran = bare.run("emit", "tiny", "-o", "device")
    assert ran.code == 2
    assert "device: is a link, which would be replaced" in ran.err
    (bare.folder / "spec.py").write_bytes((ROOT / "specs/tiny.py").read_bytes())
    (bare.folder / "link").symlink_to("spec.py")
    for name in ("spec.py", "link"):
        assert bare.run("emit", "spec.py", "-o", name).code == 2
    assert (bare.folder / "spec.py").read_bytes() == (ROOT / "specs/tiny.py").read_bytes()
    (bare.folder / "empty").touch()
    assert bare.run("emit", "tiny", "-o", "empty").code == 0


def test_emit_leaves_a_file_that_may_not_be_written_to(bare: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bare.run("emit", "tiny", "-o", "kept").code == 0
    before = (bare.folder / "kept").stat()
    allowed = os.access

    def access(path: Path, mode: int) -> bool:  # as the administrator may write to everything
        return allowed(path, mode) and not (Path(path).name == "kept" and mode & os.W_OK)

    monkeypatch.setattr(os, "access", access)
    ran = bare.run("emit", "tiny", "-o", "kept")
    assert ran.code == 2
    assert "--output: kept: may not be written to, by its permissions" in ran.err
    assert (bare.folder / "kept").stat() == before


def test_emit_leaves_the_programs_of_a_run_and_takes_a_dash_for_standard_output(bare: House) -> None:
    shutil.copytree(ROOT / "tests/fixtures/ecf0936/run", bare.folder / "run")
    before = (bare.folder / "run/train_step.mlir").read_bytes()
    ran = bare.run("emit", "run", "-o", "run/train_step.mlir")
    assert ran.code == 2
    assert "run/train_step.mlir: belongs to the run in that folder" in ran.err
    assert (bare.folder / "run/train_step.mlir").read_bytes() == before
    assert bare.run("emit", "tiny", "-o", "-").out == bare.run("emit", "tiny").out
    assert not (bare.folder / "-").exists()


def test_what_is_said_beside_a_result_may_get_lost_and_the_result_may_not() -> None:
    full = io.StringIO()
    full.write = mock.Mock(side_effect=OSError(28, "No space left on device"))  # type: ignore[method-assign]
    stream = Forgiving(full)
    assert stream.write("some words") == 10
    stream.flush()
    assert not stream.isatty()
    full.write.assert_called_once_with("some words")


@pytest.mark.parametrize(
    "words", [("x" * 100_000,), ("summary", "tiny", "--classes", "7" * 100_000), ("emit", "x" * 100_000)]
)
def test_an_error_is_short_however_long_the_word_that_it_quotes(words: tuple[str, ...], bare: House) -> None:
    ran = bare.run(*words, "7" * 100_000)
    assert ran.code == 2
    assert len(ran.err) < 10_000


def test_a_name_of_a_network_has_an_end(bare: House) -> None:
    spec = (ROOT / "specs/tiny.py").read_text()
    for length, code in ((200, 0), (201, 2)):
        (bare.folder / "long.py").write_text(spec.replace('"Tiny"', repr("x" * length)))
        ran = bare.run("summary", "long.py")
        assert ran.code == code, ran.err
        assert ("NetSpec.name: expected at most 200 letters, received 201." in ran.err) == bool(code)


def test_profile_leaves_what_came_to_its_pages_name_while_it_measured(
    bare: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from runtime.profile import profile as module

    def measured(*_: object, **__: object) -> object:
        (bare.folder / "page.html").write_text("mine")
        return mock.Mock()

    monkeypatch.setattr(module, "profile", measured)
    monkeypatch.setattr("runtime.cli.profile._show", lambda *_: None)
    ran = bare.run("profile", "tiny", "--html", "page.html")
    assert ran.code == 2
    assert "holds something else than netspec writes there" in ran.err
    assert (bare.folder / "page.html").read_text() == "mine"


def test_profile_replaces_pages_of_its_own_alone_and_says_so_before_it_measures(bare: House) -> None:
    from runtime.profile.page import MARK

    (bare.folder / "mine.html").write_text("<html>mine</html>")
    ran = bare.run("profile", "tiny", "--html", "mine.html")
    assert ran.code == 2
    assert "--html: mine.html: holds something else than netspec writes there" in ran.err
    assert (bare.folder / "mine.html").read_text() == "<html>mine</html>"
    source = (ROOT / "runtime/profile/page.py").read_text()
    assert "{MARK.decode()}" in source
    assert b"netspec" in MARK


def test_verify_replaces_a_certificate_of_its_own_alone_and_says_so_before_it_checks(bare: House) -> None:
    for name in ("certificate.json", "repro"):
        folder = bare.folder / f"with-{name}"
        folder.mkdir()
        (folder / name).write_text('{"mine": 1}')
        ran = bare.run("verify", "tiny", "--quick", "--output", folder)
        assert ran.code == 2
        assert f"holds {name}, which is not of an earlier certificate and would be lost" in ran.err
        assert (folder / name).read_text() == '{"mine": 1}'
