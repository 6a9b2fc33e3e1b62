"""What a run leaves beside its checkpoints: the curve, and the program `predict`, compiled when training is over."""

from dataclasses import dataclass, replace

from emit.program import Program
from netspec.errors import NetSpecError
from runtime.compiler.compile import compile_programs
from runtime.compiler.target import Target
from runtime.compiler.tiling.tuned import program_for
from runtime.report import Report
from runtime.tasks import task_of
from runtime.training.plot import Curve
from runtime.training.prepare import Prepared
from runtime.training.run import CURVE, Run


@dataclass(frozen=True)
class Artefacts:
    """A run's program `predict`, of one image, with the target that it is compiled for; and the run's curve."""

    predict: Program
    target: Target
    curve: Curve


def artefacts_of(run: Run, prepared: Prepared, target: Target, report: Report) -> Artefacts:
    """The artefacts of a run, not written yet. Raises SpecError, and FileError."""
    net, config = prepared.net, replace(prepared.config, batchSize=1)
    predict = program_for("predict", net, config, target)
    return Artefacts(predict, target, Curve(run.folder / CURVE, net.name, task_of(net), report.say))


def complete(artefacts: Artefacts, run: Run, report: Report) -> None:
    """Write what is missing. A failure is reported and does not fail the run: its checkpoints are saved."""
    if not run.has_curve():
        artefacts.curve.draw(run.rows)
    try:
        if not (run.folder / "predict.vmfb").exists():
            (compiled,) = compile_programs([artefacts.predict], artefacts.target, report)
            run.add_program(artefacts.predict, compiled.program)
    except NetSpecError as wrong:
        report.say(f"the run is complete, without its predict.vmfb: {wrong}")
