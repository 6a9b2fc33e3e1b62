"""Inference and evaluation compared with peers: `python -m benchmarks.inference`. `README.md` says what is measured."""

from pathlib import Path

import click

from benchmarks import command
from benchmarks.command import job, options, others, refuse_with_all, run
from benchmarks.job import Kind
from runtime.networks import ImageSize

SIZE = 224
# Kind of work, network, image size, batch; then inference of all others at one size.
TABLE: tuple[tuple[Kind, str, int, int], ...] = (
    ("inference", "mobilenet_v2", 224, 1),
    ("evaluation", "mobilenet_v2", 224, 32),
)
BATCHES: dict[Kind, int] = {"inference": 1, "evaluation": 32}


@click.command(epilog="Example: python -m benchmarks.inference --peer onnxruntime --peer litert")
@options("inference", "evaluation")
@click.option(
    "--work",
    "kind",
    type=click.Choice(tuple(BATCHES)),
    help="inference: weights that stay, batch norm folded by the peers; evaluation: weights as in training.",
)
def inference(
    spec: str | None,
    image_size: ImageSize | None,
    width: float | None,
    batch_size: int | None,
    rounds: int,
    peers: tuple[str, ...],
    json_file: Path | None,
    everything: bool,
    kind: Kind | None,
) -> None:
    """Time the probabilities of one batch in netspec and in its peers, interleaved.

    A batch is 1 image for inference and 32 for evaluation by default.
    """
    if everything:
        refuse_with_all(spec=spec, image_size=image_size, width=width, batch_size=batch_size, work=kind)
        rest: list[tuple[Kind, str, int, int]] = [
            ("inference", name, SIZE, 1) for name, _ in others((name for _, name, _, _ in TABLE), SIZE)
        ]
        jobs = [job(work, name, (size, size), None, batch) for work, name, size, batch in (*TABLE, *rest)]
    else:
        asked: Kind = kind or "inference"
        jobs = [job(asked, spec or "mobilenet_v2", image_size, width, batch_size or BATCHES[asked])]
    run(jobs, peers, rounds, json_file)


if __name__ == "__main__":
    command.main(inference, "inference")
