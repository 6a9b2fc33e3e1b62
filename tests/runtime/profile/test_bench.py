"""`netspec bench`: what it reports follows from what it measured, and it compiles anew."""

import json
import statistics
from dataclasses import replace

import pytest

from runtime.cli.bench import _show
from runtime.compiler.pipeline import PASSES
from runtime.profile.bench import Bench
from runtime.profile.peaks import Peaks
from tests.runtime.sandbox import House

TINY = ("bench", "tiny", "--image-size", "32", "--batch-size", "2", "--runs", "5")


@pytest.mark.ordinary
@pytest.mark.parametrize("program", ["train_step", "evaluate", "predict"])
def test_the_report_follows_from_the_runs(program: str, house: House) -> None:
    ran = house.run(*TINY, program, "--json")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert (found["program"], found["image"], found["batch"]) == (program, [32, 32], 2)
    assert len(found["seconds"]) == 5
    step = statistics.median(found["seconds"])
    assert found["step_s"] == step > 0
    assert found["images_per_s"] == pytest.approx(2 / step)
    for work, rate in (("macs", "flops"), ("bytes", "bytes")):
        factor = 2 if work == "macs" else 1
        assert found[f"{rate}_per_s"] == pytest.approx(factor * found[work] / step)
        share = found[f"{rate}_per_s"] / found[f"peak_{rate}_per_s"]
        assert found[f"share_of_peak_{rate}"] == pytest.approx(share)
    assert found["compile_s"] > 0
    assert found["program_bytes"] > 1000
    assert found["process_bytes"] > 10**7
    assert list(found["passes"]) == list(PASSES)
    assert found["passes"]["lower_clamps"] > 0


@pytest.mark.ordinary
def test_the_work_of_a_batch_is_that_of_its_images_and_it_compiles_each_time(house: House) -> None:
    two, again, four = (
        json.loads(house.run(*TINY[:-3], str(batch), "--runs", "1", "predict", "--json").out) for batch in (2, 2, 4)
    )
    assert 2 * two["macs"] == 2 * again["macs"] == four["macs"]
    assert again["compile_s"] > 0.05


def test_what_a_busy_machine_reaches_is_not_said(capsys: pytest.CaptureFixture[str]) -> None:
    found = Bench(
        "A net",
        "predict",
        "cpu",
        (9, 9),
        1,
        (1.0,),
        10**9,
        10**10,
        1.0,
        1,
        1,
        0,
        {"fill_borders": 9},
        Peaks(1e10, 1e9, 4.6),
    )
    _show(found)
    busy = " ".join(capsys.readouterr().out.split())
    assert "an unknown share of this machine's 20.0" in busy
    assert "its peaks varied by 4.6 times" in busy
    assert "1000%" not in busy
    assert "passes: fill-borders 9" in busy
    _show(replace(found, peaks=Peaks(1e10, 1e9, 1.1)))
    quiet = " ".join(capsys.readouterr().out.split())
    assert "10% of this machine's 20.0" in quiet
    assert "over 100% of this machine's 1.0" in quiet
    assert "busy" not in quiet


@pytest.mark.ordinary
def test_the_table_is_read_without_the_json(house: House) -> None:
    ran = house.run(*TINY, "predict")
    assert ran.code == 0, ran.err
    for words in (
        "predict, 32×32, batch 2, on cpu (host)",
        "median of 5",
        "GFLOP/s",
        "compilation",
        "of this machine's",
    ):
        assert words in ran.out
