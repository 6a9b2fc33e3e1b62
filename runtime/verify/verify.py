"""A verification from a checked spec to a certificate: the rules, the composition, the numbers."""

import hashlib
import io
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from emit.lowerings import Chosen
from emit.program import Program
from emit.programs import ENTRY_POINTS, graph_of
from emit.targets import lowerings_of
from emit.tasks import task_of
from netspec import __version__
from netspec.errors import InputError
from netspec.language import NetSpec, TrainConfig
from netspec.plain import net_to_plain
from netspec.text import shown
from runtime.compiler.compile import check_releases
from runtime.compiler.job import flags
from runtime.compiler.target import Target
from runtime.compiler.tiling.tuned import chosen_lowerings, program_for
from runtime.engine.iree import Device
from runtime.report import Report
from runtime.system.files import json_text, output_folder, parse_json, read_whole, write_whole
from runtime.system.packages import release
from runtime.system.paths import new_folder
from runtime.verify.cases import by_family, by_window, general_cases, network_cases
from runtime.verify.check import Check
from runtime.verify.composition import check_composition
from runtime.verify.numbers import InBackground, Numbers
from runtime.verify.reference import TensorError
from runtime.verify.rules import check_rules
from runtime.verify.selfcheck import SelfCheck, facts, self_check
from runtime.verify.step import check_small_instance
from runtime.verify.text import parsed_back

CERTIFICATE, REPRO = "certificate.json", "repro"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Job:
    """The request of `netspec verify`.

    Args:
        folder: of the certificate; None: a new folder under `runs`.
        quick: skip the compiled training step; of the device, run the self-check only.
    """

    net: NetSpec
    config: TrainConfig
    target: Target
    folder: Path | None = None
    quick: bool = False


@dataclass(frozen=True)
class Certificate:
    """The result of a verification: checks, programs, device and tensors."""

    net: NetSpec
    config: TrainConfig
    path: Path
    quick: bool
    checks: tuple[Check, ...]
    seconds: float
    programs: dict[str, str]
    device: dict[str, Any]
    tensors: tuple[dict[str, Any], ...] = ()
    written: str = field(default_factory=lambda: time.strftime("%Y-%m-%dT%H:%M:%S%z"))

    @property
    def passed(self) -> bool:
        """Whether everything holds."""
        return all(check.passed for check in self.checks)

    @property
    def summary(self) -> str:
        """One line."""
        failed = [check for check in self.checks if not check.passed]
        counted = f"{len(self.checks)} checks in {self.seconds:.0f} s; certificate: {self.path}"
        if not failed:
            return f"{self.net.name}: all hold, {counted}"
        return f"{self.net.name}: {len(failed)} of {counted}; first: {failed[0].subject}: {failed[0].found}"

    def to_plain(self) -> dict[str, Any]:
        """JSON-ready."""
        packages = ("iree-base-compiler", "iree-base-runtime", "jax", "jaxlib", "numpy")
        return {
            "passed": self.passed,
            "quick": self.quick,
            "network": net_to_plain(self.net),
            "recipe": asdict(self.config),
            "programs_sha256": self.programs,
            "device": self.device,
            "versions": {
                "netspec": __version__,
                "python": platform.python_version(),
                **{name: release(name) for name in packages},
            },
            "machine": f"{platform.system()} {platform.machine()}",
            "written": self.written,
            "seconds": round(self.seconds, 1),
            "checks": [asdict(check) for check in self.checks],
            "tensors": list(self.tensors),
        }


def verify(job: Job, show: Callable[[str, Check], None], doing: Say) -> Certificate:
    """Run a job, showing each check as soon as it is known, and write the certificate. Raises NetSpecError."""
    check_releases()
    folder = job.folder or new_folder(f"{job.net.name}-verify")
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: expected a folder for the certificate, found a file; choose another --output.")
    _check_replaceable(folder, CERTIFICATE, REPRO)
    with output_folder(folder):
        return _verified(job, folder, show, doing)


def _verified(job: Job, folder: Path, show: Callable[[str, Check], None], doing: Say) -> Certificate:
    started = time.monotonic()
    device = Device(job.target)
    programs = {name: program_for(name, job.net, job.config, job.target) for name in ENTRY_POINTS}
    checks: list[Check] = []
    tensors: list[TensorError] = []
    for part, check in _checks(job, programs, device, folder, doing, tensors):
        checks.append(check)
        show(part, check)
    certificate = Certificate(
        job.net,
        job.config,
        folder / CERTIFICATE,
        job.quick,
        tuple(checks),
        time.monotonic() - started,
        {name: hashlib.sha256(program.text.encode()).hexdigest() for name, program in programs.items()},
        {**facts(job.target), "flags": list(flags(job.target))},
        tuple(asdict(tensor) for tensor in tensors),
    )
    _check_replaceable(folder, CERTIFICATE)  # a file may have come there in the meantime
    write_whole(certificate.path, (json_text(certificate.to_plain(), 1) + "\n").encode())
    return certificate


def _check_replaceable(folder: Path, *names: str) -> None:
    """Raises InputError where a file to write exists and is not of an earlier certificate."""
    for name in names:
        if (folder / name).exists() and not _certified(folder / CERTIFICATE):
            raise InputError(
                f"{shown(folder)}: holds {name}, which is not of an earlier certificate and would be lost; choose "
                "another --output."
            )


def _certified(path: Path) -> bool:
    try:
        return "programs_sha256" in parse_json(read_whole(path))
    except (InputError, ValueError, TypeError):
        return False


_RULES = (
    "1. The rules: every op in every lowering, at odd sizes, all strides and paddings (p: that a wrong rule passes)"
)
_OWN = "1. The rules: this network's ops, its channels and its image sizes"
_COMPOSITION = "2. The composition: the program is the chain rule over these ops"
_NUMBERS = "3. The numbers: the compiled program on this device"


def _checks(
    job: Job, programs: dict[str, Program], device: Device, folder: Path, doing: Say, tensors: list[TensorError]
) -> Iterator[tuple[str, Check]]:
    """The checks, with their part of the table. The compiler works while the rules are proved."""
    report = _Doing(doing)
    with ExitStack() as stack:
        checking = stack.enter_context(InBackground(partial(self_check, device, job.target)))
        numbers = None
        if not job.quick:
            numbers = Numbers(
                job.net, job.config, job.target, device, report, folder=folder / REPRO, chosen=_chosen(job)
            )
            stack.enter_context(numbers)
        yield from _proofs(job, programs, doing)
        yield _NUMBERS, _self_check(checking.result(report, f"Checking the numbers of {job.target}"))
        if numbers is not None:
            for check in numbers.checks():
                yield _NUMBERS, check
            tensors += numbers.tensors


def _chosen(job: Job) -> Chosen:
    return chosen_lowerings(job.target, "train_step")


def _proofs(job: Job, programs: dict[str, Program], doing: Say) -> Iterator[tuple[str, Check]]:
    net, config, backend = job.net, job.config, job.target.backend
    doing("every op, in every lowering")
    for check in check_rules(general_cases(), by_family):
        yield _RULES, check
    doing("the network's own ops")
    graph, lowerings = graph_of("train_step", net, config), lowerings_of(backend, _chosen(job))
    for check in check_rules(
        network_cases(graph, config.batchSize, lowerings, task_of(net).loss(net, config)), by_window
    ):
        yield _OWN, check
    doing("the training step, operation by operation")
    yield _COMPOSITION, check_composition(programs["train_step"], net, config, backend, _chosen(job))
    for program in programs.values():
        yield _COMPOSITION, parsed_back(program)
    doing("a small instance in 80 digits")
    for check in check_small_instance(net, config, backend):
        yield _COMPOSITION, check


def _self_check(result: SelfCheck) -> Check:
    return Check(
        "number",
        "self-check, a small network",
        "IREE in f32 = evaluator in f64",
        "f32 against f64",
        f"{result.tensors} tensors",
        result.passed,
        result.found,
        result.seconds,
    )


class _Doing(Report):
    """Shows the step in progress on the line below the table, and discards log lines."""

    def __init__(self, doing: Say) -> None:
        super().__init__(live=False, stream=io.StringIO())
        self._doing = doing

    def say(self, text: str) -> None:
        """Discard: the table shows it."""

    @contextmanager
    def clock(self, title: str) -> Iterator[Callable[[str], None]]:
        """The line below the table counts the seconds."""
        self._doing(title)
        yield lambda detail: None
