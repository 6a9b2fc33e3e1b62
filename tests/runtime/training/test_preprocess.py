"""How a run's pictures are read: the weights', the spec's, the command line's, and when a run goes on."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from netspec import NetSpec, Preprocessing, TrainConfig
from netspec.errors import InputError
from netspec.preprocessing import HOUSE
from runtime.checkpoint import Checkpoint, Position
from runtime.report import Report
from runtime.training.preprocess import with_preprocessing
from runtime.training.resume import Opened, Origin
from runtime.training.run import Run
from specs.tiny import tiny

COVER, BOX = Preprocessing(fit="cover"), Preprocessing(filter="box")


def opened(
    spec: Preprocessing, *, resumed: Preprocessing | None = None, weights: Preprocessing | None = None
) -> Opened:
    def origin(said: Preprocessing | None) -> Origin | None:
        if said is None:
            return None
        checkpoint = Checkpoint(reads(said), TrainConfig(), tuple("abcdefghij"), Position(), "", {})
        return Origin(checkpoint, Path("net.safetensors"))

    return Opened(Run(Path("run")), origin(resumed), origin(weights), reads(spec))


def reads(said: Preprocessing) -> NetSpec:
    return replace(tiny, preprocessing=said)


def chosen(given: Opened, **settings: str) -> tuple[Preprocessing, str]:
    said = io.StringIO()
    net = with_preprocessing(given, settings, Report(live=False, stream=said))
    return net.preprocessing, said.getvalue()


def test_a_new_run_has_the_spec_s_or_what_the_command_line_says() -> None:
    assert chosen(opened(HOUSE)) == (HOUSE, "")
    assert chosen(opened(BOX)) == (BOX, "")
    found, said = chosen(opened(BOX), filter="bicubic", crop="0.5")
    assert found == Preprocessing(filter="bicubic", crop=0.5)
    assert said == (
        "--preprocess: filter is bicubic, where it was box\n--preprocess: crop is 0.5, where it was 0.875\n"
    )


def test_from_weights_it_is_theirs_and_a_spec_may_not_say_otherwise() -> None:
    found, said = chosen(opened(HOUSE, weights=COVER))
    assert (found, said) == (COVER, "pictures are read as the weights need it: Preprocessing(fit='cover')\n")
    assert chosen(opened(COVER, weights=COVER))[0] == COVER
    assert chosen(opened(HOUSE, weights=COVER), filter="box")[0] == Preprocessing(fit="cover", filter="box")
    with pytest.raises(InputError, match=r"read as Preprocessing\(fit='cover'\), and the spec says .*filter='box'"):
        chosen(opened(BOX, weights=COVER))


def test_a_run_goes_on_with_what_it_began_with_its_options_given_again_or_not() -> None:
    assert chosen(opened(HOUSE, resumed=COVER)) == (COVER, "")
    began = Preprocessing(fit="cover", filter="box")
    assert chosen(opened(HOUSE, resumed=began), filter="box") == (began, "")
    assert chosen(opened(COVER, resumed=began), filter="box") == (began, ""), "the spec has its own"
    with pytest.raises(InputError, match="cannot resume: the run began with pictures read as"):
        chosen(opened(COVER, resumed=began))
    with pytest.raises(InputError, match="give what it began with"):
        chosen(opened(HOUSE, resumed=began), filter="bicubic")
