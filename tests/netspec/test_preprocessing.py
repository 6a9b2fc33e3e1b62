"""How pictures are read, as data: what is refused, and that it is stored."""

import json
from dataclasses import replace

import pytest

from netspec import NetSpec, Preprocessing, check_net
from netspec.errors import SpecError
from netspec.fields import parse_fields
from netspec.plain import net_from_plain, net_to_plain
from netspec.preprocessing import HOUSE
from specs.tiny import tiny

OTHER = Preprocessing("cover", 0.95, "bicubic", True, "whole", "BGR", 1.0, [104.0, 117.0, 124.0], [1.0, 2.0, 3.0])


def with_images(said: Preprocessing) -> NetSpec:
    return replace(tiny, preprocessing=said)


def test_a_network_is_stored_with_it_and_one_that_says_nothing_as_it_always_was() -> None:
    assert "preprocessing" not in net_to_plain(tiny)
    for said in (HOUSE, OTHER, Preprocessing(fit="stretch"), Preprocessing(mean=(0.5, 0.5, 0.5))):
        stored = json.loads(json.dumps(net_to_plain(with_images(said))))
        assert net_from_plain(stored) == with_images(said)
    assert net_to_plain(with_images(Preprocessing(crop=1)))["preprocessing"] == {"crop": 1}


def test_as_text_it_says_what_is_not_the_default() -> None:
    assert repr(HOUSE) == "Preprocessing()"
    assert repr(Preprocessing(fit="cover", crop=0.5)) == "Preprocessing(fit='cover', crop=0.5)"
    assert eval(repr(OTHER)) == OTHER


def test_its_fields_are_parsed_from_texts() -> None:
    texts = {"fit": "cover", "crop": "0.9", "antialias": "false", "mean": "[0.5, 0.4,0.3]", "std": "1,1,1"}
    assert replace(HOUSE, **parse_fields(Preprocessing, texts)) == Preprocessing(
        fit="cover", crop=0.9, antialias=False, mean=(0.5, 0.4, 0.3), std=(1, 1, 1)
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"fit": "cropped"}, 'Preprocessing.fit: expected one of "crop", "cover", "stretch", received \'cropped\'.'),
        ({"crop": 0.0}, "Preprocessing.crop: expected a number at least 0.05 and at most 1, received 0.0."),
        ({"crop": float("nan")}, "Preprocessing.crop: expected a number at least 0.05 and at most 1, received nan."),
        ({"scale": 0}, "Preprocessing.scale: expected a number above 0 and at most 1e+06, received 0."),
        (
            {"std": (1.0, 0.0, 1.0)},
            "Preprocessing.std: expected a list of numbers above 0 and at most 1e+06, received (1.0, 0.0",
        ),
        ({"mean": (0.5,)}, "Preprocessing.mean: expected 3 numbers, one a channel, received 1."),
        ({"mean": 0.5}, "Preprocessing.mean: expected a list of"),
        (
            {"antialias": False},
            'Preprocessing.antialias: expected True with fit="crop" and filter="bilinear", received False; fit="cover" '
            'and "stretch" have both forms, with filter="bilinear".',
        ),
    ],
)
def test_what_is_wrong_with_it_is_said(changes: dict[str, object], said: str) -> None:
    with pytest.raises(SpecError) as wrong:
        check_net(with_images(replace(HOUSE, **changes)))  # type: ignore[arg-type]
    assert said in str(wrong.value)


def test_gray_images_have_one_order() -> None:
    gray = replace(tiny, imageC=1, preprocessing=Preprocessing(color="BGR"))
    with pytest.raises(SpecError, match='color: expected "RGB" for gray images, received "BGR"'):
        check_net(gray)


@pytest.mark.parametrize("stored", [[], 3, {"fits": "cover"}, {"mean": 3}, {"fit": {}}, [["fit"]]])
def test_a_damaged_one_is_an_error_of_the_file(stored: object) -> None:
    with pytest.raises(SpecError):
        net_from_plain({**net_to_plain(tiny), "preprocessing": stored} if stored != [] else {})
