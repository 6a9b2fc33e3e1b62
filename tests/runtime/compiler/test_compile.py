"""From text to a program, once: the cache, the compiler's errors by layer, and nothing left behind."""

import contextlib
import dataclasses
import gc
import importlib.metadata
import io
import json
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from emit.manifest import Manifest
from emit.program import Program
from emit.programs import ENTRY_POINTS, emit
from netspec import (
    Layer,
    NetSpec,
    TrainConfig,
    conv2d,
    convBn,
    dense,
    flatten,
    globalAvgPool,
    invertedResidual,
    maxPool,
    residualBlock,
)
from netspec.errors import CompileError, FileError
from netspec.windows import Padding
from runtime.compiler import job as module
from runtime.compiler import pipeline
from runtime.compiler.compile import check_releases, compile_programs
from runtime.compiler.job import flags
from runtime.compiler.target import target
from runtime.compiler.tiling.cpu import CpuTarget
from runtime.compiler.tiling.rules import Tile
from runtime.engine.iree import Device
from runtime.report import Report
from runtime.system import files, packages
from specs.mobilenet_v2 import mobilenetV2, mobilenetV2Config
from specs.tiny import tiny, tinyConfig
from tests.runtime.sandbox import ROOT

CPU = target("cpu")
NET = NetSpec("Small", [convBn(3, 4, 3, 2, "same"), globalAvgPool(), dense(4, 2, "identity")], 8, 8, activation="relu")
RECIPE = TrainConfig(0.1, 4, 1, useAdam=False)
BROKEN = """// Small
module @small {
  // layer 0: convBn(3, 4, 3, 2, "same")
  func.func public @train_step(%x: tensor<4xf32>) -> tensor<4xf32> {
    // layer 1: globalAvgPool()
    %y = stablehlo.negate %x : tensor<4xf32>
    // backward, layer 1: globalAvgPool()
    %z = stablehlo.add %y, %nothing : tensor<4xf32>
    // optimizer: SGD
    return %z : tensor<4xf32>
  }
}
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "programs"


def quiet() -> Report:
    return Report(live=False, stream=io.StringIO())


def program(text: str, name: str = "train_step") -> Program:
    """A program of any text."""
    sound = emit("evaluate", NET, RECIPE)
    return Program(sound.module, text, Manifest(name, "Small", (), ()), sound.landmarks)


def key(text: str, backend: str = "cpu", chip: str | None = None) -> str:
    return module.Job(program(text), target(backend, chip), "3.13.0").key


def left(cache: Path) -> list[Path]:
    """What lies in a folder of the cache, its lock aside."""
    return sorted(path for path in cache.iterdir() if path.suffix != ".lock")


@pytest.fixture
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A compiler that counts its calls and copies its input, so that the cache is tested in no time."""
    path = tmp_path / "iree-compile"
    path.write_text(f'#!/bin/sh\necho call "$@" >> {tmp_path}/calls\ncat > "$3"\n')
    path.chmod(0o755)
    monkeypatch.setattr(module, "compiler_path", lambda: path)
    passing(monkeypatch, "cp $0 $1; echo '{}'")
    return tmp_path / "calls"


def passing(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Have a shell script stand in for the passes. $0 and $1: what it reads, and what it is to write."""
    lines = f"IFS='\"' read -r _ source _ result _; exec sh -c {shlex.quote(script)} $source $result"
    monkeypatch.setattr(module, "passes_command", lambda request: ["/bin/sh", "-c", lines])


def test_a_program_is_compiled_once_and_then_no_process_is_started(
    stub: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [program("first"), program("second", "evaluate")]
    first = compile_programs(both, CPU, quiet())
    assert [compiled.cached for compiled in first] == [False, False]
    assert [compiled.program for compiled in first] == [b"first", b"second"]
    assert all(compiled.seconds > 0 for compiled in first)
    monkeypatch.setattr(subprocess, "Popen", None)
    second = compile_programs(both, CPU, quiet())
    assert [(compiled.program, compiled.vmfb, compiled.cached, compiled.seconds) for compiled in second] == [
        (compiled.program, compiled.vmfb, True, 0) for compiled in first
    ]
    assert len(stub.read_text().splitlines()) == 4  # two steps each
    assert left(cache) == sorted(compiled.vmfb for compiled in first)


def test_the_passes_rewrite_what_is_for_a_cpu_alone_and_it_is_compiled_without_linking(
    stub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passing(monkeypatch, "tr a-z A-Z < $0 > $1; echo '{\"tile\": 3}'")
    given = [CPU, target("cuda", "sm_80")]
    results = [compile_programs([program("text")], kind, quiet())[0] for kind in given]
    assert [(result.program, result.rewrites) for result in results] == [(b"TEXT", {"tile": 3}), (b"text", {})]
    unlinked = [module._UNLINKED in call for call in stub.read_text().splitlines()]
    assert unlinked == [False, True, False, False]


def test_a_changed_text_is_compiled_and_the_unchanged_one_is_not(stub: Path) -> None:
    compile_programs([program("first"), program("second", "evaluate")], CPU, quiet())
    results = compile_programs([program("changed"), program("second", "evaluate")], CPU, quiet())
    assert [result.cached for result in results] == [False, True]
    assert len(stub.read_text().splitlines()) == 6


def test_the_key_covers_text_backend_chip_flags_release_processor_and_what_is_rewritten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = [key("text"), key("other"), key("text", "cpu", "generic"), key("text", "cuda"), key("text", "cuda", "sm_80")]
    other = dataclasses.replace(CPU, flags=(*CPU.flags, "--more"))
    keys += [module.Job(program("text"), other, "3.13.0").key, module.Job(program("text"), CPU, "3.14.0").key]
    monkeypatch.setattr(module, "host", lambda: "another processor")
    keys.append(key("text"))
    monkeypatch.setattr(pipeline, "digest", lambda: "other code")
    keys.append(key("text"))
    assert len(set(keys)) == len(keys)
    monkeypatch.undo()
    assert key("text", "cpu", "generic") == keys[2]
    assert key("text", "cuda") == keys[3]


def test_the_flags_name_the_target_and_the_input() -> None:
    given = flags(target("rocm", "gfx942"))
    assert {"--iree-rocm-target=gfx942", "--iree-input-type=stablehlo"} <= set(given)


def test_a_relative_cache_folder_works_from_the_folder_it_was_named_in(
    stub: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETSPEC_CACHE", "here")
    with contextlib.chdir(tmp_path):
        (compiled,) = compile_programs([program("text")], CPU, quiet())
    assert compiled.vmfb.parent == tmp_path / "here" / "programs"
    assert compiled.program == b"text"


@pytest.mark.ordinary
def test_a_cache_whose_path_has_a_blank_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path / "Jo Doe" / "cache"))
    (compiled,) = compile_programs([emit("evaluate", NET, RECIPE)], CPU, quiet())
    assert compiled.vmfb.parent == tmp_path / "Jo Doe" / "cache" / "programs"
    assert len(compiled.program) > 1000
    assert left(compiled.vmfb.parent) == [compiled.vmfb]


def test_compiler_and_runtime_of_two_releases_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {"iree-base-compiler": "3.13.0", "iree-base-runtime": "3.12.0"}
    monkeypatch.setattr(packages, "release", versions.__getitem__)
    with pytest.raises(CompileError) as wrong:
        check_releases()
    assert str(wrong.value) == (
        "iree-base-compiler is 3.13.0 and iree-base-runtime is 3.12.0: expected one release, because programs of "
        "another release can hang; install iree-base-runtime==3.13.0."
    )


def test_the_pinned_releases_agree() -> None:
    assert check_releases() == importlib.metadata.version("iree-base-runtime")


def test_a_compiler_error_names_the_layer_whose_section_it_is_in_and_keeps_the_log(cache: Path) -> None:
    with pytest.raises(CompileError) as wrong:
        compile_programs([program(BROKEN)], CPU, quiet())
    (log,) = left(cache)
    assert str(wrong.value) == (
        "train_step, backward, layer 1: globalAvgPool(): the compiler says: use of undeclared SSA value name; "
        f"its log is {log}."
    )
    assert "%nothing" in log.read_text()
    assert log.suffix == ".log"


@pytest.mark.ordinary
def test_where_iree_rejects_the_passes_result_the_plain_program_is_compiled_and_reported(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = "linalg.as_nobody_knows"
    passing(monkeypatch, f"sed s/linalg.generic/{refused}/ $0 > $1; echo '{{}}'")
    with pytest.raises(CompileError, match=refused):
        compile_programs([emit("predict", NET, RECIPE)], CPU, quiet())
    monkeypatch.setattr(module, "FALLS_BACK", True)
    for cached in (False, True):
        said = io.StringIO()
        (compiled,) = compile_programs([emit("predict", NET, RECIPE)], CPU, Report(live=False, stream=said))
        log = compiled.vmfb.with_suffix(".refused.log")
        assert (compiled.cached, compiled.tiles) == (cached, 0)
        assert said.getvalue().splitlines()[-1] == (
            f"  predict: IREE's own code is used (correct, slower), as ours was rejected; see {log}"
        )
    assert refused in log.read_text()
    assert Device(CPU).load(compiled.program, "predict") is not None
    tiles = {"16x4x27": Tile((16, 4), (4, 4), 1)}
    with pytest.raises(CompileError, match=refused):  # a table that was asked for
        compile_programs([emit("predict", NET, RECIPE)], CPU, quiet(), tiles=tiles, anew=True)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("kill -SEGV $$", "their process died of signal SIGSEGV"),
        ("kill -KILL $$", "their process died of signal SIGKILL"),
        ("exec sleep 1000", "they were stopped after 0.5 s"),
        ("echo nothing matches >&2; exit 3", "their process left with code 3"),
        ("echo no memory >&2; exit 1", "their process left with code 1"),
        ("exit 0", "their process left with code 0"),
    ],
    ids=["crash", "kill", "hang", "a pass fails", "no memory", "no result"],
)
def test_passes_that_fail_are_left_out_and_that_is_said(
    script: str, why: str, stub: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passing(monkeypatch, script)
    monkeypatch.setattr(module, "PASSES_LIMIT", 0.5)
    before = children()
    with pytest.raises(CompileError, match=f"train_step: the passes over IREE's flow phase failed: {why}"):
        compile_programs([program("text")], CPU, quiet())
    monkeypatch.setattr(module, "FALLS_BACK", True)
    said = io.StringIO()
    (compiled,) = compile_programs([program("text")], CPU, Report(live=False, stream=said))
    log = compiled.vmfb.with_suffix(".refused.log")
    assert (compiled.program, compiled.rewrites, compiled.cached) == (b"text", {}, False)
    assert said.getvalue().splitlines()[-1] == (
        f"  train_step: IREE's own code is used (correct, slower), as the passes failed: {why}; see {log}"
    )
    assert log.read_text().startswith(f"The passes over IREE's flow phase failed: {why}.")
    assert module._UNLINKED not in stub.read_text().splitlines()[-1]
    assert children() == before
    # What another run may not suffer is not remembered: it is compiled anew, with the passes.
    passing(monkeypatch, "tr a-z A-Z < $0 > $1; echo '{}'")
    (compiled,) = compile_programs([program("text")], CPU, quiet())
    assert (compiled.program, compiled.cached) == ((b"text", True) if "code 3" in why else (b"TEXT", False))


@pytest.mark.ordinary
@pytest.mark.parametrize(("text", "code"), [("no module", pipeline.FAILED), (None, 1), ("module {\n}\n", 0)])
def test_the_process_of_the_passes_says_whether_it_was_a_pass_that_failed(
    text: str | None, code: int, tmp_path: Path
) -> None:
    folder = tmp_path / "a\nline"  # a cache may lie anywhere
    folder.mkdir()
    source, result = folder / "flow.mlir", folder / "rewritten.mlir"
    if text is not None:
        source.write_text(text)
    request = json.dumps({"passes": pipeline.PASSES, "target": CpuTarget().to_plain()})
    done = subprocess.run(
        module.passes_command(request),
        input=json.dumps([str(source), str(result)]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert result.exists() == (code == 0)


def test_a_compiler_that_is_killed_once_has_refused_nothing(
    stub: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "iree-compile"
    path.write_text(path.read_text().replace("cat >", f"test $(wc -l < {stub}) = 2 && kill -KILL $$\ncat >"))
    monkeypatch.setattr(module, "FALLS_BACK", True)
    passing(monkeypatch, "(cat $0; printf ', tiled') > $1; echo '{}'")
    said = io.StringIO()
    (compiled,) = compile_programs([program("text")], CPU, Report(live=False, stream=said))
    assert compiled.program == b"text, tiled"
    assert "refused" not in said.getvalue()
    assert len(stub.read_text().splitlines()) == 3


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGABRT])
@pytest.mark.parametrize("step", [0, 1])
def test_a_compiler_that_a_signal_ends_twice_has_refused_nothing_and_nothing_is_kept(
    number: signal.Signals, step: int, stub: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "iree-compile"
    dies = f"test $(wc -l < {stub}) -gt {step} && kill -{number.name[3:]} $$"
    path.write_text(path.read_text().replace("cat >", f"{dies}\ncat >"))
    monkeypatch.setattr(module, "FALLS_BACK", True)
    passing(monkeypatch, "(cat $0; printf ', tiled') > $1; echo '{}'")
    with pytest.raises(CompileError) as wrong:
        compile_programs([program("text")], CPU, quiet())
    assert str(wrong.value) == (
        f"train_step: the compiler died of signal {number.name}, twice: most likely memory, or the number of "
        "processes allowed, ran out. Close other programs, allow it more, or lower --batch-size or --image-size."
    )
    assert left(cache) == []
    assert len(stub.read_text().splitlines()) == step + 2


@pytest.mark.parametrize(
    ("script", "said"),
    [("exit 3", "train_step: the compiler left with code 3 and named no error."),
     ("echo no; exit 3", "train_step: the compiler left with code 3 and named no error; its log is {log}."),
     ("exit 0", "train_step: the compiler left with code 0 and named no error.")],
)  # fmt: skip
def test_a_compiler_that_fails_without_a_message_is_reported_so(
    script: str, said: str, stub: Path, cache: Path, tmp_path: Path
) -> None:
    (tmp_path / "iree-compile").write_text(f"#!/bin/sh\n{script}\n")
    with pytest.raises(CompileError) as wrong:
        compile_programs([program("text")], CPU, quiet())
    logs = left(cache)
    assert str(wrong.value) == said.format(log=logs[0] if logs else None)
    assert len(logs) == said.count("{log}")


def children() -> list[str]:
    """The processes that this one has started and that are still there."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        found += (task / "children").read_text().split()
    return found


def test_a_time_limit_stops_the_compiler_and_leaves_no_process_and_no_program(cache: Path) -> None:
    before = children()
    with pytest.raises(CompileError) as wrong:
        compile_programs(
            [emit("train_step", tiny, tinyConfig), emit("evaluate", tiny, tinyConfig)], CPU, quiet(), limit=0.01
        )
    assert left(cache) == []
    assert str(wrong.value) == ("train_step: the compiler was stopped after 0.01 s without a result for cpu (host).")
    assert children() == before


def test_an_interrupt_while_compiling_leaves_nothing(cache: Path) -> None:
    before = children()
    gc.collect()  # an interrupt within what is collected, an earlier process say, is lost
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        compile_programs([emit("train_step", tiny, tinyConfig)], CPU, quiet())
    timer.join()
    assert left(cache) == []
    assert children() == before


def test_what_a_killed_run_left_is_removed_at_the_next_compilation_and_what_another_works_in_is_not(
    stub: Path, cache: Path
) -> None:
    dead = cache / "compiling-dead"
    dead.mkdir(parents=True)
    cache.chmod(0o700)
    cache.parent.chmod(0o700)
    (dead / "half").touch()
    with files.workspace(cache, "compiling") as living:
        compile_programs([program("text")], CPU, quiet())
        assert not dead.exists()
        assert living.exists()


def flip(path: Path, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)


@pytest.mark.ordinary
def test_a_program_whose_bits_have_changed_is_never_run_and_is_made_anew_with_a_word(stub: Path) -> None:
    (kept,) = compile_programs([program("text")], CPU, quiet())
    intact = kept.vmfb.read_bytes()
    for bit in (*range(0, 8 * len(intact), 31), 8 * len(intact) - 1):
        flip(kept.vmfb, bit)
        said = io.StringIO()
        (compiled,) = compile_programs([program("text")], CPU, Report(live=False, stream=said))
        assert (compiled.program, compiled.cached) == (b"text", False)
        assert f"{kept.vmfb}: expected it " in said.getvalue()
        assert "it is made anew" in said.getvalue()
        assert kept.vmfb.read_bytes() == intact


@pytest.mark.parametrize("content", [b"", b"junk", b"\0" * 4096])
def test_what_is_no_program_is_reported_with_the_remedy(content: bytes) -> None:
    with pytest.raises(CompileError, match=r"and it is compiled anew\.$") as wrong:
        Device(CPU).load(content, "train_step")
    assert str(wrong.value).startswith("train_step: not a program that this device loads (")
    assert "\n" not in str(wrong.value)


PARENT = """
import io, sys
sys.path.insert(0, {root!r})
from runtime.report import Report
from runtime.compiler.compile import compile_programs
from tests.runtime.compiler.test_compile import CPU, emit, tiny, tinyConfig
compile_programs([emit("train_step", tiny, tinyConfig)], CPU, Report(live=False))
"""


@pytest.mark.ordinary
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux ends a child with its parent")
def test_the_compiler_ends_with_the_process_that_started_it_however_that_ends(cache: Path, tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", PARENT.format(root=str(ROOT))], stdout=subprocess.DEVNULL)
    started = started_by(process, 2)  # the compiler, and the passes that wait for it
    while not any(b"iree-compile" in _command(child) for child in started):
        time.sleep(0.01)
    process.kill()
    process.wait()
    limit = time.monotonic() + 2
    while any(map(_command, started)) and time.monotonic() < limit:
        time.sleep(0.02)
    assert not any(map(_command, started))


def _command(process: str) -> bytes:
    """What a process runs; nothing where it has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")[0]
    except OSError:
        return b""


def started_by(process: "subprocess.Popen[Any]", least: int = 1) -> list[str]:
    """The processes that one has started, once there are so many."""
    limit = time.monotonic() + 60
    working = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while len(working.read_text().split()) < least and time.monotonic() < limit:
        time.sleep(0.02)
    return working.read_text().split()


SIGTERM = """
import io, sys
sys.path.insert(0, {root!r})
from runtime.cli import main
sys.argv = ["netspec", "train", "tiny", {images!r}, "--output", "run"]
main()
"""


@pytest.mark.ordinary
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_command_line_while_it_compiles_stops_the_compiler_too(
    number: signal.Signals, cache: Path, images: Path, tmp_path: Path
) -> None:
    code = SIGTERM.format(root=str(ROOT), images=str(images))
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    compilers = started_by(process)
    assert compilers
    time.sleep(0.2)
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert (process.returncode, said.strip()) == (130, "netspec: stopped.")  # after the ^C, a new line
    assert not any(Path(f"/proc/{compiler}").exists() for compiler in compilers)
    assert left(cache) == []


@pytest.mark.ordinary
@pytest.mark.parametrize(("backend", "chip"), [("cuda", "sm_86"), ("rocm", "gfx1100"), ("vulkan", None)])
def test_the_small_network_compiles_for_a_gpu_that_is_not_there(backend: str, chip: str | None) -> None:
    chosen = target(backend, chip)
    programs = [emit(name, tiny, tinyConfig, backend=backend) for name in ("train_step", "evaluate")]
    results = compile_programs(programs, chosen, quiet())
    assert all(len(result.program) > 10_000 for result in results)


@pytest.mark.slow
@pytest.mark.parametrize(("backend", "chip"), [("cuda", "sm_86"), ("rocm", "gfx1100"), ("vulkan", None)])
def test_mobilenet_compiles_for_a_gpu_that_is_not_there(backend: str, chip: str | None) -> None:
    chosen = target(backend, chip)
    programs = [emit(name, mobilenetV2(), mobilenetV2Config, backend=backend) for name in ("train_step", "evaluate")]
    results = compile_programs(programs, chosen, quiet(), limit=900)
    assert all(len(result.program) > 100_000 for result in results)


@pytest.mark.ordinary
@pytest.mark.parametrize(
    ("layers", "size", "batch"),
    [
        ([residualBlock(3, 16, 1, 2)], (32, 32), 8),
        ([residualBlock(3, 7, 1, 3)], (64, 47), 5),
        ([convBn(3, 12, 1, 4, "same")], (61, 64), 9),
        ([conv2d(3, 5, 1, "valid", "relu", 2)], (33, 48), 1),
        ([maxPool(1, 2), conv2d(3, 8, 1, "symmetric", "identity", 2)], (64, 64), 8),
    ],
    ids=["residual by 2", "residual by 3", "batch norm by 4", "one image", "pool of one pixel"],
)
def test_a_first_layer_that_sees_single_pixels_by_a_stride_compiles(
    layers: list[Layer], size: tuple[int, int], batch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path))
    head = [globalAvgPool(), dense(getattr(layers[-1], "oc", 3), 5, "identity")]
    net = NetSpec("pixels", [*layers, *head], *size, "relu", "same")
    programs = [emit(name, net, TrainConfig(0.1, batch, 1)) for name in ENTRY_POINTS]
    assert all(compiled.vmfb.is_file() for compiled in compile_programs(programs, target("cpu"), quiet()))


@pytest.mark.ordinary
@pytest.mark.parametrize(
    ("layers", "size", "batch"),
    [
        ([convBn(1, 32, 3, 2, "same")], (64, 64), 8),
        ([conv2d(1, 5, 1, "valid", "relu", 2)], (33, 48), 1),
        ([invertedResidual(1, 1, 4, 1, 1), residualBlock(1, 16, 1, 2)], (28, 28), 4),
    ],
    ids=["stem", "one image", "blocks"],
)
def test_a_first_layer_of_gray_images_compiles(
    layers: list[Layer], size: tuple[int, int], batch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path))
    head = [globalAvgPool(), dense(getattr(layers[-1], "oc", 1), 5, "identity")]
    net = NetSpec("gray", [*layers, *head], *size, "relu", "same", imageC=1)
    programs = [emit(name, net, TrainConfig(0.1, batch, 1)) for name in ENTRY_POINTS]
    assert all(compiled.vmfb.is_file() for compiled in compile_programs(programs, target("cpu"), quiet()))


@pytest.mark.ordinary
def test_a_strided_convolution_of_one_channel_compiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path))
    strided = [conv2d(1, 1, size, "same", "relu", stride) for size, stride in ((4, 3), (7, 2), (5, 3))]
    layers = [conv2d(3, 1, 4, "same", "relu", 3), residualBlock(1, 1, 1, 2), *strided, flatten()]
    net = NetSpec("one channel", [*layers, dense(1, 2, "identity")], 100, 97, "relu", "same")
    compile_programs([emit("train_step", net, TrainConfig(0.01, 3, 1, useAdam=False))], target("cpu"), quiet())


@pytest.mark.ordinary
@pytest.mark.parametrize(
    ("padding", "layers"),
    [
        ("symmetric", [convBn(3, 4, 3, 2, "symmetric"), residualBlock(4, 4, 1, 2), globalAvgPool()]),
        ("same", [convBn(3, 4, 3, 2, "same"), invertedResidual(4, 4, 2, 2, 1), globalAvgPool()]),
        ("valid", [conv2d(3, 4, 1, "valid", "relu"), maxPool(3, 2), flatten()]),
        ("same", [conv2d(3, 16, 1, "valid", "relu", 2), maxPool(2, 3), flatten()]),
        ("symmetric", [conv2d(3, 35, 2, "same", "relu", 4), maxPool(5, 1), maxPool(3, 1), flatten()]),
        ("same", [maxPool(7, 4), conv2d(3, 64, 3, "same", "relu6", 4), maxPool(4, 1), flatten()]),
    ],
)
def test_a_window_that_fits_once_and_leaves_rows_over_compiles(
    padding: Padding, layers: list[Layer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path))
    channels = max(getattr(layer, "oc", 0) for layer in layers)
    net = NetSpec("small", [*layers, dense(channels, 2, "identity")], 4, 4, "relu", padding)
    config = TrainConfig(learningRate=0.1, batchSize=4, epochs=1)
    programs = [emit(name, net, config) for name in ("train_step", "evaluate")]
    report = Report(live=False, stream=io.StringIO())
    assert all(compiled.vmfb.is_file() for compiled in compile_programs(programs, target("cpu"), report))


@pytest.mark.parametrize("step", [0, 1])
def test_a_full_disk_is_reported_as_that_and_is_no_rejection(
    step: int, stub: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "iree-compile"
    full = f"test $(wc -l < {stub}) -gt {step} && {{ echo 'error: x.o: No space left on device'; exit 1; }}"
    path.write_text(path.read_text().replace("cat >", f"{full}\ncat >"))
    monkeypatch.setattr(module, "FALLS_BACK", True)
    passing(monkeypatch, "(cat $0; printf ', tiled') > $1; echo '{}'")
    with pytest.raises(FileError, match=r"the cache: .*No space left on device.*set NETSPEC_CACHE to a folder"):
        compile_programs([program("text")], CPU, quiet())
    assert left(cache) == []


def test_a_program_that_many_need_at_once_is_compiled_once(stub: Path, cache: Path) -> None:
    said = [io.StringIO() for _ in range(8)]
    compiled: list[bytes] = []

    def start(stream: io.StringIO) -> None:
        compiled.append(compile_programs([program("text")], CPU, Report(live=False, stream=stream))[0].program)

    threads = [threading.Thread(target=start, args=(stream,)) for stream in said]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert compiled == [b"text"] * 8
    assert len(stub.read_text().splitlines()) == 2
