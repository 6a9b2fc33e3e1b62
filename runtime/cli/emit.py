"""`netspec emit`."""

from pathlib import Path

import click

from runtime.cli.specs import open_program, program_arguments
from runtime.cli.terminal import check_output, echo, path_text


@click.command(epilog="Example: netspec emit mobilenet_v2 evaluate -o evaluate.mlir")
@program_arguments
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file instead of standard output."
)
@click.option("--manifest", is_flag=True, help="The manifest (JSON) instead of the text.")
def command(
    spec: str, program: str, output: Path | None, image_size: int | None, batch_size: str | None, manifest: bool
) -> None:
    """Print the StableHLO text of a PROGRAM of SPEC: train_step (the default), evaluate or predict.

    train_step and evaluate share their state; predict has batch norm folded into the convolutions.

    Lowerings are those of the backend in IREE_BACKEND. A run folder names the network that it trained. A file given by
    --output is replaced only if it holds such a text.
    """
    from emit.programs import emit
    from runtime.compiler.target import target_from_environment
    from runtime.system.files import write_whole

    if output == Path("-"):
        output = None
    if output is not None:
        check_output("--output", output, _is_manifest if manifest else _is_text)
    loaded = open_program(spec, image_size, batch_size)
    target = target_from_environment()
    if target.note:
        echo(target.note, err=True)
    emitted = emit(program, loaded.net, loaded.config, backend=target.backend)
    text = emitted.manifest.to_text() if manifest else emitted.text
    if output is None:
        echo(text, nl=False)
        return
    write_whole(output, text.encode())
    echo(f"{path_text(output)}: {len(text)} chars", err=True)


def _is_text(found: bytes) -> bool:
    """Whether a file holds the text of a program as it is emitted here."""
    head = found[:4096].split(b"\n")
    return len(head) > 2 and b"Arguments and results in order: see " in head[1] and head[2].startswith(b"module @")


def _is_manifest(found: bytes) -> bool:
    """Whether a file holds a program's manifest, and nothing else."""
    from runtime.system.files import parse_json

    try:
        plain = parse_json(found)
    except ValueError:
        return False
    keys = {"entry_point", "network", "arguments", "results"}
    return isinstance(plain, dict) and keys <= plain.keys() <= keys | {"preprocessing"}
