"""Accuracy beside a published model in PyTorch: `python -m benchmarks.accuracy`; see `README.md`."""

import statistics
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from benchmarks import command
from benchmarks.machine import machine
from netspec import __version__
from netspec.check import training_net
from netspec.errors import InputError, NetSpecError
from netspec.loading import Spec
from netspec.plain import config_to_plain
from runtime.cli.networks import field_settings, image_size_option
from runtime.compiler.target import target
from runtime.networks import ImageSize, open_spec, recipe_of_weights
from runtime.report import Report
from runtime.system import files
from runtime.tasks import task_of
from runtime.training.job import Job, train
from runtime.training.run import METRICS, read_rows
from runtime.training.start import Start, read_weights
from runtime.weights.exporting import export


@dataclass(frozen=True, kw_only=True)
class Row:
    """One network and seed; accuracies on the validation images, 0 to 1, after each epoch. Times are of the whole."""

    network: str
    image: tuple[int, int]
    seed: int
    ours: list[float]
    peer: list[float]
    ours_s: float
    peer_s: float
    recipe: dict[str, Any]
    versions: dict[str, str]
    machine: dict[str, Any]
    date: str


@click.command(epilog="Example: python -m benchmarks.accuracy mobilenet_v3:large photos --image-size 128")
@click.argument("network")
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@image_size_option
@click.option("--recipe", metavar="NAME|FILE", help="As netspec train has it.")
@click.option("--weights", type=click.Path(path_type=Path), metavar="PATH", help="What both start from; a new head.")
@click.option(*("--set", "settings"), multiple=True, callback=field_settings, metavar="FIELD=VALUE")
@click.option("--epochs", type=click.IntRange(1), metavar="N", help="10 from scratch, else the recipe's.")
@click.option("--seed", "seeds", type=click.IntRange(0), multiple=True, default=(0, 1, 2), show_default=True)
@click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also write the rows here, after those that it has.",
)
def accuracy(
    network: str,
    data: Path,
    image_size: ImageSize | None,
    recipe: str | None,
    weights: Path | None,
    settings: dict[str, str],
    epochs: int | None,
    seeds: tuple[int, ...],
    json_file: Path | None,
) -> None:
    """Train a NETWORK that has a peer on the images of DATA, here and in PyTorch: the same batches and recipe."""
    command.check_writable(json_file)
    kept = _kept(json_file)
    try:
        peer = import_module("benchmarks.peers.recipe")
    except ImportError as missing:
        raise InputError(f"{missing}: install '.[peers]'.") from missing
    if network not in peer.MODELS:
        raise InputError(f"{network}: expected one of {', '.join(peer.MODELS)}, which have a peer.")
    if epochs is None and recipe is None and weights is None:
        epochs = 10
    if epochs is not None:
        settings = {**settings, "epochs": str(epochs)}
    chosen = recipe or recipe_of_weights(network, weights)
    opened = open_spec(network, image_size=image_size, settings=settings, recipe=chosen)
    peer.check(opened.config)
    rows = []
    for seed in seeds:
        config = replace(opened.config, seed=seed)
        rows.append(_row(network, replace(opened, config=config), data, weights, peer))
        if json_file is not None:
            files.write_whole(json_file, files.json_text([*kept, *map(asdict, rows)], 1).encode())
    show(rows)


def _kept(json_file: Path | None) -> list[Any]:
    """The rows that a file has already. Raises InputError."""
    if json_file is None or not json_file.exists():
        return []
    try:
        rows = files.parse_json(files.read_text(json_file))
    except ValueError as wrong:
        raise InputError(f"--json {json_file}: expected rows of this command, found invalid JSON: {wrong}.") from None
    if not isinstance(rows, list):
        raise InputError(f"--json {json_file}: expected a list of rows, found something else.")
    return rows


def _row(network: str, spec: Spec, data: Path, weights: Path | None, recipe: Any) -> Row:
    report = Report(live=False)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        start = None if weights is None else Start(weights)
        outcome = train(Job(spec, data, target("cpu"), output=run, weights=start), report)
        if not outcome.finished:
            raise NetSpecError(f"{network}: training was stopped.")
        ours = [row.val_accuracy for row in read_rows(run / METRICS)]
    ours_s = time.monotonic() - started
    with tempfile.TemporaryDirectory() as folder:
        net, file = spec.net, None
        if start is not None:
            checkpoint, net = read_weights(start, net, spec.config, report)
            net, file = replace(net, preprocessing=checkpoint.net.preprocessing), Path(folder) / "weights.safetensors"
            list(export(checkpoint, recipe.library(network), file))
        images = task_of(net).read(data, net, report, trained=training_net(net, spec.config))
        started = time.monotonic()
        peer = []
        for epoch, share in enumerate(recipe.train(network, net, spec.config, images, file), 1):
            report.say(f"peer: epoch {epoch}/{spec.config.epochs}: accuracy {share:.1%}")
            peer.append(share)
    return Row(
        network=network,
        image=(spec.net.imageH, spec.net.imageW),
        seed=spec.config.seed,
        ours=ours,
        peer=peer,
        ours_s=ours_s,
        peer_s=time.monotonic() - started,
        recipe=config_to_plain(spec.config),
        versions={"netspec": __version__, **recipe.versions()},
        machine=machine(),
        date=datetime.now(UTC).date().isoformat(),
    )


def show(rows: list[Row]) -> None:
    """Print the last epoch's accuracies and the difference of their means."""
    table = Table("network", "seed", "ours, %", "peer, %")
    for row in rows:
        table.add_row(row.network, f"{row.seed}", f"{100 * row.ours[-1]:.1f}", f"{100 * row.peer[-1]:.1f}")
    ours, peer = (statistics.fmean(getattr(row, side)[-1] for row in rows) for side in ("ours", "peer"))
    table.add_row("mean", "", f"{100 * ours:.1f}", f"{100 * peer:.1f}")
    console = Console(highlight=False)
    console.print(table)
    console.print(f"{100 * (ours - peer):+.1f} points")


if __name__ == "__main__":
    command.main(accuracy, "accuracy")
