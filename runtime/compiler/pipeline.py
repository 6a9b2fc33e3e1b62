"""The passes over IREE's flow phase, in order, and the process that runs them.

A pass is a file of `passes/`: its docstring shows the IR before and after, and `run(module, target)` rewrites a module
and returns the number of rewrites.
They run in a process of their own, because misuse of IREE's bindings ends a process (4 of 14 deliberate misuses):

    python -m runtime.compiler.pipeline REQUEST < names-of-files

REQUEST is JSON: which passes, for which processor. The process loads the bindings, then reads the file names of the
flow phase and of the result from its standard input, and prints as JSON how often each pass applied.
"""

import functools
import hashlib
import importlib
import json
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from runtime.compiler.tiling.cpu import CpuTarget, from_plain
from runtime.system.files import parse_json

# The order: clamps first, as new kernels quote the epilogues that are there; what replaces dispatches; `tile` after all
# that write new loops, and before what depends on tiles; packed weights, whose tiles are split, those that come packed
# first; groups.
FAILED = 3  # the exit code where a pass fails by itself: on the same program it will again
PASSES = (
    "lower_clamps",
    "normalize_by_rows",
    "fuse_inverted_residual",
    "fuse_im2col",
    "depthwise_weight_gradient",
    "concatenate_in_place",
    "tile",
    "pretranspose",
    "fill_borders",
    "store_in_place",
    "packed_kernels",
    "pack_wide_kernels",
    "group_executables",
)


@functools.cache
def digest() -> str:
    """SHA-256 of the code of all passes, a part of the cache's key."""
    here = Path(__file__)
    files = [here, *sorted(here.parent.glob("passes/*.py")), *sorted(here.parent.glob("tiling/*.py"))]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def run(text: str, target: CpuTarget, passes: Sequence[str] = PASSES) -> tuple[str, dict[str, int]]:
    """Flow-phase text after the passes, and how often each applied. Raises `ir.MLIRError`, or ends the process."""
    from iree.compiler import ir

    from runtime.compiler.passes.ir import parse, printed

    counts = {}
    with ir.Context():
        module = parse(text)
        for name in passes:
            step: Any = importlib.import_module(f"runtime.compiler.passes.{name}")
            counts[name] = step.run(module, target)
        module.operation.verify()
        return printed(module), counts


def main(request: str) -> None:
    """Run the passes of a request (JSON) on the two files named on standard input (JSON): the IR, and the result."""
    plain = parse_json(request)
    target = from_plain(plain["target"])
    for name in ("ir", *plain["passes"]):  # loaded while the compiler still works on the input
        importlib.import_module(f"runtime.compiler.passes.{name}")
    source, result = map(Path, parse_json(sys.stdin.read()))
    flow = source.read_text(encoding="utf-8")
    try:
        text, counts = run(flow, target, plain["passes"])
    except (MemoryError, OSError):  # from outside: another time they may do it
        raise
    except Exception:
        traceback.print_exc()
        sys.exit(FAILED)
    result.write_text(text, encoding="utf-8")
    print(json.dumps(counts))


if __name__ == "__main__":
    main(sys.argv[1])
