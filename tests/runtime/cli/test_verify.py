"""`netspec verify` from outside: the table, the certificate, and the exit code when something does not hold."""

import json
from pathlib import Path

import pytest

from emit import hlo
from emit.op import Call, Cotangents, Result
from emit.ops.global_average_pool import GlobalAveragePool
from runtime.verify.verify import CERTIFICATE
from tests.runtime.sandbox import House

pytestmark = pytest.mark.ordinary  # the first use of a device compiles its self-check


def certificate(path: Path) -> dict[str, object]:
    found = json.loads((path / CERTIFICATE).read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def test_a_bundled_network_holds_and_its_certificate_says_of_what(house: House) -> None:
    ran = house.run("verify", "tiny", "--quick", "--output", "proof")
    assert ran.code == 0, ran
    for said in ("1. The rules", "2. The composition", "3. The numbers", "theorems 37, 38", "exact, p < 2^-88", "✓"):
        assert said in ran.out, said
    assert "✗" not in ran.out
    assert ran.out.splitlines()[-1].startswith("Tiny: all hold, ")
    found = certificate(house.folder / "proof")
    assert found["passed"] is True
    assert found["network"]["name"] == "Tiny"  # type: ignore[index]
    assert len(found["programs_sha256"]["train_step"]) == 64  # type: ignore[index]
    assert {check["certainty"] for check in found["checks"]} == {"rule", "whole", "number"}  # type: ignore[attr-defined]


def test_json_gives_the_certificate_alone_on_standard_output(house: House) -> None:
    ran = house.run("verify", "tiny", "--quick", "--json", "--output", "proof")
    assert ran.code == 0, ran
    assert json.loads(ran.out) == certificate(house.folder / "proof")
    assert "1. The rules" in ran.err


def test_a_run_s_folder_is_verified_as_it_was_trained_and_keeps_the_certificate(house: House, unbroken: Path) -> None:
    trained = json.loads((unbroken / "config.json").read_text())
    (house.folder / "run").mkdir()
    (house.folder / "run" / "config.json").write_text(json.dumps(trained))
    ran = house.run("verify", "run", "--quick")
    assert ran.code == 0, ran
    found = certificate(house.folder / "run")
    assert found["recipe"] == trained["config"]
    assert found["network"] == trained["net"]


def test_a_damaged_run_is_refused_with_a_sentence(house: House) -> None:
    (house.folder / "run").mkdir()
    for text in ("no json", "{}", '{"net": {"name": "x"}, "config": {}}'):
        (house.folder / "run" / "config.json").write_text(text)
        ran = house.run("verify", "run", "--quick")
        assert ran.code == 2, ran
        assert "run/config.json: " in ran.err
        assert "Traceback" not in ran.err


def test_what_cannot_be_verified_is_refused_before_anything_is_done(house: House) -> None:
    (house.folder / "file").write_text("mine")
    for arguments, said in (
        (("--quick", "--output", "file"), "file: expected a folder for the certificate, found a file"),
        (("--batch-size", "1", "--image-size", "8"), "batch norm has 4 numbers a channel"),
        (("--batch-size", "x"), "TrainConfig.batchSize: expected a whole number"),
    ):
        ran = house.run("verify", "tiny", *arguments)
        assert (ran.code, ran.out) == (2, ""), ran
        assert said in ran.err
    assert (house.folder / "file").read_text() == "mine"


def test_a_wrong_rule_is_shown_and_leaves_with_1(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(
        self: GlobalAveragePool, call: Call, result: Result, cotangent: hlo.Value, wanted: tuple[bool, ...]
    ) -> Cotangents:
        (right,) = original(self, call, result, cotangent, wanted).materialized()
        return Cotangents((None if right is None else hlo.add(right, right),))

    original = GlobalAveragePool.vjp
    monkeypatch.setattr(GlobalAveragePool, "vjp", twice)
    ran = house.run("verify", "tiny", "--quick")
    assert ran.code == 1, ran
    failed = [line for line in ran.out.splitlines() if line.startswith("✗")]
    assert failed
    assert "global average pool" in failed[0]
    assert "the cotangent of x is wrong" in " ".join(ran.out.split())
    assert " of " in ran.out.splitlines()[-1]
