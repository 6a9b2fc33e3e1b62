"""The bundled networks: each has the parameters, batch norms and MACs that timm or torchvision has for it.

`zoo.json` holds figures measured on the modules of those packages: MACs of convolutions and dense layers, with those of
squeeze and excitation and without attention's products, which stand apart; `bn_floats` are running means and variances.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from emit.programs import ENTRY_POINTS, emit
from netspec import NetSpec, TrainConfig
from netspec.language import with_classes
from netspec.listing import listing
from netspec.loading import list_networks, load_spec
from netspec.plain import net_from_plain, net_to_plain
from runtime.cli.specs import listed
from runtime.networks import open_spec
from runtime.summary import summarise
from runtime.system.paths import bundled
from tests.emit import interpreter

FIGURES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "zoo.json").read_text())
NETWORKS = [each.name for page in bundled().values() for each in listed(page)]


def network(name: str, width: float | None = None) -> NetSpec:
    return open_spec(name, width=width).net


def titled(row: dict[str, Any]) -> str:
    width = "" if row["width"] is None else f" {row['width']:g}"
    return f"{row['spec']}{width} {row['image']} {row['classes']} {row['source']}"


@pytest.mark.ordinary
@pytest.mark.parametrize("row", FIGURES, ids=titled)
def test_a_network_has_the_figures_of_its_published_module(row: dict[str, Any]) -> None:
    net = open_spec(row["spec"], image_size=(row["image"], row["image"]), width=row["width"]).net
    found = asdict(summarise(with_classes(net, row["classes"])))
    assert found["image"] == (row["image"], row["image"], 3)
    assert (found["params"], found["macs"]) == (row["params"], row["macs"])
    assert (found["batch_norms"], found["statistics"]) == (row["bn_layers"], row["bn_floats"])
    assert found["attention_macs"] == row["attention_macs"]


def test_every_network_but_the_one_of_the_tests_has_figures_at_10_and_at_1000_classes() -> None:
    for name in set(NETWORKS) - {"tiny"}:
        assert {row["classes"] for row in FIGURES if row["spec"] == name} == {10, 1000}, name


def test_a_network_has_its_published_image_size_and_ten_classes() -> None:
    sizes = {
        **{"efficientnet:b1": 240, "efficientnet:b2": 260, "efficientnet_lite:lite1": 240},
        **{"efficientnet_lite:lite2": 260, "efficientnet_v2": 384, "mobilenet_v4:conv_medium": 256},
        **{"mobilenet_v4:hybrid_medium": 256, "mobilenet_v4:conv_large": 384, "mobilenet_v4:hybrid_large": 384},
        "tiny": 32,
    }
    for name in NETWORKS:
        net = network(name)
        assert (net.imageH, net.imageW, net.classes) == (sizes.get(name, 224), sizes.get(name, 224), 10), name


# Of torchvision's modules, and of timm's where torchvision has none; those of Lite are TensorFlow's, and MobileNetV2
# has the padding of its first recipe.
CONVENTIONS = {
    "mobilenet_v1": ("relu6", "symmetric", 1e-5, 0.1),
    "mobilenet_v2": ("relu6", "same", 1e-5, 0.1),
    "mobilenet_v3": ("hswish", "symmetric", 1e-3, 0.01),
    "mobilenet_v4": ("relu", "symmetric", 1e-5, 0.1),
    "mobilenet_v4:hybrid_large": ("gelu", "symmetric", 1e-5, 0.1),
    "efficientnet": ("swish", "symmetric", 1e-5, 0.1),
    "efficientnet_lite": ("relu6", "same", 1e-3, 0.1),
    "efficientnet_v2": ("swish", "symmetric", 1e-3, 0.1),
    "mnasnet": ("relu", "symmetric", 1e-5, 0.1),
    "resnet18": ("relu", "symmetric", 1e-5, 0.1),
    "resnet34": ("relu", "symmetric", 1e-5, 0.1),
    "resnet50": ("relu", "symmetric", 1e-5, 0.1),
    "resnet101": ("relu", "symmetric", 1e-5, 0.1),
    "tiny": ("relu6", "same", 1e-5, 0.1),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_has_the_conventions_of_its_family(name: str) -> None:
    net = network(name)
    found = (net.activation, net.padding, net.bnEps, net.bnMomentum)
    assert found == CONVENTIONS.get(name, CONVENTIONS[name.partition(":")[0]])


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_comes_back_from_a_listing_and_from_plain_data(name: str, tmp_path: Path) -> None:
    net = network(name)
    (tmp_path / "spec.py").write_text(listing(net, TrainConfig(), "A heading."))
    assert load_spec(tmp_path / "spec.py").net == net
    assert net_from_plain(json.loads(json.dumps(net_to_plain(net)))) == net


@pytest.mark.ordinary
@pytest.mark.parametrize("name", NETWORKS)
def test_the_official_dialect_parses_and_verifies_every_program_of_a_network(name: str) -> None:
    spec = open_spec(name, settings={"batchSize": "2"})
    for entry_point in ENTRY_POINTS:
        interpreter.verify(emit(entry_point, spec.net, spec.config).text)


def test_the_networks_of_the_papers_with_a_width_multiplier_have_a_width() -> None:
    found = {name for path in bundled().values() for name, width in list_networks(path).items() if width}
    assert found == {"mobilenetV1", "mobilenetV2", "large", "small"}
    assert network("mobilenet_v2", 0.5).name == "MobileNet-v2 0.5"
    assert network("mobilenet_v2", 1.0) == network("mobilenet_v2")
    assert network("mobilenet_v3:small", 0.75).name == "MobileNet-v3-Small 0.75"


@pytest.mark.parametrize("width", [0.05, 1.3, 3, 16])
def test_networks_can_be_narrower_and_wider_than_any_published_one(width: float) -> None:
    for name in ("mobilenet_v1", "mobilenet_v2", "mobilenet_v3:large", "mobilenet_v3:small"):
        assert summarise(network(name, width)).params > 0


def test_every_page_names_its_paper_and_has_a_recipe_of_its_own() -> None:
    for name, path in bundled().items():
        assert load_spec(path, next(iter(list_networks(path)))).has_recipe
        assert all(each.source for each in listed(path)) or name == "tiny"
