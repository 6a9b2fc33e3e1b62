"""Recipes as files: those that are bundled, and what is refused in one of a user's own."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner

from netspec import TrainConfig
from netspec.check import check_config
from netspec.errors import SpecError
from netspec.recipe import RMSProp, Schedule, optimizer_of, schedule_of
from netspec.recipes import LONGEST, bundled_recipes, find_recipe
from runtime.cli import cli
from runtime.networks import is_bundled, open_spec, recipe_of_weights


def test_every_bundled_recipe_is_a_valid_one_and_says_what_it_is() -> None:
    found = {recipe.name: recipe for recipe in bundled_recipes()}
    assert list(found) == ["document", "finetune", "mobilenet_v2_paper", "torchvision_v2"]
    for name, recipe in found.items():
        check_config(recipe.config)
        assert find_recipe(name) == recipe
        assert len(recipe.about) > 20
    assert found["document"].config == TrainConfig()


def test_the_paper_s_recipe_has_the_numbers_of_its_section_on_training() -> None:
    config = find_recipe("mobilenet_v2_paper").config
    assert optimizer_of(config) == RMSProp(0.9, 1.0, 0.9)
    assert schedule_of(config) == Schedule(0.045, 0, 300, schedule_of(config).after)
    assert str(schedule_of(config).after) == "×0.98 every epoch"
    assert (config.weightDecay, config.coupledDecay, config.batchSize) == (4e-5, True, 96)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("epochs = ", "expected TOML, found something else: "),
        ("\xff", "expected TOML, found something else: "),
        ("epoch = 3", "TrainConfig has no field 'epoch' (did you mean epochs?): choose one of learningRate"),
        ("epochs = 2.5", "epochs: expected a whole number at least 1 and at most 1e+06, received 2.5."),
        ("about = 3", "about: expected a text, received 3."),
        ("classWeights = 3", "classWeights: expected a list"),
        ("[epochs]\na = 1", "epochs: expected a whole number"),
        ("emaDecay = 0.5", "TrainConfig.emaDecay: 0.5 is without use in this recipe; write useEMA=True, or remove"),
        ("epochs = 2\nwarmupEpochs = 3", "TrainConfig.warmupEpochs: expected fewer than epochs=2, received 3"),
        (f"# {'a' * LONGEST}", f"expected a recipe of at most {LONGEST} bytes, found a longer file."),
    ],
)
def test_a_recipe_file_that_is_wrong_is_refused_with_its_name_and_what_is_wrong(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(SpecError) as wrong:
        find_recipe(str(path))
    assert str(wrong.value).startswith(f"{path}: {said}")


def test_a_name_that_no_recipe_has_and_a_file_that_is_not_there_are_said() -> None:
    with pytest.raises(SpecError, match=r"--recipe fine: there is no such recipe: choose one of document, finetune"):
        find_recipe("fine")
    with pytest.raises(SpecError, match=r"no such recipe \(did you mean finetune\?\)"):
        find_recipe("finetun")
    with pytest.raises(SpecError, match=r"^nowhere.toml: there is no such recipe file\.$"):
        find_recipe("nowhere.toml")


def test_fields_that_a_file_leaves_out_have_their_defaults_and_a_list_is_a_tuple(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("epochs = 2\nlearningRate = 1\nclassWeights = [1, 2.5]\n")
    recipe = find_recipe(str(path))
    assert recipe.config == TrainConfig(epochs=2, learningRate=1, classWeights=(1, 2.5))
    assert recipe.config.warmupEpochs == 1
    assert (recipe.name, recipe.about) == ("mine", "")


def test_a_recipe_is_chosen_for_a_network_before_single_fields_change_it() -> None:
    spec = open_spec("tiny", recipe="mobilenet_v2_paper", settings={"epochs": "3"})
    assert (spec.config.epochs, spec.config.learningRate, spec.has_recipe) == (3, 0.045, True)


def test_a_bundled_network_is_fine_tuned_from_weights_and_a_file_of_one_s_own_keeps_its_recipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "tiny.py"
    page = Path(__file__).parents[2] / "specs/tiny.py"
    own.write_bytes(page.read_bytes())
    assert [is_bundled(each) for each in ("tiny", "mobilenet_v4:conv_small", str(page), str(own))] == [1, 1, 1, 0]
    assert [recipe_of_weights(each, "w") for each in ("tiny", str(own))] == ["finetune", None]
    assert recipe_of_weights("tiny", None) is None
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run").mkdir()
    (tmp_path / "run/config.json").write_text("{}")
    assert not is_bundled("run"), "the folder of a run"


def test_the_command_lists_them_and_shows_one() -> None:
    listed = CliRunner().invoke(cli, ["recipes"])
    assert listed.exit_code == 0
    assert all(recipe.name in listed.output for recipe in bundled_recipes())
    one = json.loads(CliRunner().invoke(cli, ["recipes", "finetune", "--json"]).output)
    recipe = find_recipe("finetune")
    assert one == [{"name": "finetune", "about": recipe.about, "config": json.loads(json.dumps(asdict(recipe.config)))}]
