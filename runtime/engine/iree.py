"""The device a session runs on, and the programs loaded into it."""

import contextlib
import ctypes
import os
import platform
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netspec.errors import CompileError, NetSpecError, TargetError
from runtime.compiler.target import Target
from runtime.system.cpus import cpu_quota, usable_cpus
from runtime.system.held import signals_held
from runtime.tensors import DTYPES

with signals_held():
    import iree.runtime as iree

_M_MMAP_MAX, _M_TRIM_THRESHOLD, _M_TOP_PAD = -4, -1, -2
_ELEMENTS = {
    "f32": iree.HalElementType.FLOAT_32,
    "f64": iree.HalElementType.FLOAT_64,
    "i32": iree.HalElementType.SINT_32,
    "ui32": iree.HalElementType.UINT_32,
    "ui8": iree.HalElementType.UINT_8,
}


class Buffer:
    """An array on a device. IREE crashes when a device is freed before its last buffer, so a buffer holds its device.

    `memory`: the array in the host's address space, of a buffer from `Device.mapped`; else None.
    """

    __slots__ = ("_device", "memory", "view")

    def __init__(self, view: Any, device: Any) -> None:
        self.view, self._device = view, device
        self.memory: NDArray[Any] | None = None

    def write(self, array: NDArray[Any]) -> bool:
        """Replace the contents, between two calls; False where shape or type differ, or the buffer is not mapped."""
        if self.memory is None or (array.shape, array.dtype) != (self.memory.shape, self.memory.dtype):
            return False
        np.copyto(self.memory, array)
        return True

    def __del__(self) -> None:
        self.view = self.memory = None


class Device:
    """An open device. `put` copies an array to it, `read` copies a buffer back."""

    def __init__(self, target: Target) -> None:
        self._remedy = "empty the cache (`netspec cache --remove`), and it is compiled anew"
        self._is_host = target.device == "local-task"
        if self._is_host:
            _keep_memory()
            _keep_to_quota()
        else:
            self._remedy += f"; or, as it is compiled for {target}, set IREE_CHIP to this device's own chip"
        if target.device not in iree.query_available_drivers():
            raise _missing(target)
        try:
            driver = iree.get_driver(target.device)
            devices = driver.query_available_devices()
        except (RuntimeError, ValueError) as wrong:
            raise (_not_started(target, wrong) if self._is_host else _missing(target)) from wrong
        if not devices:
            raise _missing(target)
        try:
            self.hal = driver.create_default_device()
        except (RuntimeError, ValueError, MemoryError) as wrong:
            raise _not_started(target, wrong) from wrong
        if self._is_host:
            _wait_in_the_background()
        self.instance = iree.VmInstance()
        self._module = iree.create_hal_module(self.instance, self.hal)

    def load(self, program: bytes, entry_point: str) -> "Executable":
        """Load a compiled program. It runs as native code: its bytes were checked (`system/cache.py`)."""
        try:
            module = iree.VmModule.copy_buffer(self.instance, program)
            context = iree.VmContext(self.instance, modules=[self._module, module])
            return Executable(context, module.lookup_function(entry_point), self.hal)
        except (RuntimeError, ValueError) as wrong:
            raise CompileError(
                f"{entry_point}: not a program that this device loads ({_one_line(wrong)}); {self._remedy}."
            ) from None

    def put(self, array: NDArray[Any], dtype: str) -> Buffer:
        """Copy an array to the device."""
        view = self.hal.allocator.allocate_buffer_copy(
            memory_type=iree.MemoryType.DEVICE_LOCAL,
            allowed_usage=iree.BufferUsage.DEFAULT | iree.BufferUsage.MAPPING,
            device=self.hal,
            buffer=np.asarray(array, dtype=DTYPES[dtype], order="C"),
            element_type=_ELEMENTS[dtype],
        )
        return Buffer(view, self.hal)

    def mapped(self, shape: tuple[int, ...], dtype: str) -> Buffer | None:
        """A buffer of zeros to write between calls; None where the host cannot write to the device's memory."""
        if not self._is_host:
            return None
        buffer = self.put(np.zeros(shape, DTYPES[dtype]), dtype)
        buffer.memory = _mapped(buffer.view, dtype)
        return buffer

    def detach(self, buffer: Buffer, dtype: str) -> Buffer:
        """Copy a small result into an allocation of its own, to be read later.

        All results of a call share one allocation: keeping one keeps all, and IREE (3.13.0) leaks the allocations of
        several calls whose results are kept at the same time.
        """
        copy = self.put(np.zeros(tuple(buffer.view.shape)), dtype)
        copied = self.hal.create_semaphore(0)
        self.hal.queue_copy(buffer.view.get_buffer(), copy.view.get_buffer(), [], [(copied, 1)])
        copied.wait(1)
        return copy

    def read(self, buffer: Buffer, dtype: str) -> NDArray[Any]:
        """Copy a buffer to the host, as an array that owns its memory."""
        if self._is_host and buffer.view.element_type == int(_ELEMENTS[dtype]):
            return _mapped(buffer.view, dtype).copy()  # in a third of the time of `DeviceArray`
        array = iree.DeviceArray(self.hal, buffer.view, implicit_host_transfer=True)
        return np.array(array.to_host(), dtype=DTYPES[dtype], copy=True).reshape(tuple(buffer.view.shape))


class Executable:
    """One entry point on the device."""

    def __init__(self, context: Any, function: Any, device: Any) -> None:
        self._function, self._context, self._device = function, context, device

    def __call__(self, arguments: Sequence[Buffer]) -> list[Buffer]:
        """Call it with buffers; the results are buffers."""
        return self.bind(arguments)()

    def bind(self, arguments: Sequence[Buffer]) -> Callable[[], list[Buffer]]:
        """A function of no arguments that calls it with these buffers, whose contents may change between calls.

        Passing a hundred buffers takes a tenth of a millisecond, which is saved so.
        """
        inputs = iree.VmVariantList(len(arguments))
        for argument in arguments:
            inputs.push_ref(argument.view)

        def call() -> list[Buffer]:
            outputs = iree.VmVariantList(1)
            try:
                self._context.invoke(self._function, inputs, outputs)
            except (RuntimeError, ValueError) as wrong:
                raise NetSpecError(
                    f"the device stopped at {self._function.name}: {_one_line(wrong)}; if it is out of memory, lower "
                    "--batch-size or --image-size."
                ) from None
            views = [outputs.get_as_object(i, iree.HalBufferView) for i in range(outputs.size)]
            return [Buffer(view, self._device) for view in views]

        return call


def available() -> dict[str, list[str]]:
    """The names of the devices found, by backend of `runtime.compiler.target`; none for a missing driver."""
    from runtime.compiler.target import BACKENDS

    names: dict[str, list[str]] = {}
    for backend, known in BACKENDS.items():
        try:
            drivers = iree.query_available_drivers()
            devices = iree.get_driver(known.device).query_available_devices() if known.device in drivers else []
        except (RuntimeError, ValueError):
            devices = []
        names[backend] = [str(device.get("name") or device.get("path") or "device") for device in devices]
    return names


def _mapped(view: Any, dtype: str) -> NDArray[Any]:
    """A view of a buffer in the host's address space."""
    return np.ndarray(tuple(view.shape), DTYPES[dtype], view.map())


def _one_line(wrong: Exception) -> str:
    return " ".join(str(wrong).split())[:300]


def _not_started(target: Target, wrong: Exception) -> TargetError:
    return TargetError(
        f"IREE_BACKEND={target.backend}: the device is there and does not start ({_one_line(wrong)}); allow this user "
        "more processes and memory (ulimit -u, ulimit -v), or close other programs that use it."
    )


def _missing(target: Target) -> TargetError:
    present = [backend for backend, devices in available().items() if devices]
    return TargetError(
        f"IREE_BACKEND={target.backend}: no such device on this machine; there is {', '.join(present) or 'none'}."
    )


def _keep_memory() -> None:
    """Keep the memory that the CPU device frees after a call, instead of faulting gigabytes in again at the next.

    Only glibc has these settings.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    libc = ctypes.CDLL(None)
    libc.mallopt(_M_MMAP_MAX, 0)
    libc.mallopt(_M_TRIM_THRESHOLD, -1)  # never: a step may hold more than an int says
    libc.mallopt(_M_TOP_PAD, 64 * 2**20)


def _keep_to_quota() -> None:
    """No more threads than a container's quota keeps busy: IREE respects the CPU affinity but no quota."""
    if cpu_quota() is not None:
        iree.flags.parse_flags(f"--task_topology_max_group_count={usable_cpus()}")


def _wait_in_the_background() -> None:
    """Keep the thread that waits for a call from preempting the IREE thread that ends it.

    Woken by an IREE thread, it spins until that thread has left its callback (IREE 3.13.0). On the same CPU that is
    until the scheduler's next tick, 4 ms later: twice the time of an inference. Under Linux a batch thread preempts no
    other; IREE's threads, started before this, keep their own policy.
    """
    if hasattr(os, "SCHED_BATCH"):
        with contextlib.suppress(OSError):  # a container may forbid it: slower, and right all the same
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
