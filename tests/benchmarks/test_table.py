"""The tables and the picture that are made from `benchmarks/results`."""

import json
from dataclasses import asdict
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from benchmarks import table
from benchmarks.chart import chart, draw
from benchmarks.contenders import CONTENDERS


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


def test_the_chart_has_a_panel_for_each_machine(tmp_path: Path) -> None:
    machines = {str(rows[0].machine["cpu"]) for rows in table.results()}
    assert len(draw(table.results()).axes) == len(machines)
    assert CliRunner().invoke(chart, ["-o", str(tmp_path / "speed.png")]).exit_code == 0
    assert (tmp_path / "speed.png").read_bytes().startswith(b"\x89PNG")


def test_a_chart_of_unlike_rows_is_refused() -> None:
    first, second, *_ = table.results()
    with pytest.raises(click.ClickException, match="the same work and peers"):
        draw([first, second[1:]])
