"""`netspec emit --phase`: IREE's flow phase, before and after the passes."""

import json
import sys

import pytest
from iree.compiler import ir

from runtime.compiler import job
from runtime.compiler.passes.ir import executables, parse
from runtime.compiler.pipeline import PASSES
from tests.runtime.sandbox import MICRO, House

TITLE = "// Micro: predict at IREE's flow phase, {}, for cpu (host).\n"


@pytest.fixture
def micro(bare: House) -> House:
    (bare.folder / "micro.py").write_text(MICRO)
    return bare


def emitted(house: House, phase: str, *more: str, **variables: str) -> tuple[str, str]:
    """What is printed, and what is said on standard error."""
    ran = house.run("emit", "micro.py", "predict", "--phase", phase, *more, **variables)
    assert ran.code == 0, ran.err
    return ran.out, ran.err


@pytest.mark.ordinary
def test_the_flow_phase_is_printed_before_and_after_the_passes_and_is_the_same_each_time(micro: House) -> None:
    before, said = emitted(micro, "flow")
    assert "passes" not in said
    assert before.startswith(TITLE.format("as IREE makes it") + "module @micro_predict")
    after, said = emitted(micro, "passes")
    assert after.startswith(TITLE.format("after the passes") + "module @micro_predict")
    counts = dict(part.split() for part in said.splitlines()[-1].removeprefix("passes: ").split(", "))
    assert list(counts) == [name.replace("_", "-") for name in PASSES]
    assert counts["group-executables"] != "0"
    assert ("@group_" in before, "@group_" in after) == (False, True)
    with ir.Context():
        assert all(executables(parse(text)) for text in (before, after))
    assert "loc(" not in before + after
    assert (emitted(micro, "flow")[0], emitted(micro, "passes")[0]) == (before, after)


@pytest.mark.ordinary
def test_an_output_is_replaced_by_the_same_kind_alone(micro: House) -> None:
    for phase in ("passes", "flow"):
        out, said = emitted(micro, phase, "-o", "x.mlir")
        text = (micro.folder / "x.mlir").read_text()
        assert (out, said.splitlines()[-1]) == ("", f"x.mlir: {len(text)} chars")
        assert text == emitted(micro, phase)[0]
    assert micro.run("emit", "micro.py", "predict", "-o", "y.mlir").code == 0
    _, _, headless = text.partition("\n")
    (micro.folder / "z.mlir").write_text(headless)  # as `iree-compile` prints it
    for name, words in (("x.mlir", ()), ("y.mlir", ("--phase", "flow")), ("z.mlir", ("--phase", "flow"))):
        kept = (micro.folder / name).read_bytes()
        ran = micro.run("emit", "micro.py", "predict", "-o", name, *words)
        assert ran.code == 2
        assert "holds something else than netspec writes there" in ran.err
        assert (micro.folder / name).read_bytes() == kept


@pytest.mark.parametrize("phase", ["flow", "passes"])
def test_the_manifest_has_no_phase(phase: str, micro: House) -> None:
    ran = micro.run("emit", "micro.py", "--manifest", "--phase", phase)
    assert (ran.code, ran.out) == (2, "")
    assert f"expected one of --manifest and --phase {phase}: the manifest is the StableHLO's." in ran.err
    assert not micro.cache.exists()


@pytest.mark.ordinary
def test_a_target_without_passes_is_said(micro: House) -> None:
    text, said = emitted(micro, "passes", IREE_BACKEND="vulkan")
    assert said.splitlines()[-1].startswith("passes: there are none for vulkan (")
    assert said.endswith("), so this is IREE's flow phase as IREE makes it\n")
    assert " at IREE's flow phase, as IREE makes it, for vulkan (" in text.partition("\n")[0]
    plain, said = emitted(micro, "flow", IREE_BACKEND="vulkan")
    assert plain == text
    assert "passes" not in said


@pytest.mark.ordinary
def test_passes_that_fail_are_said_with_their_log_and_the_phase_is_printed_without_them(
    micro: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails = [sys.executable, "-c", "import sys; sys.stdin.read(); sys.exit('no such axis')"]
    monkeypatch.setattr(job, "passes_command", lambda request: fails)
    monkeypatch.setattr(job, "FALLS_BACK", True)
    text, said = emitted(micro, "passes")
    *_, reported, last = said.splitlines()
    (log,) = (micro.cache / "programs").glob("*.refused.log")
    assert reported.endswith(f"see {log}")
    assert "no such axis" in log.read_text()
    assert last == "passes: they failed, so this is IREE's flow phase as IREE makes it"
    assert text == emitted(micro, "flow")[0]


@pytest.mark.ordinary
def test_nothing_is_kept_of_a_phase(micro: House) -> None:
    emitted(micro, "passes")
    assert json.loads(micro.run("cache", "--json").out)["entries"] == []
    assert not list((micro.cache / "programs").glob("*.mlir"))
