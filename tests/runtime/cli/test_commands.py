"""The command line: every command, its help, its errors, and its start-up time."""

import dataclasses
import json
import re
import resource
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from emit.programs import ENTRY_POINTS
from netspec import TrainConfig
from runtime.checkpoint import load, save
from runtime.cli import COMMANDS, cli
from runtime.cli.networks import PROGRAMS
from runtime.engine import iree as device
from runtime.report import Report, duration
from tests.runtime.sandbox import BATCH, CLASSES, MICRO, ROOT, VAL, House, Ran, draw, draw_folder, training

ordinary = pytest.mark.ordinary


def sentence(ran: Ran, code: int = 2) -> str:
    """What a failed command says last: one line with the reason."""
    assert ran.code == code, ran
    assert "Traceback" not in ran.err
    said = ran.err.splitlines()[-1]
    assert said.startswith(("netspec: ", "Error: "))
    assert said.endswith((".", "?"))
    return said.partition(": ")[2]


# Help.


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_the_help_of_every_command_says_what_it_does_and_carries_an_example_that_parses(
    command: str, bare: House
) -> None:
    ran = bare.run(*filter(None, [command]), "--help")
    assert ran.code == 0
    (example,) = re.findall(r"^ *Example: (.*(?:\n .*)?)", ran.out, re.MULTILINE)
    words = shlex.split(example)
    words = words[words.index("netspec") :]
    assert words[1] == (command or "train")
    parent = click.Context(cli, **cli.context_settings)
    found = cli.get_command(parent, words[1])
    assert found is not None
    assert found.make_context(words[1], words[2:], parent).params


def test_the_help_lists_every_command_and_both_variables(bare: House) -> None:
    said = bare.run("--help").out
    assert all(f"  {name} " in said and text in said for name, text in COMMANDS.items())
    assert "IREE_BACKEND" in said
    assert "IREE_CHIP" in said


def test_a_command_is_in_the_list_when_its_file_is_there() -> None:
    files = {path.stem for path in (ROOT / "runtime/cli").glob("*.py") if path.stem[0] != "_"}
    commands = {stem.rstrip("_").replace("_", "-") for stem in files - {"networks", "terminal", "screen", "weights"}}
    assert commands == set(COMMANDS)
    for name in COMMANDS:
        assert CliRunner().invoke(cli, [name, "-h"]).exit_code == 0


HEAVY = ("numpy", "iree", "PIL", "matplotlib", "rich", "safetensors", "emit", "runtime.compiler", "runtime.training")


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["--version"], ["nothing"]])
def test_what_needs_no_machine_loads_none_and_ends_in_half_a_second(arguments: list[str]) -> None:
    code = (
        "import sys, runtime.cli\n"
        f"sys.argv = ['netspec', *{arguments}]\n"
        "try: runtime.cli.main()\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.stderr.splitlines()[-1] == "[]"
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5


def test_the_version_is_the_packages(bare: House) -> None:
    text = (ROOT / "netspec/__init__.py").read_text()
    (version,) = re.findall(r'^__version__ = "(.*)"', text, re.MULTILINE)
    assert version in bare.run("--version").out


# Wrong words.

FIELDS = ", ".join(field.name for field in dataclasses.fields(TrainConfig))
BUNDLED = (
    "efficientnet, efficientnet_lite, efficientnet_v2, mnasnet, mobilenet_v1, mobilenet_v2, mobilenet_v3, "
    "mobilenet_v4, resnet18, resnet34, resnet50, resnet101, tiny"
)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing"], "No such command 'nothing'."),
        (["emit"], "Missing argument 'SPEC'."),
        (["emit", "tiny", "test_step"], "Invalid value for '[train_step|evaluate|predict]': 'test_step' is not one of "
         "'train_step', 'evaluate', 'predict'."),
        (["emit", "tiny", "--batchsize", "3"], "No such option '--batchsize'. (Did you mean one of: "
         "'--batch-size', '--image-size'?)"),
        (["emit", "tiny", "--batch-size", "0"], "TrainConfig.batchSize: expected a whole number at least 1 and at most "
         "65536, received 0."),
        *((["emit", "tiny", "--image-size", size], "Invalid value for '--image-size': expected pixels as in 96 or, for "
           f"height and width, 192x256, each from 1 to 4096, received '{size}'.")
          for size in ("0", "4097", "96x", "x96", "96x0", "96x96x3", "-1", "9.5", "٩", "1" * 50, "large")),
        *((["summary", "mobilenet_v2", "--width", width], "Invalid value for '--width': expected a number above 0 and "
           f"at most 16, received {shown}.")
          for width, shown in (("0", "0.0"), ("-1", "-1.0"), ("nan", "nan"), ("inf", "inf"), ("17", "17.0"),
                               ("wide", "'wide'"))),
        (["summary", "mobilenet_v2:large"], f"{ROOT}/specs/mobilenet_v2.py: has no network 'large': choose one of "
         "mobilenetV2."),
        (["summary", "mobilenet_v3"], f"{ROOT}/specs/mobilenet_v3.py: has 2 networks: choose one by its name after a "
         "colon, as in mobilenet_v3:large, of large, small."),
        (["summary", "mobilenet_v3:smal"], f"{ROOT}/specs/mobilenet_v3.py: has no network 'smal' (did you mean "
         "small?): choose one of large, small."),
        (["summary", "mobilenet_v5:small"], f"mobilenet_v5: no such file, nor a bundled spec (did you mean "
         f"mobilenet_v4?): choose one of {BUNDLED}."),
        (["summary", "nothing.py:net"], "nothing.py: there is no such spec file."),
        (["summary", ":net"], f":net: no such file, nor a bundled spec: choose one of {BUNDLED}."),
        (["bench", "tiny", "--width", "2"], f"{ROOT}/specs/tiny.py: tiny has no width: leave --width out, or write its "
         "channels in the spec as they depend on one: def tiny(width: float = 1.0) -> NetSpec: return NetSpec(...)."),
        (["summary", "tiny", "--classes", "1"], "Invalid value for '--classes': 1 is not in the range 2<=x<=65536."),
        (["summary", "resnet152"], f"resnet152: no such file, nor a bundled spec (did you mean resnet50?): choose one "
         f"of {BUNDLED}."),
        (["summary", "nothing.py"], "nothing.py: there is no such spec file."),
        (["train", "tiny", "--max-steps", "0"], "Invalid value for '--max-steps': 0 is not in the range x>=1."),
        (["train", "tiny", "--set", "augment"], "Invalid value for '--set': expected FIELD=VALUE, received 'augment'."),
        (["train", "tiny", "--set", "agument=no"], "TrainConfig has no field 'agument' (did you mean augment?): "
         f"choose one of {FIELDS}."),
        (["train", "tiny", "--set", "augment=so"], "TrainConfig.augment: expected True or False, received 'so'."),
        (["train", "tiny", "--set", "=1"], f"TrainConfig has no field '': choose one of {FIELDS}."),
        (["train", "tiny", "--epochs", "3", "--set", "epochs=4"], "epochs is given twice: by its own option and "
         "by --set."),
        (["train", "tiny", "--epochs", "1", "--set", "warmupEpochs=1"],
         "TrainConfig.warmupEpochs: expected fewer than epochs=1, received "
         "1; lower it "
         "(--set warmupEpochs=0) or train for longer."),
        (["train", "tiny", "--set", "momentum=0.9"], "TrainConfig.momentum: 0.9 is without use in this recipe; write "
         'optimizer="sgd" or optimizer="rmsprop", or remove momentum.'),
        (["train", "tiny", "nowhere"], "The image folder nowhere does not exist; expected DIR/train/<class>/*.jpg and "
         "DIR/val/<class>/*.jpg. Check the path."),
        (["eval", "nowhere", "nowhere"], "nowhere: there is no such checkpoint; expected a .safetensors file that "
         "train wrote."),
        (["predict", "nowhere"], "Missing argument 'IMAGES...'."),
        (["predict", "nowhere", "x.jpg"], "nowhere: there is no such checkpoint; expected a .safetensors file that "
         "train wrote."),
        (["emit", "tiny", "-o", "no/such/x.mlir"], "Invalid value for --output: no/such/x.mlir: there is no folder "
         "no/such."),
    ],
)  # fmt: skip
def test_a_wrong_word_is_reported_in_a_sentence_with_exit_code_2_and_leaves_nothing(
    arguments: list[str], said: str, bare: House
) -> None:
    ran = bare.run(*arguments)
    assert ran.code == 2
    assert ran.err.splitlines()[-1].partition(": ")[2] == said
    assert not list((bare.folder).glob("*/*.safetensors"))
    assert not (bare.folder / "runs").exists()
    assert not (bare.folder / "no").exists()


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"IREE_BACKEND": "gpu"}, "IREE_BACKEND='gpu' is unknown: choose one of cpu, cuda, rocm, vulkan, metal."),
        ({"IREE_CHIP": "pentium"}, "IREE_CHIP='pentium' is unknown for cpu: choose one of host, generic."),
        ({"IREE_BACKEND": "metal"}, "IREE_BACKEND=metal: no such device on this machine; there is cpu."),
    ],
)
def test_a_wrong_target_is_reported_before_the_images_are_read(
    variables: dict[str, str], said: str, bare: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = {"cpu": ["cpu"], "metal": []}
    monkeypatch.setattr(device, "available", lambda: there)
    assert sentence(bare.run("train", "tiny", bare.images, **variables)) == said
    assert not bare.cache.exists()


def test_a_folder_that_cannot_be_written_is_reported(bare: House) -> None:
    (bare.folder / "file").write_text("")
    ran = bare.run("emit", "tiny", "-o", "file/x.mlir")
    assert ran.code == 2
    assert "there is no folder file" in ran.err
    assert sentence(bare.run("train", "tiny", bare.images, NETSPEC_CACHE=str(bare.folder / "file"))).startswith(
        f"the cache: {bare.folder / 'file'}: expected a folder or nothing there, found a file; "
    )


# summary


def totals(bare: House, *arguments: str) -> dict[str, object]:
    ran = bare.run("summary", *arguments, "--json")
    assert ran.code == 0
    found: dict[str, object] = json.loads(ran.out)
    return found


def test_summary_gives_the_golden_numbers(bare: House) -> None:
    found = totals(bare, "mobilenet_v2")
    assert (found["params"], found["param_tensors"], found["batch_norms"]) == (2_236_682, 158, 52)
    assert (found["statistics"], found["macs"]) == (34_112, 299_507_072)
    found = totals(bare, "mobilenet_v2", "--classes", "1000")
    assert (found["params"], found["macs"], found["classes"]) == (3_504_872, 300_774_272, 1000)
    found = totals(bare, "resnet34")
    assert (found["params"], found["batch_norms"]) == (21_289_802, 36)


def test_summarys_rows_add_up_to_its_totals_and_its_table_shows_them(bare: House) -> None:
    found = json.loads(bare.run("summary", "mobilenet_v2", "--image-size", "96", "--json").out)
    for column in ("params", "macs"):
        assert sum(row[column] for row in found["layers"]) == found[column]
    assert found["image"] == [96, 96, 3]
    assert found["layers"][0]["output"] == [48, 48, 32]
    table = bare.run("summary", "mobilenet_v2", "--image-size", "96").out
    assert f"{found['macs']:,}" in table
    assert "158 parameter tensors, 52 batch norms, 34,112 running-statistic floats" in table
    assert "48×48×32" in table


def test_summary_counts_attentions_products_apart(bare: House) -> None:
    found = totals(bare, "mobilenet_v4:hybrid_medium")
    assert (found["macs"], found["attention_macs"]) == (1_227_973_120, 41_943_040)
    layers = found["layers"]
    assert isinstance(layers, list)
    assert sum(row["attention_macs"] for row in layers) == 41_943_040
    said = bare.run("summary", "mobilenet_v4:hybrid_medium").out
    assert "and 41,943,040 MACs of attention's products, which published figures leave out" in said
    assert "attention" not in bare.run("summary", "tiny").out


def test_a_width_and_an_image_size_change_the_network_in_every_command(bare: House) -> None:
    found = totals(bare, "mobilenet_v2", "--width", "0.5", "--image-size", "96x128")
    assert (found["network"], found["image"], found["params"]) == ("MobileNet-v2 0.5", [96, 128, 3], 700_490)
    assert totals(bare, "mobilenet_v2", "--width", "1", "--image-size", "224") == totals(bare, "mobilenet_v2")
    text = bare.run("emit", "mobilenet_v1", "predict", "--width", ".25", "--image-size", "32x64").out
    assert text.startswith("// MobileNet-v1 0.25: ")
    assert "tensor<32x32x64x3xui8>" in text
    for name in set(COMMANDS):
        said = bare.run(name, "--help").out
        assert ("--width ALPHA" in said) == ("--image-size H|HxW" in said) == (name in SCALED), name


SCALED = {"train", "import", "emit", "summary", "verify", "bench", "profile", "tune"}


def test_specs_lists_every_network_as_commands_take_it(bare: House) -> None:
    listed = json.loads(bare.run("specs", "--json").out)
    assert len(listed) == len({each["name"] for each in listed}) == 24
    for each in (listed[0], listed[-1], next(each for each in listed if each["name"] == "mobilenet_v4:hybrid_large")):
        found = totals(bare, each["name"])
        assert [found[key] for key in ("network", "params", "macs", "attention_macs", "classes")] == [
            each[key] for key in ("network", "params", "macs", "attention_macs", "classes")
        ]
        assert found["image"] == [*each["image"], 3]
    table = bare.run("specs").out
    for each in listed:
        (line,) = re.findall(rf"^ *{each['name']} .*", table, re.MULTILINE)
        assert f"{each['params']:,}" in line
        assert f"{each['macs']:,}" in line
        assert ("yes" in line) == each["width"]
        assert each["source"] in line


def test_specs_ends_in_two_seconds_of_processor_time(bare: House) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert bare.spawn("specs").code == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2


def test_a_network_of_a_users_own_file_is_named_after_a_colon(bare: House) -> None:
    (bare.folder / "own.py").write_text(OWN)
    assert totals(bare, "own.py:one")["network"] == "One"
    assert totals(bare, "./own.py:two", "--width", "0.5")["network"] == "Two 0.5"
    (bare.folder / "own.py:two").write_text(MICRO)
    assert totals(bare, "own.py:two")["network"] == "Micro"
    (bare.folder / "a:b").mkdir()
    (bare.folder / "a:b/own.py").write_text(MICRO)
    assert totals(bare, "a:b/own.py")["network"] == "Micro"


@ordinary
def test_a_network_with_a_width_trains_on_rectangular_images_and_is_used_on_them(house: House) -> None:
    (house.folder / "own.py").write_text(OWN)
    scale = ("--width", "0.5", "--image-size", "16x24", "--batch-size", BATCH)
    ran = house.run("train", "own.py:two", house.images, *scale, "--epochs", 1, "--output", "run", "--plain")
    assert ran.code == 0, ran
    assert json.loads((house.folder / "run/config.json").read_text())["net"]["name"] == "Two 0.5"
    assert totals(house, "run")["image"] == [16, 24, 3]
    assert totals(house, "run/spec.py")["image"] == [16, 24, 3]
    assert house.run("eval", "run", house.images).code == 0
    assert house.run("predict", "run", sorted(house.images.glob("val/*/*.jpg"))[0]).code == 0
    unsaid = house.run("train", "own.py:two", house.images, "--image-size", "16x24", "--batch-size", BATCH,
                       "--epochs", 1, "--resume", "run")  # fmt: skip
    assert "the network, its width or its image size is not the one that the run began with" in sentence(unsaid)


@ordinary
def test_a_gray_network_trains_on_images_in_colour_and_is_used_on_them(house: House) -> None:
    (house.folder / "gray.py").write_text(GRAY)
    ran = house.run("train", "gray.py", house.images, "--batch-size", BATCH, "--epochs", 1, "--output", "run",
                    "--plain")  # fmt: skip
    assert ran.code == 0, ran
    assert "images (18×18, gray)" in ran.out
    assert totals(house, "run")["image"] == totals(house, "run/spec.py")["image"] == [16, 16, 1]
    assert house.run("summary", "run").out.split("\n")[0].strip() == "Gray, 16×16 gray, 5 classes"
    manifest = json.loads((house.folder / "run/predict.json").read_text())
    assert manifest["arguments"][0]["shape"] == [1, 16, 16, 1]
    assert [manifest["preprocessing"]["color"], manifest["preprocessing"]["steps"][-1]["step"]] == ["gray", "to gray"]
    said = re.search(r"val accuracy \(running BN\): \d+/35 = [\d.]+%", ran.out)
    evaluated = house.run("eval", "run", house.images)
    assert said is not None
    assert said[0] in evaluated.out
    picture = sorted(house.images.glob("val/*/*.jpg"))[0]
    Image.open(picture).convert("L").save(house.folder / "own.png")
    Image.open(picture).save(house.folder / "same.png")
    found = json.loads(house.run("predict", "run", "own.png", "same.png", "--json").out)
    for name, probability in found[0]["classes"].items():  # gray before or after it is scaled: no more than rounding
        assert probability == pytest.approx(found[1]["classes"][name], abs=0.01)
    unlike = house.run("train", "tiny", house.images, "--weights", "run", "--batch-size", BATCH, "--epochs", 1)
    assert "its weights are of another network" in sentence(unlike)


@ordinary
def test_a_gray_network_is_verified(house: House) -> None:
    (house.folder / "gray.py").write_text(GRAY)
    ran = house.run("verify", "gray.py", "--quick")
    assert ran.code == 0, ran
    assert "Gray: all hold" in ran.out


GRAY = """from netspec import *

gray = NetSpec(
    name="Gray", imageH=16, imageW=16, activation="relu", padding="same", imageC=1,
    layers=[convBn(1, 8, 3, 2, "same"), invertedResidual(8, 8, 2, 1, 1), globalAvgPool(), dense(8, 5, "identity")],
)
"""
OWN = """from netspec import *

def two(width: float = 1.0) -> NetSpec:
    c = divisible(16 * width)
    return NetSpec("Two", [convBn(3, c, 3, 2, "same"), globalAvgPool(), dense(c, 5, "identity")], 16, 16, "relu")

def one() -> NetSpec:
    return NetSpec("One", two().layers, 16, 16, "relu")
"""


def test_summary_is_readable_where_the_terminal_knows_ascii_alone(bare: House) -> None:
    ran = bare.spawn("summary", "tiny", PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert (ran.code, ran.err) == (0, "")
    assert "5,434" in ran.out or "params" in ran.out


# emit


def test_emit_prints_what_it_writes_and_the_same_each_time(bare: House) -> None:
    printed = bare.run("emit", "tiny")
    assert (printed.code, printed.err) == (0, "")
    written = bare.run("emit", "tiny", "train_step", "-o", "x.mlir")
    text = (bare.folder / "x.mlir").read_text()
    assert (written.out, written.err) == ("", f"x.mlir: {len(text)} chars\n")
    assert text == printed.out
    assert text.startswith("// Tiny: One training step with Adam.\n")
    assert {path.name for path in bare.folder.iterdir()} == {"x.mlir"}


def test_emit_gives_the_manifest_and_the_evaluation(bare: House) -> None:
    manifest = json.loads(bare.run("emit", "tiny", "evaluate", "--manifest", "--batch-size", "3").out)
    assert manifest["entry_point"] == "evaluate"
    assert manifest["arguments"][0]["shape"] == [3, 32, 32, 3]
    text = bare.run("emit", "tiny", "evaluate", "--batch-size", "3", "--image-size", "20").out
    assert "tensor<3x20x20x3xui8>" in text


def test_a_bare_name_is_a_bundled_network_and_a_file_of_that_name_comes_first(bare: House) -> None:
    (bare.folder / "micro.py").write_text(MICRO)
    (bare.folder / "tiny").write_text(MICRO)
    assert totals(bare, "micro.py")["network"] == "Micro"
    assert totals(bare, "tiny")["network"] == "Micro"
    assert totals(bare, "./tiny")["network"] == "Micro"
    assert totals(bare, str(ROOT / "specs/tiny.py"))["network"] == "Tiny"


# doctor


@ordinary
def test_doctor_shows_what_runs_here(house: House) -> None:
    ran = house.run("doctor", "--json")
    assert (ran.code, ran.err) == (0, "")
    found = json.loads(ran.out)
    assert (found["target"], found["problem"], found["note"]) == ("cpu (host)", None, None)
    assert found["cache"] == str(house.cache)
    assert [row["backend"] for row in found["backends"]] == ["cpu", "cuda", "rocm", "vulkan", "metal"]
    assert found["backends"][0]["devices"]
    assert found["self_check"]["passed"] is True
    said = house.run("doctor").out
    assert re.search(
        r"Ready to run on cpu \(host\); its numbers were checked on 20\d\d-\d\d-\d\d:\n  worst \w+: ", said
    )
    assert str(house.cache) in said


def test_doctor_leaves_with_2_and_says_why_when_the_target_cannot_run(bare: House) -> None:
    for variables, said in (
        ({"IREE_BACKEND": "metal"}, "Cannot run: IREE_BACKEND=metal: no such device on this machine; there is"),
        ({"IREE_BACKEND": "gpu"}, "Cannot run: IREE_BACKEND='gpu' is unknown: choose one of"),
    ):
        ran = bare.run("doctor", **variables)
        assert ran.code == 2
        assert said in ran.out
        assert json.loads(bare.run("doctor", "--json", **variables).out)["problem"]


# eval and predict


@ordinary
def test_eval_measures_what_training_measured(house: House, unbroken: Path) -> None:
    log = unbroken.with_suffix(".txt").read_text()
    trained = re.findall(r"^val accuracy .*$", log, re.MULTILINE)[-1]
    last = unbroken / "last.safetensors"
    ran = house.run("eval", last, house.images)
    assert ran.code == 0, ran.err
    assert ran.out.startswith(f"{trained}, loss ")
    assert len(ran.out.splitlines()) == 1
    best = json.loads(house.run("eval", unbroken, house.images, "--json").out)
    assert best["accuracy"] == pytest.approx(load(last).position.best)
    found = json.loads(house.run("eval", last, house.images, "--json").out)
    assert f"{found['correct']}/{found['total']}" in trained
    assert found["total"] == CLASSES * VAL
    assert found["accuracy"] == found["correct"] / found["total"]
    assert found["total"] % BATCH != 0
    assert not (house.folder / "runs").exists()


@ordinary
def test_eval_counts_classes_by_name_and_not_by_place(house: House, unbroken: Path) -> None:
    fewer = house.folder / "fewer"
    for split in ("train", "val"):
        for name in ("class1", "class3"):
            (fewer / split).mkdir(parents=True, exist_ok=True)
            (fewer / split / name).symlink_to(house.images / split / name)
    both = json.loads(house.run("eval", unbroken, fewer, "--json").out)
    assert both["total"] == 2 * VAL
    right = 0
    for label in (1, 3):
        pictures = sorted((house.images / "val" / f"class{label}").iterdir())
        predictions = json.loads(house.run("predict", unbroken, *pictures, "--json").out)
        right += sum(next(iter(prediction["classes"])) == f"class{label}" for prediction in predictions)
    assert both["correct"] == right
    for split in ("train", "val"):
        (fewer / split / "dog").symlink_to(house.images / split / "class0")
    said = sentence(house.run("eval", unbroken, fewer))
    assert "the classes dog are not among those that the network was trained on: class0, class1, " in said


@ordinary
def test_predict_lists_the_likeliest_classes_of_more_images_than_a_batch(house: House, unbroken: Path) -> None:
    pictures = sorted(house.images.glob("val/*/*.jpg"))[: BATCH + 3]
    predictions = json.loads(house.run("predict", unbroken / "best.safetensors", *pictures, "--json").out)
    assert [prediction["image"] for prediction in predictions] == [str(picture) for picture in pictures]
    for prediction in predictions:
        chances = list(prediction["classes"].values())
        assert chances == sorted(chances, reverse=True)
        assert sum(chances) == pytest.approx(1, abs=1e-5)
    said = house.run("predict", unbroken / "best.safetensors", pictures[0]).out.splitlines()
    assert said[0] == str(pictures[0])
    assert len(said) == 1 + CLASSES
    assert re.fullmatch(r" +\d+\.\d\d % .* class\d", said[1])


@ordinary
def test_predict_says_which_image_it_cannot_read(house: House, unbroken: Path) -> None:
    text = house.folder / "text.jpg"
    text.write_text("no image")
    assert f"The image {text} cannot be read: " in sentence(house.run("predict", unbroken, text))
    assert "does not exist" in sentence(house.run("predict", unbroken, "nothing.jpg"))
    assert "cannot be read: it is not a regular file" in sentence(house.run("predict", unbroken, house.images))


@ordinary
def test_predict_classifies_the_images_that_it_can_read_and_names_the_others(house: House, unbroken: Path) -> None:
    pictures = sorted(house.images.glob("val/*/*.jpg"))[:20]
    texts = [house.folder / "text.jpg", house.folder / "nothing.jpg"]
    texts[0].write_text("no image")
    asked = [*pictures[:10], texts[0], *pictures[10:], texts[1]]
    ran = house.run("predict", unbroken, *asked, "--json")
    assert ran.code == 2
    assert ran.out == house.run("predict", unbroken, *pictures, "--json").out
    assert ran.err.splitlines()[-2].startswith(f"The image {texts[0]} cannot be read: ")
    assert sentence(ran) == f"The image {texts[1]} does not exist; check the path."


@ordinary
def test_as_many_unreadable_images_as_are_allowed_are_left_out(house: House, unbroken: Path) -> None:
    odd = draw_folder(house.folder / "odd", train=4, val=2)
    for number in range(6):
        (odd / f"val/class0/x{number}.jpg").write_text("no image")
    begin = ("train", "tiny", odd, "--output", "run", "--batch-size", BATCH, "--epochs", 3, "--plain")
    for command, total in ((("eval", unbroken, odd), 16), (begin, 36)):
        said = sentence(house.run(*command))
        assert said.startswith(f"6 of the {total} images in {odd} cannot be read, and 5 may be (the first: val/class0/")
        assert said.endswith("or let more be left out by --max-unreadable 6.")
        assert ", and 0 may be (" in sentence(house.run(*command, "--max-unreadable", 0))
        ran = house.run(*command, "--max-unreadable", 6)
        assert ran.code == 0, ran.err
        assert f"6 of {total} images cannot be read and are left out.\n" in ran.out + ran.err


@ordinary
def test_images_to_train_on_that_cannot_be_read_are_nothing_to_an_evaluation(house: House, unbroken: Path) -> None:
    odd = draw_folder(house.folder / "odd", train=4, val=2)
    for number in range(6):
        (odd / f"train/class0/x{number}.jpg").write_text("no image")
    begin = ("train", "tiny", odd, "--output", "run", "--batch-size", BATCH, "--epochs", 3, "--plain")
    assert house.run("eval", unbroken, odd).code == 0
    assert house.run(*begin, "--max-unreadable", 6).code == 0
    ran = house.run("eval", unbroken, odd)
    assert (ran.code, "cannot be read" in ran.err) == (0, False), ran


@ordinary
def test_a_class_is_known_by_any_spelling_of_its_name(house: House, unbroken: Path) -> None:
    spelled = house.folder / "spelled"
    for split in ("train", "val"):
        (spelled / split).mkdir(parents=True)
        for label in range(CLASSES):
            (spelled / split / f"class{label} ").symlink_to(house.images / split / f"class{label}")
    ran = house.run("eval", unbroken, spelled, "--json")
    assert json.loads(ran.out) == json.loads(house.run("eval", unbroken, house.images, "--json").out)


@ordinary
def test_names_that_are_no_valid_utf8_are_trained_on_and_printed(house: House, unbroken: Path) -> None:
    odd = house.folder / "odd"
    for split in ("train", "val"):
        for label in range(CLASSES):
            for number in range(4):
                draw(odd / split / f"class{label}" / f"{number}\udcff.jpg", label, number)
    ran = house.run("train", "tiny", odd, "--output", "run", "--batch-size", BATCH, "--epochs", 2, "--plain")
    assert ran.code == 0, ran.err
    ran = house.spawn("predict", "run", odd / "val/class1/0\udcff.jpg", PYTHONIOENCODING="utf-8")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{odd}/val/class1/0\\udcff.jpg\n")


@ordinary
def test_every_command_refuses_the_same_tensors_and_none_prints_what_is_no_json(house: House, unbroken: Path) -> None:
    kept = load(unbroken / "last.safetensors")
    picture = next(house.images.glob("val/*/*.jpg"))
    broken: dict[str, dict[str, Any]] = {
        "expected a tensor head_bias, found none; is it of another network?": {"head_bias": None},
        "head_bias: expected finite numbers, found others; use an older checkpoint.": {
            "head_bias": np.full(CLASSES, np.nan, np.float32)
        },
        f"head_bias: expected float32 of shape ({CLASSES},), found F64 of shape ({CLASSES},).": {
            "head_bias": np.zeros(CLASSES)
        },
    }
    for said, change in broken.items():
        tensors = {name: array for name, array in {**kept.tensors, **change}.items() if array is not None}
        save(house.folder / "x.safetensors", dataclasses.replace(kept, tensors=tensors))
        for arguments in (
            ("eval", "x.safetensors", house.images, "--json"),
            ("predict", "x.safetensors", picture, "--json"),
            (*training(house, "new"), "--resume", "x.safetensors"),
            (*training(house, "new"), "--weights", "x.safetensors"),
        ):
            ran = house.run(*arguments)
            assert sentence(ran) == f"x.safetensors: {said}"
            assert "{" not in ran.out


@ordinary
def test_numbers_that_overflow_on_the_way_are_reported_and_never_printed_as_json(house: House, unbroken: Path) -> None:
    kept = load(unbroken / "last.safetensors")
    picture = next(house.images.glob("val/*/*.jpg"))
    for name in ("head_weight", "stem_bn_gamma", "block1_1_expand_bn_gamma"):
        tensors = {**kept.tensors, name: np.full_like(kept.tensors[name], 3e38)}
        save(house.folder / "x.safetensors", dataclasses.replace(kept, tensors=tensors))
        for arguments in (("eval", "x.safetensors", house.images), ("predict", "x.safetensors", picture)):
            for json_too in ((), ("--json",)):
                ran = house.run(*arguments, *json_too)
                assert ran.code != 0 or not re.search("nan|inf", ran.out, re.IGNORECASE), (name, ran)
                assert "Warning" not in ran.err


@ordinary
def test_eval_needs_no_training_images_and_reads_none(house: House, unbroken: Path, bare: House) -> None:
    whole = json.loads(house.run("eval", unbroken, house.images, "--json").out)
    shutil.copytree(house.images / "val", house.folder / "alone/val")
    ran = house.run("eval", unbroken, "alone", "--json")
    assert ran.code == 0, ran
    assert json.loads(ran.out) == whole
    assert "images, from the cache" not in ran.err
    (house.folder / "alone/train").mkdir()  # not a whole image folder: nothing of it is looked at
    assert json.loads(house.run("eval", unbroken, "alone", "--json").out) == whole
    assert sentence(house.run("eval", unbroken, house.images / "train")).startswith("The image folder ")


def test_data_that_is_not_there_is_reported_before_anything_is_compiled(bare: House) -> None:
    run = ROOT / "tests/fixtures/ecf0936/run"
    (bare.folder / "text.jpg").write_text("no image")
    commands: dict[str, tuple[object, ...]] = {
        "The image folder nowhere does not exist": ("eval", run, "nowhere"),
        "The image nothing.jpg does not exist": ("predict", run, "nothing.jpg", "no.jpg"),
        "The image text.jpg cannot be read": ("predict", run, "text.jpg", "."),
        "The image folder nothing does not exist": ("train", "tiny", "nothing"),
    }
    for said, arguments in commands.items():
        ran = bare.run(*arguments)
        assert said in sentence(ran)
        assert "Compiling" not in ran.err + ran.out
    assert not (bare.cache / "programs").exists()


# Pipes and progress.


def test_a_reader_that_leaves_early_is_no_traceback(bare: House) -> None:
    process = bare.start("emit", "tiny")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(20) in (0, 1)


def test_plain_progress_is_a_line_every_fifteen_seconds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 1.0, 16.0, 16.0, 17.0, 40.0, 40.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    with Report(live=False).bar("Reading", "images") as progress:
        for done in range(1, 5):
            progress(done, 4)
    assert capsys.readouterr().out == "Reading ...\n  2/4 images\n  4/4 images\n"


def test_a_live_line_shows_names_with_brackets_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    shown = Report(live=True)
    with shown.bar("Reading photos[/red]", "images") as progress:
        progress(1, 2)
    with shown.clock("Compiling [/x]") as tick:
        tick("")
    with shown.training() as line:
        line.show("Epoch 1/2", 1, 2, 0.5, 3.0, 61)
    shown.say("saved [/x] :smile:")
    assert "saved [/x] :smile:\n" in capsys.readouterr().out


def test_a_duration_is_minutes_and_seconds() -> None:
    assert [duration(seconds) for seconds in (0, 59.6, 245, 3723, -1)] == ["0:00", "1:00", "4:05", "1:02:03", "0:00"]


def test_the_programs_of_the_command_line_are_those_of_the_compiler() -> None:
    assert PROGRAMS == ENTRY_POINTS
