"""A training step compared with peers: `python -m benchmarks.train_step`. `README.md` says what is measured."""

from pathlib import Path

import click

from benchmarks import command
from benchmarks.command import job, options, others, refuse_with_all, run
from runtime.networks import ImageSize

SIZE = 224
# Network, image size, batch; then all others at one size.
TABLE = (
    ("mobilenet_v2", 224, 32),
    ("mobilenet_v2", 128, 32),
    ("mobilenet_v2", 224, 8),
    ("resnet34", 224, 16),
)


@click.command(epilog="Example: python -m benchmarks.train_step --image-size 128 --peer pytorch --json rows.json")
@options("train")
def train_step(
    spec: str | None,
    image_size: ImageSize | None,
    width: float | None,
    batch_size: int | None,
    rounds: int,
    peers: tuple[str, ...],
    json_file: Path | None,
    everything: bool,
) -> None:
    """Time one training step (forward, backward, Adam) in netspec and its peers, interleaved; batch 32 by default."""
    if everything:
        refuse_with_all(spec=spec, image_size=image_size, width=width, batch_size=batch_size)
        rest = [(name, SIZE, batch) for name, batch in others((name for name, _, _ in TABLE), SIZE)]
        jobs = [job("train", name, (size, size), None, batch) for name, size, batch in (*TABLE, *rest)]
    else:
        jobs = [job("train", spec or "mobilenet_v2", image_size, width, batch_size or 32)]
    run(jobs, peers, rounds, json_file)


if __name__ == "__main__":
    command.main(train_step, "train_step")
