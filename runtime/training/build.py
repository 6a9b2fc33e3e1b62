"""From a network and a recipe to a session on a device: programs, executables, and the state to train from."""

from collections.abc import Sequence
from dataclasses import dataclass

from emit.expand import expand
from emit.graph import size
from emit.program import Program
from netspec.errors import DeviceError
from netspec.text import shown
from runtime.checkpoint import Position
from runtime.compiler.compile import Compiled, compile_programs
from runtime.compiler.target import Target
from runtime.compiler.tiling.tuned import chosen_lowerings, program_for
from runtime.engine.iree import Device
from runtime.engine.session import Arrays, Session, averages_begun, initial_state
from runtime.report import Report
from runtime.training.prepare import Prepared
from runtime.training.resume import Opened, Origin
from runtime.training.start import started_from
from runtime.training.teacher import Teaching
from runtime.verify.selfcheck import self_check


@dataclass(frozen=True)
class Built:
    """A session that is ready to train.

    Args:
        programs: `train_step` and `evaluate`.
        compiled: their executables, in the same order.
        session: on the device, with the run's state.
        position: of that state.
        teaching: the teacher, on the same device, if there is one.
    """

    programs: Sequence[Program]
    compiled: Sequence[Compiled]
    session: Session
    position: Position
    teaching: Teaching | None = None


def check_device(device: Device, target: Target, *, ignore: bool, report: Report) -> None:
    """Run the self-check. Raises DeviceError where it fails, unless that is to be ignored."""
    check = self_check(device, target, report)
    if check.passed:
        return
    wrong = f"{target} computes wrong numbers: {check.found}"
    if not ignore:
        raise DeviceError(
            f"{wrong}; update its driver or choose another IREE_BACKEND or IREE_CHIP, and see `netspec verify`, which "
            "narrows it down; --ignore-self-check trains all the same."
        )
    report.say(f"warning: {wrong}; going on, as --ignore-self-check asks")


def build(opened: Opened, prepared: Prepared, device: Device, target: Target, report: Report) -> Built:
    """Emit and compile the programs, and put the initial state, or that of a resumed run, on the device.

    Raises NetSpecError.
    """
    net, config = prepared.net, prepared.config
    report.say(f"{net.name}: {size(expand(net).parameters())} params")
    report.say("Generating train step MLIR...")
    programs = [program_for(name, net, config, target) for name in ("train_step", "evaluate")]
    report.say(f"{len(programs[0].text)} chars")
    compiled = _compiled(programs, target, report)
    pairs = zip(programs, compiled, strict=True)
    loaded = {binary.entry_point: (binary.program, program.manifest) for program, binary in pairs}
    session = Session(device, loaded, config.seed)
    resumed = opened.resumed
    if resumed is None:
        position = Position()
        session.restore(_initial(programs[0], prepared, opened.weights, report), "the initial state")
    else:
        session.restore(resumed.checkpoint.tensors, shown(resumed.source))
        position = opened.run.resume(resumed.checkpoint, resumed.source)
    report.say("session loaded")
    teacher = prepared.teacher
    teaching = None if teacher is None else Teaching(teacher, config, device, target, report)
    return Built(programs, compiled, session, position, teaching)


def _compiled(programs: Sequence[Program], target: Target, report: Report) -> list[Compiled]:
    compiled = compile_programs(programs, target, report)
    cached = [program.entry_point for program in compiled if program.cached]
    if cached:
        report.say(f"{' and '.join(cached)}: compiled before, taken from the cache")
    tiled = max(program.tiles for program in compiled)
    if tiled:
        report.say(f"matmuls and convolutions: {tiled} shapes with measured tiles")
    if measured := sum(len(chosen_lowerings(target, program.manifest.entry_point)) for program in programs):
        report.say(f"lowerings: {measured} choices measured on this machine")
    return compiled


def _initial(train_step: Program, prepared: Prepared, weights: Origin | None, report: Report) -> Arrays:
    """The initial state of a new run."""
    initial = initial_state(train_step.manifest.state(), prepared.config.seed)
    if weights is None:
        if prepared.config.freeze or prepared.config.freezeBN:
            report.say(
                "warning: freeze and freezeBN keep what weights have learnt, and this run starts from none: what they "
                "keep is random, or no normalisation; start from --weights, or leave them out"
            )
        return initial
    start = weights.checkpoint
    state, new_head = started_from(start, prepared.images.classes, initial)
    head = (
        "the head is new, as its classes are others, and starts at 0"
        if new_head
        else "its head too, as the classes are the same"
    )
    file = start.origin and start.origin.get("file")
    after = f"in {shown(file)}" if file else f"after {start.position.epoch} epochs"
    report.say(f"starting from the weights of {start.net.name} {after}; {head}")
    return averages_begun(train_step.manifest.state(), state)
