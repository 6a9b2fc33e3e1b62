"""Spec files: whatever is in one, an error is a sentence."""

import sys
from pathlib import Path

import pytest

from netspec import Spec, SpecError, TrainConfig, load_spec

NET = """from netspec import *

net = NetSpec(
    name="Net", imageH=8, imageW=8, activation="relu",
    layers=[convBn(3, 4, 3, 2, "same"), globalAvgPool(), dense(4, 3, "identity")],
)
"""
RECIPE = "recipe = TrainConfig(learningRate=0.1, batchSize=8, epochs=5)\n"

CHOICES = (
    "choose from conv2d, convBn, invertedResidual, residualBlock, maxPool, globalAvgPool, flatten, dense, NetSpec, "
    "TrainConfig"
)
FIELDS = (
    "write TrainConfig(learningRate=0.001, batchSize=32, epochs=80, useAdam=True, weightDecay=0.0001, "
    "cosineDecay=True, warmupEpochs=3, augment=True, labelSmoothing=0.1, momentum=0.0, seed=0, precision='f32')"
)


def refused(path: Path) -> str:
    """What `load_spec` says of a file, without the path that it begins with."""
    with pytest.raises(SpecError) as wrong:
        load_spec(path)
    said = str(wrong.value)
    assert said.startswith(str(path))
    assert "\n" not in said
    return said.removeprefix(str(path))


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "spec.py"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_spec_file_gives_its_network_its_recipe_and_its_text(tmp_path: Path) -> None:
    spec = load_spec(written(tmp_path, NET + RECIPE))
    assert isinstance(spec, Spec)
    assert (spec.net.name, spec.config.epochs, spec.source) == ("Net", 5, NET + RECIPE)


def test_two_names_of_one_network_are_one_network(tmp_path: Path) -> None:
    assert load_spec(written(tmp_path, NET + RECIPE + "again = net\n")).net.name == "Net"


def test_a_spec_file_may_say_that_it_is_run_for_itself(tmp_path: Path) -> None:
    load_spec(written(tmp_path, NET + RECIPE + 'if __name__ == "__main__":\n    raise SystemExit("not here")\n'))


def test_a_missing_file_and_a_folder_have_different_errors(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.py") == ": there is no such spec file."
    assert refused(tmp_path) == ": expected a spec file (.py), received a folder."


CONTENTS: list[tuple[str | bytes, str]] = [
    (b"\x7fELF\x02\x01\xff\xfe", ": expected Python in UTF-8, received other bytes; is it a spec file?"),
    (NET.encode("utf-16"), ": expected Python in UTF-8, received other bytes; is it a spec file?"),
    (b"x = 1\0", ": not valid Python: source code string cannot contain null bytes."),
    ("net = NetSpec(\n", ", line 1: not valid Python: '(' was never closed."),
    (f"x = {'(' * 300}{')' * 300}", ", line 1: not valid Python: too many nested parentheses."),
    ("\nraise ValueError('two\\nlines')", ", line 2: the file raised ValueError: two lines."),
    ("raise ValueError", ", line 1: the file raised ValueError."),
    ("import sys\nsys.exit(0)", ", line 2: the file raised SystemExit: 0."),
    ("def f(): f()\n\n\nf()", ", line 1: the file raised RecursionError: maximum recursion depth exceeded."),
    ("import nothing_of_that_name.at_all", ", line 1: there is no module 'nothing_of_that_name': neither installed for "
     f"{sys.executable} nor beside the spec."),
    ("from netspec import depthwise", f", line 1: netspec has no 'depthwise'; {CHOICES}."),
    ("from netspec.layers import maxpool", f", line 1: netspec has no 'maxpool' (did you mean maxPool?); {CHOICES}."),
    ("import netspec.conv2D", f", line 1: netspec has no 'conv2D' (did you mean conv2d?); {CHOICES}."),
    ("from netspec import convbn", f", line 1: netspec has no 'convbn' (did you mean convBn?); {CHOICES}."),
    ("import netspec as ns\nns.ConvBN(3)", f", line 2: netspec has no 'ConvBN' (did you mean convBn?); {CHOICES}."),
    ("net = NetSpec()", ", line 1: NetSpec is not imported; write `from netspec import NetSpec`."),
    ("from netspec import *\nconv_2d(3)", f", line 2: there is no 'conv_2d' (did you mean conv2d?); {CHOICES}."),
    ("None.x", ", line 1: the file raised AttributeError: 'NoneType' object has no attribute 'x'."),
    ("int = None\nint()", ", line 2: the file raised TypeError: 'NoneType' object is not callable."),
    ("raise BaseException('x' * 1000)", f", line 1: the file raised BaseException: {'x' * 300}."),
    ("class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd", ", line 3: the file raised Odd."),
    ("from netspec import *\nconvBn(3, 4)", ", line 2: convBn lacks 'kSize', 'stride', and 'pad'; write convBn(ic, oc, "
     "kSize, stride, pad, act=None)."),
    ("from netspec import *\nconvBn(3, 4, 3, 1, 'same', 'relu', 7)", ", line 2: convBn takes at most 6 arguments, "
     "received 7; write convBn(ic, oc, kSize, stride, pad, act=None)."),
    ("from netspec import *\nglobalAvgPool(7)", ", line 2: globalAvgPool takes no argument, received 1; write "
     "globalAvgPool()."),
    ("from netspec import *\nconv2d(3, 4, ic=3)", ", line 2: conv2d received 'ic' twice, by its place and by its name; "
     "write conv2d(ic, oc, kSize, pad, act, stride=1)."),
    ("from netspec import *\nconv2d(3, 4, kernel_size=3)", ", line 2: conv2d has no 'kernel_size'; "
     "write conv2d(ic, oc, kSize, pad, act, stride=1)."),
    ("from netspec import *\ndense(3, fan_out=4)", ", line 2: dense has no 'fan_out' (did you mean fanOut?); "
     "write dense(fanIn, fanOut, act)."),
    ("from netspec import *\nNetSpec(channels=1)", ", line 2: NetSpec has no 'channels'; write NetSpec(name, layers, "
     "imageH, imageW, activation=None, padding=None, bnEps=1e-05, bnMomentum=0.1)."),
    ("from netspec import *\nTrainConfig(lr=0.1)", f", line 2: TrainConfig has no 'lr' (did you mean learningRate?); "
     f"{FIELDS}."),
    ("raise ValueError('\x1b[2J')", r", line 1: the file raised ValueError: \x1b[2J."),

    ("from netspec import *\nTrainConfig(learningRate=0.1, batchSize=8, epochs=5, dropout=0.5)", ", line 2: "
     f"TrainConfig has no 'dropout'; {FIELDS}."),
    ("", ": expected one NetSpec, found none; define a network: name = NetSpec(...)."),
    (RECIPE.join(["from netspec import *\n", ""]), ": expected one NetSpec, found none; define a network: name = "
     "NetSpec(...)."),
    (NET + RECIPE + "import dataclasses\nother = dataclasses.replace(net)", ": expected one NetSpec, found 2 "
     "(net, other); keep one a file."),
    (NET + RECIPE + RECIPE.replace("recipe", "other"), ": expected one TrainConfig, found 2 (recipe, other); keep one "
     "a file."),
    (NET.replace("convBn(3, ", "convBn(1, ") + RECIPE, ': layer 0, convBn(1, 4, 3, 2, "same"): expected ic=3, the '
     "channels that reach it, received ic=1; write ic=3 here: images are read as RGB, gray ones with three equal "
     "channels."),
    (NET + RECIPE.replace("8", "0"), ": TrainConfig.batchSize: expected a whole number at least 1 and at most 65536, "
     "received 0."),
]  # fmt: skip


@pytest.mark.parametrize(("content", "said"), CONTENTS)
def test_the_error_for_a_spec_file_names_its_line_and_its_mistake(
    content: str | bytes, said: str, tmp_path: Path
) -> None:
    assert refused(written(tmp_path, content)) == said


def test_ctrl_c_while_a_spec_file_runs_is_not_the_files_mistake(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        load_spec(written(tmp_path, "raise KeyboardInterrupt"))


def test_a_spec_without_a_recipe_has_the_default_one_and_says_that_it_is_not_its_own(tmp_path: Path) -> None:
    bare, own = load_spec(written(tmp_path, NET)), load_spec(written(tmp_path, NET + "config = TrainConfig()\n"))
    assert bare.config == own.config == TrainConfig()
    assert (bare.has_recipe, own.has_recipe) == (False, True)


def test_a_path_that_no_file_system_takes_is_reported(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"^.{200}\.\.\. \(\d+ characters\): cannot be read: File name too long\.$"):
        load_spec(tmp_path / ("x" * 5000))


def test_a_spec_file_may_be_named_by_a_text(tmp_path: Path) -> None:
    path = written(tmp_path, NET)
    assert load_spec(str(path)) == load_spec(path)
    with pytest.raises(SpecError, match="there is no such spec file"):
        load_spec("nowhere.py")


# What lies beside a spec file.

BESIDE = "from netspec import convBn\n\ndef stem():\n    return convBn(3, 4, 3, 2, 'same')\n"
USING = "from blocks import stem\n" + NET.replace('convBn(3, 4, 3, 2, "same")', "stem()")


def state() -> tuple[list[str], set[str], set[str]]:
    """What an import leaves behind: the search path, the modules, the folders that were looked into."""
    folders = {entry for entry in sys.path_importer_cache if Path(entry).is_dir()}
    return list(sys.path), set(sys.modules), folders


@pytest.mark.parametrize("place", ["blocks.py", "blocks/__init__.py"])
def test_a_spec_file_imports_the_file_beside_it_and_nothing_is_left_of_that(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, USING)
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text(BESIDE)
    monkeypatch.chdir(tmp_path.parent)
    before = state()
    for given in (path, path.relative_to(tmp_path.parent)):  # as a path from elsewhere, too
        assert len(load_spec(given).net.layers) == 3
        assert state() == before
    (tmp_path / place).write_text(BESIDE.replace("3, 4", "3, 5"))  # and it is read anew each time
    with pytest.raises(SpecError, match="fanIn=5"):
        load_spec(path)
    assert state() == before
    assert not list(tmp_path.rglob("__pycache__"))


def test_specs_of_two_folders_have_each_their_own_file_of_one_name(tmp_path: Path) -> None:
    for name, width in (("a", 4), ("b", 6)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "blocks.py").write_text(f"WIDTH = {width}\n")
        text = NET.replace("3, 4,", "3, WIDTH,").replace("dense(4", "dense(WIDTH")
        written(tmp_path / name, "from blocks import WIDTH\n" + text)
    found = [load_spec(tmp_path / name / "spec.py").net.layers[0] for name in ("a", "b")]
    assert [str(each) for each in found] == ['convBn(3, 4, 3, 2, "same")', 'convBn(3, 6, 3, 2, "same")']


def test_a_file_beside_a_spec_takes_the_place_of_nothing_that_is_installed(tmp_path: Path) -> None:
    for name in ("netspec", "emit", "runtime", "numpy", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported')\n")
    assert load_spec(written(tmp_path, "import json, numpy, emit, runtime\n" + NET)).net.name == "Net"
    said = refused(written(tmp_path, "from runtime import mine\n" + NET))
    assert said.startswith(", line 1: cannot import name 'mine' from 'runtime'")
    assert said.endswith("what is installed under the name runtime comes before the file beside the spec; rename it.")


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ("x = 1\nraise ValueError('no')", ", line 1, blocks.py, line 2: the file raised ValueError: no."),
        ("from netspec import depthwise", f", line 1, blocks.py, line 1: netspec has no 'depthwise'; {CHOICES}."),
        ("other = 1", ", line 1: the file raised ImportError: cannot import name 'stem' from 'blocks' ("),
    ],
)
def test_a_mistake_in_a_file_beside_a_spec_is_reported_with_both_places(beside: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "blocks.py").write_text(beside)
    before = state()
    assert refused(written(tmp_path, USING)).startswith(said)
    assert state() == before


def test_a_folder_that_a_spec_adds_to_the_search_path_is_taken_out_again(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more/blocks.py").write_text(BESIDE)
    before = state()
    load_spec(written(tmp_path, f"import sys\nsys.path.insert(0, {str(tmp_path / 'more')!r})\n" + USING))
    assert state() == before
