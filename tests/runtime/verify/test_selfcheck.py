"""A device's self-check: it is made once, remembered, can fail, and then stops `train`."""

import io
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from emit.expand import expand
from emit.manifest import Manifest
from emit.op import REGISTRY
from emit.programs import emit
from runtime.compiler.compile import Compiled
from runtime.compiler.target import target
from runtime.engine.iree import Device
from runtime.report import Report
from runtime.system import cache, paths
from runtime.verify import selfcheck
from runtime.verify.numbers import call
from runtime.verify.reference import Array
from runtime.verify.selfcheck import CONFIG, NET, SelfCheck, self_check
from tests.runtime.sandbox import ROOT, House

CPU = target("cpu")
TENSORS = len(emit("train_step", NET, CONFIG).manifest.results)
WRONG = SelfCheck(False, "3 of 91 tensors of a small training step are off, worst stem_weight", 91, 1.0, "2026", {})


@pytest.fixture
def forgetful(tmp_path: Path, compiled: Path, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """The shared cache of programs, and a memory of devices of one's own. Gives what is said."""
    (tmp_path / "cache").mkdir(mode=0o700)
    (tmp_path / "cache" / "programs").symlink_to(compiled / "programs")
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path / "cache"))
    return io.StringIO()


def checked(said: io.StringIO) -> SelfCheck:
    return self_check(Device(CPU), CPU, Report(live=False, stream=said))


@pytest.mark.ordinary
def test_this_machine_passes_and_is_asked_once(forgetful: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    first = checked(forgetful)
    assert first.passed
    assert first.tensors == TENSORS
    assert "first use of cpu (host): checking its numbers" in forgetful.getvalue()

    def never(*arguments: object, **options: object) -> list[Array]:
        raise AssertionError("asked twice")

    monkeypatch.setattr(selfcheck, "call", never)
    assert checked(io.StringIO()) == first


@pytest.mark.ordinary
@pytest.mark.parametrize("damage", ["", "no json", '{"passed": true}', "[" * 100_000, "\udcff"])
def test_a_damaged_memory_is_no_memory_and_that_is_said(forgetful: io.StringIO, damage: str) -> None:
    first = checked(forgetful)
    (record,) = paths.devices_cache().iterdir()
    record.write_bytes(damage.encode("utf-8", "surrogateescape"))
    said = io.StringIO()
    again = checked(said)
    assert (again.passed, again.device) == (True, first.device)
    assert f"{record}: expected it to end with its checksum, found other bytes; it is made anew" in said.getvalue()
    assert cache.fetch_json(record, print)["device"] == first.device


@pytest.mark.ordinary
@pytest.mark.parametrize("change", [{"written": None}, {"passed": "yes"}, {"more": 1}, {"seconds": "long"}])
def test_a_record_of_wrong_content_is_no_record_although_its_checksum_holds(
    forgetful: io.StringIO, change: dict[str, object]
) -> None:
    first = checked(forgetful)
    (record,) = paths.devices_cache().iterdir()
    contents: tuple[object, ...] = ({**asdict(first), **change}, [], None)
    for content in contents:
        cache.keep_json(record, content)
        assert checked(io.StringIO()).written >= first.written


@pytest.mark.ordinary
@pytest.mark.parametrize("release", ["iree", "drivers", "devices"])
def test_another_release_or_driver_is_another_device(
    forgetful: io.StringIO, release: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked(forgetful)
    facts = selfcheck.facts
    monkeypatch.setattr(selfcheck, "facts", lambda chosen: {**facts(chosen), release: "another"})
    said = io.StringIO()
    checked(said)
    assert "first use" in said.getvalue()
    assert len(list(paths.devices_cache().iterdir())) == 2


@pytest.mark.ordinary
@pytest.mark.parametrize("name", ["loss", "stem_weight", "head_bias_m", "block2_1_dw_bn_running_variance"])
def test_one_wrong_number_in_a_thousand_fails(
    forgetful: io.StringIO, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def off(device: Device, compiled: Compiled, manifest: Manifest, arguments: Mapping[str, Array]) -> list[Array]:
        found = call(device, compiled, manifest, arguments)
        index = [entry.name for entry in manifest.results].index(name)
        largest = np.unravel_index(np.argmax(np.abs(found[index])), found[index].shape)
        found[index][largest] *= 1.001
        return found

    monkeypatch.setattr(selfcheck, "call", off)
    found = checked(forgetful)
    assert not found.passed
    assert f"1 of {TENSORS} tensors of a small training step are off, worst {name}: " in found.found
    assert f"failed: 1 of {TENSORS}" in forgetful.getvalue()


def test_the_self_check_s_network_has_every_op_but_those_that_are_made_of_others_operations() -> None:
    kinds = {node.op.kind for node in expand(NET).nodes.values()} | {"cross_entropy"}
    assert set(REGISTRY) - kinds == {"flatten", "distillation", "fixed_batch_norm"}


def test_train_refuses_a_device_that_computes_wrong_numbers(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.training.build.self_check", lambda *arguments: WRONG)
    ran = house.train("run")
    assert ran.code == 1
    assert "cpu (host) computes wrong numbers: 3 of 91 tensors" in ran.err
    assert "--ignore-self-check trains all the same." in ran.err
    assert not (house.folder / "run").exists()


@pytest.mark.ordinary
def test_train_ignores_the_self_check_on_request_and_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.training.build.self_check", lambda *arguments: WRONG)
    ran = house.train("run", "--ignore-self-check", "--max-steps", 1)
    assert ran.code == 0, ran
    assert "warning: cpu (host) computes wrong numbers: 3 of 91 tensors" in ran.out


def test_doctor_leaves_with_1_and_says_what_is_wrong(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.verify.selfcheck.self_check", lambda *arguments: WRONG)
    ran = house.run("doctor")
    assert ran.code == 1
    assert "computes wrong numbers: 3 of 91 tensors" in " ".join(ran.out.split())
    assert json.loads(house.run("doctor", "--json").out)["self_check"]["passed"] is False


def test_training_loads_no_jax() -> None:
    code = "import runtime.training.job, sys; assert not {'jax', 'jaxlib'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
