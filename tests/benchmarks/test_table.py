"""The tables and the picture that are made from `benchmarks/results`."""

import json
import re
from dataclasses import asdict, replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from benchmarks import table
from benchmarks.chart import chart, draw, draw_networks
from benchmarks.contenders import CONTENDERS
from benchmarks.driver import Row


def test_the_readmes_tables_are_what_the_command_prints() -> None:
    printed = CliRunner().invoke(table.tables).output
    assert printed.count("### ") == len(list(table.RESULTS.glob("*.json"))) > 0
    assert f"<!-- results -->\n\n{printed}\n<!-- end of results -->" in table.README.read_text(encoding="utf-8")


def test_writing_the_tables_changes_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = table.README.read_text(encoding="utf-8")
    copy = tmp_path / "README.md"
    copy.write_text(text.replace("| 1.658 s |", "| 1.000 s |"), encoding="utf-8")
    monkeypatch.setattr(table, "README", copy)
    assert CliRunner().invoke(table.tables, ["--write"]).exit_code == 0
    assert copy.read_text(encoding="utf-8") == text


def test_results_are_rows_as_a_run_writes_them(tmp_path: Path) -> None:
    for rows in table.results():
        assert len({(row.date, str(row.machine)) for row in rows}) == 1
        assert all(row.peer in CONTENDERS and row.ratio_min <= row.ratio <= row.ratio_max for row in rows)
        table.write(tmp_path / "rows.json", rows)
        assert json.loads((tmp_path / "rows.json").read_text(encoding="utf-8")) == [asdict(row) for row in rows]


@pytest.mark.ordinary
def test_the_charts_have_a_panel_for_each_machine_and_kind(tmp_path: Path) -> None:
    machines = {str(rows[0].machine["cpu"]) for rows in table.results()}
    assert len(draw(table.results()).axes) == len(machines)
    assert len(draw_networks(table.results()).axes) == 2
    assert CliRunner().invoke(chart, ["-o", str(tmp_path)]).exit_code == 0
    for name in ("speed.png", "networks.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")


def test_the_newest_of_what_all_machines_have_is_drawn() -> None:
    numbers = {"ours_s": 1, "peer_s": 2, "ratio_min": 0, "ratio_max": 1, "ours_peak_mb": 1, "peer_peak_mb": 1}
    plain = {**numbers, "memory_ratio": 1, "rounds": 5, "versions": {}, "machine": {"cpu": "A", "cores": 2}}
    old = Row(work="train mobilenet_v2 b8@224", peer="pytorch", ratio=0.5, date="2026-01-01", **plain)  # type: ignore[arg-type]
    new = replace(old, ratio=0.7, date="2026-01-02")
    other = replace(old, machine={"cpu": "B", "cores": 2}, ratio=0.9)
    alone = replace(new, work="train resnet34 b16@224")
    figure = draw([[new, alone], [old], [other]])
    assert [[text.get_text() for text in axes.texts] for axes in figure.axes] == [["0.70"], ["0.90"]]
    with pytest.raises(click.ClickException, match="the same work on every machine"):
        draw([[alone], [other]])


def test_too_few_networks_are_refused() -> None:
    with pytest.raises(click.ClickException, match="expected a file of many networks"):
        draw_networks([rows[:1] for rows in table.results()])


def test_the_median_of_many_rows_is_said() -> None:
    rows = next(rows for rows in table.results() if len(rows) > 20)
    assert re.search(
        r"Median of the \d+ ratios of train beside PyTorch.*: 0\.\d\d, target 0\.80\.", table.markdown(rows)
    )
