"""The benchmarks' command lines: what is measured, and what becomes of a network that fails its comparison."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import command
from benchmarks.accuracy import accuracy
from benchmarks.driver import Row
from benchmarks.job import Job
from netspec.errors import InputError, NetSpecError

pytestmark = pytest.mark.ordinary


def test_others_are_the_networks_that_are_not_measured_with_batches_that_fit() -> None:
    found = dict(command.others(("resnet34",), 224))
    assert "resnet34" not in found
    assert "tiny" not in found
    wanted = {"mobilenet_v4:conv_medium": 32, "resnet50": 16, "resnet101": 8}
    assert {name: found[name] for name in wanted} == wanted


def test_a_network_that_fails_its_comparison_is_named_and_the_others_are_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measured = []

    def measure(work: Job, *_: object) -> list[Row]:
        if work.title == "tiny":
            raise NetSpecError("they do not compute the same")
        measured.append(work.title)
        return []

    monkeypatch.setattr(command, "measure", measure)
    jobs = [command.job("train", name, (32, 32), None, 2) for name in ("tiny", "mobilenet_v1")]
    with pytest.raises(NetSpecError, match=r"^1 of 2 were not measured, see above: train tiny b2@32\.$"):
        command.run(jobs, ["pytorch"], 1, None)
    assert measured == ["mobilenet_v1"]
    with pytest.raises(NetSpecError, match=r"^they do not compute the same$"):
        command.run(jobs[:1], ["pytorch"], 1, None)


@pytest.mark.parametrize(("text", "found"), [("[", "invalid JSON"), ("{}", "something else")])
def test_a_file_of_other_rows_is_refused_before_anything_is_trained(text: str, found: str, tmp_path: Path) -> None:
    rows = tmp_path / "rows.json"
    rows.write_text(text, encoding="utf-8")
    refused = CliRunner().invoke(accuracy, ["tiny", str(tmp_path), "--json", str(rows)])
    assert isinstance(refused.exception, InputError)
    assert found in str(refused.exception)
    assert rows.read_text(encoding="utf-8") == text
