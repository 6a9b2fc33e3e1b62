"""Spec files: whatever is in one, its user is told a sentence."""

from pathlib import Path

import pytest

from netspec import Spec, SpecError, load_spec

NET = """from netspec import *

net = NetSpec(
    name="Net", imageH=8, imageW=8, activation="relu",
    layers=[convBn(3, 4, 3, 2, "same"), globalAvgPool(), dense(4, 3, "identity")],
)
"""
RECIPE = "recipe = TrainConfig(learningRate=0.1, batchSize=8, epochs=5)\n"


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


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
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
    ("import nothing_of_that_name", ", line 1: the file raised ModuleNotFoundError: No module named "
     "'nothing_of_that_name'."),
    ("raise BaseException('x' * 1000)", f", line 1: the file raised BaseException: {'x' * 300}."),
    ("class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd", ", line 3: the file raised Odd."),
    ("from netspec import *\nconvBn(3, 4)", ", line 2: the file raised TypeError: convBn.__init__() missing 3 required "
     "positional arguments: 'kSize', 'stride', and 'pad'."),
    ("from netspec import *\nTrainConfig(learningRate=0.1, batchSize=8, epochs=5, dropout=0.5)", ", line 2: the file "
     "raised TypeError: TrainConfig.__init__() got an unexpected keyword argument 'dropout'."),
    ("", ": expected one NetSpec, found none; define a network: name = NetSpec(...)."),
    (RECIPE.join(["from netspec import *\n", ""]), ": expected one NetSpec, found none; define a network: name = "
     "NetSpec(...)."),
    (NET, ": expected one TrainConfig, found none; define a recipe: config = TrainConfig(...)."),
    (NET + RECIPE + "import dataclasses\nother = dataclasses.replace(net)", ": expected one NetSpec, found 2 "
     "(net, other); keep one a file."),
    (NET + RECIPE + RECIPE.replace("recipe", "other"), ": expected one TrainConfig, found 2 (recipe, other); keep one "
     "a file."),
    (NET.replace("convBn(3, ", "convBn(1, ") + RECIPE, ': layer 0, convBn(1, 4, 3, 2, "same"): expected ic=3, the '
     "channels that reach it, received ic=1; write ic=3 here, or give 1 channels before it."),
    (NET + RECIPE.replace("8", "0"), ": TrainConfig.batchSize: expected a whole number at least 1 and at most 65536, "
     "received 0."),
]  # fmt: skip


@pytest.mark.parametrize(("content", "said"), CONTENTS)
def test_a_wrong_spec_file_is_told_its_place_and_its_mistake(content: str | bytes, said: str, tmp_path: Path) -> None:
    assert refused(written(tmp_path, content)) == said


def test_ctrl_c_while_a_spec_file_runs_is_not_the_files_mistake(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        load_spec(written(tmp_path, "raise KeyboardInterrupt"))
