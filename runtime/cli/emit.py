"""`netspec emit`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtime.cli.networks import open_program, program_arguments
from runtime.cli.terminal import check_output, echo, passes_text, path_text
from runtime.networks import ImageSize

if TYPE_CHECKING:
    from emit.program import Program
    from runtime.compiler.target import Target

PHASES = ("stablehlo", "flow", "passes")
FLOW = "at IREE's flow phase"  # in the first line of such a text


@click.command(epilog="Example: netspec emit mobilenet_v2 predict --phase passes -o after.mlir")
@program_arguments
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file instead of standard output."
)
@click.option("--manifest", is_flag=True, help="The manifest (JSON) instead of the text.")
@click.option(
    "--phase",
    type=click.Choice(PHASES),
    default=PHASES[0],
    show_default=True,
    help="StableHLO, or what IREE makes of it: its flow phase before or after NetSpec's passes.",
)
def command(
    spec: str,
    program: str,
    output: Path | None,
    image_size: ImageSize | None,
    width: float | None,
    batch_size: str | None,
    manifest: bool,
    phase: str,
) -> None:
    """Print the StableHLO text of a PROGRAM of SPEC: train_step (the default), evaluate or predict.

    train_step and evaluate share their state; predict has batch norm folded into the convolutions.

    Lowerings are those of the backend in IREE_BACKEND. A run folder names the network that it trained. A file given by
    --output is replaced only if it holds such a text.

    --phase flow is the IR of IREE's flow phase before NetSpec's passes, --phase passes after them, which is compiled
    on, with the lowerings and tiles that were measured here. How often each pass applied goes to standard error.
    """
    from emit.programs import emit
    from runtime.compiler.target import target_from_environment
    from runtime.system.files import write_whole

    if manifest and phase != PHASES[0]:
        raise click.UsageError(f"expected one of --manifest and --phase {phase}: the manifest is the StableHLO's.")
    if output == Path("-"):
        output = None
    if output is not None:
        check_output("--output", output, _is_manifest if manifest else _is_text if phase == PHASES[0] else _is_flow)
    loaded = open_program(spec, image_size, width, batch_size)
    target = target_from_environment()
    if target.note:
        echo(target.note, err=True)
    if phase != PHASES[0]:
        from runtime.compiler.tiling.tuned import program_for

        emitted = program_for(program, loaded.net, loaded.config, target)
        text = _flow_text(emitted, target, passes=phase == "passes")
    else:
        emitted = emit(program, loaded.net, loaded.config, backend=target.backend)
        text = emitted.manifest.to_text() if manifest else emitted.text
    if output is None:
        echo(text, nl=False)
        return
    write_whole(output, text.encode())
    echo(f"{path_text(output)}: {len(text)} chars", err=True)


def _flow_text(program: "Program", target: "Target", passes: bool) -> str:
    """The flow phase below a line that says what it is; how often each pass applied is printed."""
    from runtime.compiler.compile import flow_phase
    from runtime.report import Report

    report = Report(live=sys.stderr.isatty(), stream=sys.stderr)
    text, counts = flow_phase(program, target, report, passes=passes)
    if counts:
        echo(passes_text(counts), err=True)
    elif passes:
        why = "they failed" if target.backend == "cpu" else f"there are none for {target}"
        echo(f"passes: {why}, so this is IREE's flow phase as IREE makes it", err=True)
    state = "after the passes" if counts else "as IREE makes it"
    manifest = program.manifest
    return f"// {manifest.network}: {manifest.entry_point} {FLOW}, {state}, for {target}.\n{text}"


def _is_text(found: bytes) -> bool:
    """Whether a file holds the text of a program as it is emitted here."""
    head = found[:4096].split(b"\n")
    return len(head) > 2 and b"Arguments and results in order: see " in head[1] and head[2].startswith(b"module @")


def _is_flow(found: bytes) -> bool:
    """Whether a file holds a flow phase as it is printed here, before or after the passes."""
    title, _, text = found[:4096].partition(b"\n")
    return title.startswith(b"// ") and f" {FLOW}, ".encode() in title and text.startswith(b"module @")


def _is_manifest(found: bytes) -> bool:
    """Whether a file holds a program's manifest, and nothing else."""
    from runtime.system.files import parse_json

    try:
        plain = parse_json(found)
    except ValueError:
        return False
    keys = {"entry_point", "network", "arguments", "results"}
    return isinstance(plain, dict) and keys <= plain.keys() <= keys | {"preprocessing"}
