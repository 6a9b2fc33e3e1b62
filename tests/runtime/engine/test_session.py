"""Programs on a device: state that stays there, copies that come back, and an end without a crash."""

import gc
import io
import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from emit.program import Program
from emit.programs import emit
from netspec import NetSpec, TrainConfig, convBn, dense, globalAvgPool
from netspec.errors import InputError, NetSpecError
from runtime.compiler.compile import compile_programs
from runtime.compiler.target import target
from runtime.engine.iree import Device
from runtime.engine.session import Arrays, Session, initial_state
from runtime.report import Report
from tests.runtime.sandbox import ROOT, only_one

pytestmark = pytest.mark.ordinary

NET = NetSpec(
    "Micro", [convBn(3, 8, 3, 2, "same"), globalAvgPool(), dense(8, 3, "identity")], 16, 16, activation="relu"
)
RECIPE = TrainConfig(0.1, 4, 1, useAdam=False, momentum=0.9)
CPU = target("cpu")
DRAW = np.random.default_rng(0)
IMAGES = DRAW.integers(0, 256, (4, 16, 16, 3), np.uint8)
LABELS = np.array([0, 1, 2, 0], np.int32)


@pytest.fixture(scope="module")
def programs() -> list[Program]:
    return [emit(name, NET, RECIPE) for name in ("train_step", "evaluate")]


@pytest.fixture(scope="module")
def files(shared: Path, programs: list[Program]) -> list[bytes]:
    with pytest.MonkeyPatch.context() as patch, only_one(shared):
        patch.setenv("NETSPEC_CACHE", str(shared / "session"))
        compiled = compile_programs(programs, CPU, Report(live=False, stream=io.StringIO()))
    return [result.program for result in compiled]


@pytest.fixture
def session(programs: list[Program], files: list[bytes]) -> Session:
    named = {program.manifest.entry_point: program for program in programs}
    return Session(
        Device(CPU),
        {name: (file, program.manifest) for (name, program), file in zip(named.items(), files, strict=True)},
    )


@pytest.fixture
def start(programs: list[Program]) -> Arrays:
    return initial_state(programs[0].manifest.state(), 0)


def test_what_is_restored_comes_back_bit_for_bit(session: Session, start: Arrays) -> None:
    session.restore(start, "here")
    found = session.state()
    assert list(found) == list(start)
    assert all(found[name].tobytes() == start[name].tobytes() for name in start)
    assert all(found[name].dtype == start[name].dtype and found[name].shape == start[name].shape for name in start)


def test_a_step_changes_the_state_on_the_device_and_not_the_arrays_it_came_from(
    session: Session, start: Arrays
) -> None:
    before = {name: array.copy() for name, array in start.items()}
    session.restore(start, "here")
    assert session.number(session.step(IMAGES, LABELS, 0.1)) > 0
    after = session.state()
    assert after["step"] == 1
    assert {name for name in start if not np.array_equal(before[name], after[name])} == set(start)
    assert all(np.array_equal(start[name], before[name]) for name in start)


def test_a_rate_of_zero_leaves_the_weights_alone(session: Session, start: Arrays) -> None:
    session.restore(start, "here")
    session.step(IMAGES, LABELS, 0.0)
    after = session.state()
    assert after["head_weight"].tobytes() == start["head_weight"].tobytes()
    assert after["head_weight_momentum"].any()


def test_steps_may_be_queued_and_their_losses_read_later_in_any_order(session: Session, start: Arrays) -> None:
    session.restore(start, "here")
    eager = [session.number(session.step(IMAGES, LABELS, 0.05)) for _ in range(6)]
    session.restore(start, "here")
    queued = [session.step(IMAGES, LABELS, 0.05) for _ in range(6)]
    assert [session.number(loss) for loss in reversed(queued)] == eager[::-1]
    assert eager[-1] < eager[0]


def test_the_host_may_change_its_batch_as_soon_as_a_step_has_returned(session: Session, start: Arrays) -> None:
    session.restore(start, "here")
    expected = session.number(session.step(IMAGES, LABELS, 0.1))
    images, labels = IMAGES.copy(), LABELS.copy()
    session.restore(start, "here")
    loss = session.step(images, labels, 0.1)
    images[:], labels[:] = 0, 0
    assert session.number(loss) == expected


def test_arrays_that_were_read_back_outlive_the_devices_buffers(
    programs: list[Program], files: list[bytes], start: Arrays
) -> None:
    session = Session(Device(CPU), {"train_step": (files[0], programs[0].manifest)})
    session.restore(start, "here")
    session.step(IMAGES, LABELS, 0.1)
    kept = session.state()
    copies = {name: array.copy() for name, array in kept.items()}
    assert all(array.flags.owndata or (array.base is not None and array.base.flags.owndata) for array in kept.values())
    for _ in range(20):
        session.step(IMAGES, LABELS, 0.1)
    del session
    gc.collect()
    for name, array in kept.items():
        assert np.array_equal(array, copies[name])
        array += 1  # its own memory, and writable


def test_evaluation_sums_over_the_labelled_rows_only(session: Session, start: Arrays) -> None:
    session.restore(start, "here")
    complete = session.evaluate(IMAGES, LABELS)
    parts = [session.evaluate(IMAGES, np.where(np.arange(4) == row, LABELS, -1).astype(np.int32)) for row in range(4)]
    assert complete["correct"] == sum(part["correct"] for part in parts)
    assert complete["loss_sum"] == pytest.approx(sum(part["loss_sum"] for part in parts), rel=1e-5)
    assert complete["probabilities"].sum(1) == pytest.approx(np.ones(4), rel=1e-5)
    nothing = session.evaluate(IMAGES, np.full(4, -1, np.int32))
    assert nothing["correct"] == nothing["loss_sum"] == 0


def test_evaluation_leaves_the_state_alone(session: Session, start: Arrays) -> None:
    session.restore(start, "here")
    session.evaluate(IMAGES, LABELS)
    assert all(array.tobytes() == start[name].tobytes() for name, array in session.state().items())


def test_a_missing_tensor_and_a_misshapen_one_are_named(session: Session, start: Arrays) -> None:
    with pytest.raises(InputError) as wrong:
        session.restore({name: array for name, array in start.items() if name != "head_bias"}, "a.safetensors")
    assert str(wrong.value) == "a.safetensors: expected a tensor head_bias, found none; is it of another network?"
    with pytest.raises(InputError) as wrong:
        session.restore({**start, "head_bias": np.zeros((4,), np.float32)}, "a.safetensors")
    assert str(wrong.value) == "a.safetensors: head_bias: expected float32 of shape (3,), found float32 of shape (4,)."
    with pytest.raises(InputError, match=r"^a.safetensors: step: expected int32 of shape \(\), found float32"):
        session.restore({**start, "step": np.array(0, np.float32)}, "a.safetensors")


def test_a_batch_of_another_size_is_a_sentence_and_not_a_crash(session: Session, start: Arrays) -> None:
    session.restore(start, "here")
    with pytest.raises(NetSpecError, match=r"^the device stopped at train_step: .*\.$"):
        session.step(IMAGES[:2], LABELS[:2], 0.1)


def test_the_same_seed_starts_the_same_and_every_tensor_draws_for_itself(programs: list[Program]) -> None:
    entries = programs[0].manifest.state()
    first, again, other = (initial_state(entries, seed) for seed in (3, 3, 4))
    assert all(first[name].tobytes() == again[name].tobytes() for name in first)
    drawn = {entry.name for entry in entries if entry.init is not None and entry.init.kind != "constant"}
    assert drawn == {"stem_weight", "head_weight"}
    assert {name for name in first if first[name].tobytes() != other[name].tobytes()} == drawn
    assert first["stem_bn_gamma"].tolist() == [1] * 8
    assert not first["head_weight_momentum"].any()


SCRIPT = """
import numpy as np
from pathlib import Path
from emit.programs import emit
from runtime.engine.iree import Device
from runtime.engine.session import Session, initial_state
from runtime.compiler.target import target
from tests.runtime.engine.test_session import IMAGES, LABELS, NET, RECIPE
program = emit("train_step", NET, RECIPE)
session = Session(Device(target("cpu")), {{"train_step": (Path({file!r}).read_bytes(), program.manifest)}})
session.restore(initial_state(program.manifest.state(), 0), "here")
loss = session.step(IMAGES, LABELS, 0.1)
{end}
"""


@pytest.mark.parametrize(
    "end",
    [
        "print(session.number(loss))",
        "state = session.state(); del session; print(loss)",
        "kept = [loss, session.step(IMAGES, LABELS, 0.1)]; kept.append(kept); raise SystemExit(0)",
        "import sys; sys.modules['keep'] = session; buffers = session._state; del session",
    ],
)
def test_a_process_that_held_a_session_ends_cleanly(files: list[bytes], end: str, tmp_path: Path) -> None:
    (tmp_path / "train_step.vmfb").write_bytes(files[0])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(file=str(tmp_path / "train_step.vmfb"), end=end)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(sys.platform != "linux", reason="the memory setting is glibc's")
def test_memory_is_not_faulted_in_again_at_each_step_and_does_not_grow(session: Session, start: Arrays) -> None:
    session.restore(start, "here")
    for _ in range(30):
        session.number(session.step(IMAGES, LABELS, 0.01))
    before = resource.getrusage(resource.RUSAGE_SELF)
    for _ in range(200):
        session.number(session.step(IMAGES, LABELS, 0.01))
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert (after.ru_minflt - before.ru_minflt) / 200 < 20
    assert after.ru_maxrss - before.ru_maxrss < 20_000  # KiB


@pytest.mark.skipif(not hasattr(os, "SCHED_BATCH"), reason="Linux alone has batch threads")
def test_the_thread_that_waits_is_a_batch_thread_and_iree_s_are_not() -> None:
    script = """
import os
from runtime.engine.iree import Device
from runtime.compiler.target import target
os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))  # what started this may be a batch thread itself
device = Device(target("cpu"))
for thread in sorted(os.listdir("/proc/self/task"), key=int):
    name = open(f"/proc/self/task/{thread}/comm").read().strip()
    print(name, os.sched_getscheduler(int(thread)) == os.SCHED_BATCH)
"""
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    waits = dict(line.rsplit(" ", 1) for line in ran.stdout.splitlines()[:1])
    threads = [line for line in ran.stdout.splitlines() if line.startswith("iree-worker")]
    assert set(waits.values()) == {"True"}
    assert threads
    assert all(line.endswith("False") for line in threads)
