"""Spec files: whatever is in one, an error is a sentence."""

import dataclasses
import sys
from pathlib import Path

import pytest

from netspec import Spec, SpecError, TrainConfig, load_spec
from netspec.layers import LAYERS
from netspec.loading import list_networks

NET = """from netspec import *

net = NetSpec(
    name="Net", imageH=8, imageW=8, activation="relu",
    layers=[convBn(3, 4, 3, 2, "same"), globalAvgPool(), dense(4, 3, "identity")],
)
"""
RECIPE = "recipe = TrainConfig(learningRate=0.1, batchSize=8, epochs=5)\n"

CHOICES = f"choose from {', '.join(LAYERS)}, NetSpec, TrainConfig"
NONE = (
    ": expected a NetSpec, found none; define a network: name = NetSpec(...), or, with a width, def name(width: float "
    "= 1.0) -> NetSpec: return NetSpec(...)."
)
FIELDS = f"its fields are {', '.join(field.name for field in dataclasses.fields(TrainConfig))}"


def refused(path: Path, *chosen: object) -> str:
    """What `load_spec` says of a file, without the path that it begins with."""
    with pytest.raises(SpecError) as wrong:
        load_spec(path, *chosen)  # type: ignore[arg-type]
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
    ("from netspec import lstm", f", line 1: netspec has no 'lstm'; {CHOICES}."),
    ("from netspec.layers import maxpool", ", line 1: netspec has no 'maxpool' (did you mean maxPool?)."),
    ("import netspec.conv2D", ", line 1: netspec has no 'conv2D' (did you mean conv2d?)."),
    ("from netspec import convbn", ", line 1: netspec has no 'convbn' (did you mean convBn?)."),
    ("import netspec as ns\nns.ConvBN(3)", ", line 2: netspec has no 'ConvBN' (did you mean convBn?)."),
    ("net = NetSpec()", ", line 1: NetSpec is not imported; write `from netspec import NetSpec`."),
    ("from netspec import *\nconv_2d(3)", ", line 2: there is no 'conv_2d' (did you mean conv2d?)."),
    ("None.x", ", line 1: the file raised AttributeError: 'NoneType' object has no attribute 'x'."),
    ("int = None\nint()", ", line 2: the file raised TypeError: 'NoneType' object is not callable."),
    ("raise BaseException('x' * 1000)", f", line 1: the file raised BaseException: {'x' * 300}."),
    ("class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd", ", line 3: the file raised Odd."),
    ("from netspec import *\nconvBn(3, 4)", ", line 2: convBn lacks 'kSize', 'stride', and 'pad'; write convBn(ic, oc, "
     "kSize, stride, pad, act=None, groups=1, dilation=1)."),
    ("from netspec import *\nuib(3, 4, 3, 1, 3, 3, True, None, None, 7)", ", line 2: uib takes at most 9 arguments, "
     "received 10; write uib(ic, oc, expandRatio, stride, preDWk, postDWk, middleDwDownsample=True, scale=None, "
     "act=None)."),
    ("from netspec import *\nflatten(7)", ", line 2: flatten takes no argument, received 1; write flatten()."),
    ("from netspec import *\nconv2d(3, 4, ic=3)", ", line 2: conv2d received 'ic' twice, by its place and by its name; "
     "write conv2d(ic, oc, kSize, pad, act, stride=1, bias=True, "
     "groups=1, dilation=1)."),
    ("from netspec import *\nconv2d(3, 4, kernel_size=3)", ", line 2: conv2d has no 'kernel_size'; "
     "write conv2d(ic, oc, kSize, pad, act, stride=1, bias=True, "
     "groups=1, dilation=1)."),
    ("from netspec import *\ndense(3, fan_out=4)", ", line 2: dense has no 'fan_out' (did you mean fanOut?); "
     "write dense(fanIn, fanOut, act)."),
    ("from netspec import *\nNetSpec(channels=1)", ", line 2: NetSpec has no 'channels'; write NetSpec(name, layers, "
     "imageH, imageW, activation=None, padding=None, bnEps=1e-05, bnMomentum=0.1, convInit='fan_out', "
     "denseInit='narrow', imageC=3, preprocessing=Preprocessing(), dropPath=0.0)."),
    ("from netspec import *\nTrainConfig(lr=0.1)", f", line 2: TrainConfig has no 'lr' (did you mean learningRate?); "
     f"{FIELDS}."),
    ("raise ValueError('\x1b[2J')", r", line 1: the file raised ValueError: \x1b[2J."),

    ("from netspec import *\nTrainConfig(learningRate=0.1, batchSize=8, epochs=5, channels=0.5)", ", line 2: "
     f"TrainConfig has no 'channels'; {FIELDS}."),
    ("", NONE),
    (RECIPE.join(["from netspec import *\n", ""]), NONE),
    (NET.replace("\nnet =", "\n_net ="), NONE),
    ("from netspec import *\ndef net(width=1.0): return 1\ndef _net() -> NetSpec: return 1", NONE),
    (NET + RECIPE + "import dataclasses\nother = dataclasses.replace(net)", ": has 2 networks: choose one by its name "
     "after a colon, as in spec:net, of net, other."),
    (NET + RECIPE + RECIPE.replace("recipe", "other"), ": expected one TrainConfig, found 2 (recipe, other); keep one "
     "a file."),
    (NET.replace("convBn(3, ", "convBn(1, ") + RECIPE, ': layer 0, convBn(1, 4, 3, 2, "same"): expected ic=3, the '
     "channels that reach it, received ic=1; write ic=3 here: images are read as RGB, gray ones with three equal "
     "channels; or add imageC=1 to the NetSpec."),
    (NET + RECIPE.replace("8", "0"), ": TrainConfig.batchSize: expected a whole number at least 1 and at most 65536, "
     "received 0."),
]  # fmt: skip


@pytest.mark.parametrize(("content", "said"), CONTENTS)
def test_the_error_for_a_spec_file_names_its_line_and_its_mistake(
    content: str | bytes, said: str, tmp_path: Path
) -> None:
    assert refused(written(tmp_path, content)) == said


# Several networks, and functions.

BODY = """from netspec import *

def _body(channels: int) -> NetSpec:
    return NetSpec("Net", [convBn(3, channels, 3, 2, "same"), globalAvgPool(), dense(channels, 3, "identity")], 8, 8,
                   "relu")

"""
FUNCTIONS = f"""{BODY}
def small(width: float = 1.0) -> NetSpec:
    return _body(int(8 * width))

def large(width: float = 2, *rest, channels=32, **more) -> "NetSpec":
    return _body(divisible(channels * width))

def plain() -> NetSpec:
    return _body(4)

def needs(channels: int) -> NetSpec:
    return _body(channels)

again = plain
"""


def test_a_files_networks_are_its_values_and_where_it_has_none_its_functions(tmp_path: Path) -> None:
    assert list_networks(written(tmp_path, NET + "other = NetSpec('B', net.layers, 8, 8, 'relu')\n_third = net\n")) == {
        "net": False,
        "other": False,
    }
    path = written(tmp_path, FUNCTIONS)
    assert list_networks(path) == {"small": True, "large": True, "plain": False}
    assert list_networks(written(tmp_path, FUNCTIONS + "net = small(0.5)\n")) == {"net": False}
    assert load_spec(path).net.name == "Net"
    later = "from __future__ import annotations\nimport netspec\ndef net() -> netspec.NetSpec: return made\n"
    assert list_networks(written(tmp_path, later)) == {"net": False}


def channels(path: Path, *chosen: object) -> int:
    return load_spec(path, *chosen).net.layers[0].oc  # type: ignore[arg-type,attr-defined,no-any-return]


def test_a_width_is_given_to_the_function_and_is_in_the_networks_name(tmp_path: Path) -> None:
    path = written(tmp_path, FUNCTIONS)
    assert [channels(path, "small"), channels(path, "small", 0.5), channels(path, "small", 1)] == [8, 4, 8]
    assert [channels(path, "large"), channels(path, "large", 1.0)] == [64, 32]
    named = [load_spec(path, *chosen).net.name for chosen in (("small", 0.35), ("small", 1.0), ("large", 2.0))]
    assert named == ["Net 0.35", "Net", "Net"]
    assert load_spec(path, "large", 1).net.name == "Net 1"


CHOICES_OF = [
    ((), ": has 3 networks: choose one by its name after a colon, as in spec:small, of small, large, plain."),
    (("smal",), ": has no network 'smal' (did you mean small?): choose one of small, large, plain."),
    (("",), ": has no network '': choose one of small, large, plain."),
    (("needs",), ": has no network 'needs': choose one of small, large, plain."),
    (("plain", 0.5), ": plain has no width: leave --width out, or write its channels in the spec as they depend on "
     "one: def plain(width: float = 1.0) -> NetSpec: return NetSpec(...)."),
    (("small", 0), ": width: expected a number above 0 and at most 16, received 0."),
    (("small", float("nan")), ": width: expected a number above 0 and at most 16, received nan."),
    (("small", 17), ": width: expected a number above 0 and at most 16, received 17."),
    (("small", 0.1), ": layer 0, convBn: oc: expected a whole number at least 1 and at most 65536, received 0."),
]  # fmt: skip


@pytest.mark.parametrize(("chosen", "said"), CHOICES_OF)
def test_the_error_for_a_choice_names_what_can_be_chosen(chosen: tuple[object, ...], said: str, tmp_path: Path) -> None:
    assert refused(written(tmp_path, FUNCTIONS.replace("again = plain", "")), *chosen) == said


def test_a_file_that_only_has_values_has_no_width(tmp_path: Path) -> None:
    assert refused(written(tmp_path, NET), None, 0.5).startswith(": net has no width: leave --width out, or write")


WRONG = [
    ("return 1 / 0", ", line 4: the file raised ZeroDivisionError: division by zero."),
    ("return net(width)", ", line 4: the file raised RecursionError: maximum recursion depth exceeded."),
    ("raise SystemExit", ", line 4: the file raised SystemExit."),
    ("return [convBn(3, 4, 3, 2, 'same')]", ", line 3: expected net() to return a NetSpec, received list."),
    ("pass", ", line 3: expected net() to return a NetSpec, received NoneType."),
    ("yield 1", ", line 3: expected net() to return a NetSpec, received generator."),
    ("return NetSpec(width, [], 8, 8)", ": NetSpec.name: expected a text, received 0.5."),
    ("return convBN(3)", ", line 4: there is no 'convBN' (did you mean convBn?)."),
    ("import nothing_of_that_name", ", line 4: there is no module 'nothing_of_that_name': neither installed for "
     f"{sys.executable} nor beside the spec."),
]  # fmt: skip


@pytest.mark.parametrize(("body", "said"), WRONG)
def test_the_error_for_a_networks_function_names_its_line(body: str, said: str, tmp_path: Path) -> None:
    text = f"from netspec import *\n\ndef net(width: float = 1.0) -> NetSpec:\n    {body}\n"
    assert refused(written(tmp_path, text), None, 0.5).replace(" while calling a Python object", "") == said


def test_a_function_that_cannot_be_called_without_arguments_is_named_where_there_is_no_other(tmp_path: Path) -> None:
    text = "from netspec import *\n\ndef net(ic, width=1.0) -> NetSpec: return 1\n"
    assert refused(written(tmp_path, text)) == (
        ", line 3: expected a network's function to have a default for every parameter, found none for ic; write def "
        "net(ic=...)."
    )


def test_a_networks_function_may_import_the_file_beside_it_and_prints_beside_the_commands_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sizes.py").write_text("channels = 6\n")
    body = 'def net() -> NetSpec:\n    from sizes import channels\n    print("here")\n    return _body(channels)\n'
    path = written(tmp_path, BODY + body)
    before = state()
    assert channels(path) == 6
    assert state() == before
    assert capsys.readouterr() == ("", "here\n")


def test_ctrl_c_while_a_networks_function_runs_is_not_the_files_mistake(tmp_path: Path) -> None:
    text = "from netspec import *\ndef net() -> NetSpec: raise KeyboardInterrupt\n"
    with pytest.raises(KeyboardInterrupt):
        load_spec(written(tmp_path, text))


def test_an_odd_signature_is_no_mistake_of_the_loader(tmp_path: Path) -> None:
    body = "def net() -> NetSpec: return _body(4)\nnet.__signature__ = 7\n"
    assert channels(written(tmp_path, BODY + body)) == 4


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
        ("from netspec import lstm", f", line 1, blocks.py, line 1: netspec has no 'lstm'; {CHOICES}."),
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
