"""Normalize by rows: write an image's real numbers straight into the padded image, a row of it at a time.

    %0 = flow.dispatch @normalize(%bytes) : (tensor<6x3xi8>) -> tensor<6x3xf32>
    %1 = flow.tensor.reshape %0 : tensor<6x3xf32> -> tensor<3x2x3xf32>
    %2 = flow.tensor.splat %zero : tensor<5x4x3xf32>
    %3 = flow.dispatch @copy(%1, %2) : (tensor<3x2x3xf32>, tensor<5x4x3xf32>) -> %2
 →
    %0 = flow.tensor.splat %zero : tensor<5x12xf32>
    %1 = flow.tensor.reshape %bytes : tensor<6x3xi8> -> tensor<3x6xi8>
    %2 = flow.dispatch @normalize(%1, %0) : (tensor<3x6xi8>, tensor<5x12xf32>) -> %0
    %3 = flow.tensor.reshape %2 : tensor<5x12xf32> -> tensor<5x4x3xf32>

The three numbers of a pixel fill no register: to normalize them pixel by pixel, and to copy the result into the padded
image, takes several times what the numbers need. An image's rows lie side by side in memory, so here a row is one axis,
along which the constants of the channels are repeated.
"""

from math import prod
from typing import Any

import numpy as np
from iree.compiler import ir
from iree.compiler.dialects import flow

from runtime.compiler.passes.ir import (
    LOAD,
    STORE,
    Box,
    Kernel,
    Operation,
    binding_of,
    binding_type,
    box_of,
    dispatch,
    dispatches,
    erase,
    function_of,
    kernels,
    maps_of,
    owner,
    redirect,
    replace,
    set_box,
    shape_of,
    tied_operand,
    used_once,
    walk,
)
from runtime.compiler.tiling.cpu import CpuTarget


def run(module: Operation, target: CpuTarget) -> int:
    """Fuse what normalizes bytes and the copy into a padded image.

    They stay where the numbers are used elsewhere too, or where not the same is done to all pixels.
    """
    kernel_of = {kernel.name: kernel for kernel in kernels(module)}
    called = dispatches(module)
    names, count = [name for name, _ in called], 0
    for name, copy in called:
        normalize = _normalized(copy)
        if normalize is not None and names.count(function_of(normalize)) == 1:
            count += _fuse(normalize, copy, kernel_of.get(function_of(normalize)), kernel_of.get(name))
    return count


def _normalized(copy: Any) -> Any | None:
    """The dispatch whose result another copies into a tensor of one number, if both are used for that alone."""
    target = tied_operand(copy)
    if len(copy.operands) != 2 or target is None:
        return None
    reshape, splat = owner(copy.operands[0], "flow.tensor.reshape"), owner(target, "flow.tensor.splat")
    normalize = owner(reshape.operands[0], "flow.dispatch") if reshape and splat else None
    if reshape is None or normalize is None or len(normalize.operands) != 1:
        return None
    return normalize.opview if all(map(used_once, (reshape.operands[0], *copy.operands))) else None


def _fuse(normalize: Any, copy: Any, kernel: Kernel | None, copying: Kernel | None) -> bool:
    """Dispatch one kernel instead of two, if they are such."""
    image = _image_of(copying) if kernel and copying else None
    reshape, target = owner(copy.operands[0]), copy.operands[1]
    with normalize.location, ir.InsertionPoint(copy):
        if kernel is None or image is None or not _is_pixelwise(kernel, image):
            return False
        _go_by_rows(kernel, image, shape_of(target))
        bytes_type, padded = (binding_type(binding)[1] for binding in kernel.body.arguments)
        target.set_type(padded)
        by_rows = flow.TensorReshapeOp(bytes_type, normalize.operands[0], [], [])
        written = dispatch([padded], kernel.executable_name, [by_rows.result, target], tied=1)
        redirect(written, kernel.executable_name, kernel.name)
        replace(copy, [flow.TensorReshapeOp(copy.results[0].type, written.results[0], [], []).result])
    erase(reshape)
    erase(normalize)
    return True


def _image_of(copy: Kernel) -> Box | None:
    """Where in the padded image a kernel copies an image, if it does nothing else, and pads no channels."""
    loads, stores = copy.ops(LOAD), copy.ops(STORE)
    box = box_of(stores[0]) if len(loads) == len(stores) == 1 else None
    if box is None or len(box.sizes) < 2 or set(box.strides) != {1}:
        return None
    value, padded = stores[0].operands
    copies = value == loads[0].results[0] and [loads[0].operands[0], padded] == list(copy.body.arguments)
    return box if copies and binding_type(padded)[1].shape[-1] == box.sizes[-1] else None


def _is_pixelwise(kernel: Kernel, image: Box) -> bool:
    """Whether a kernel does the same to all pixels of an image, with constants of each channel."""
    loads, generics, stores = (kernel.ops(name) for name in (LOAD, "linalg.generic", STORE))
    if [len(loads), len(generics), len(stores)] != [1, 1, 1] or walk(generics[0], "linalg.index"):
        return False
    (load,), (op,), (store,) = loads, generics, stores
    across, maps = ir.AffineMap.get_identity(2), maps_of(op)
    channel = across.get_submap([1])
    sources = {(each and each.name, place) for each, place in zip(map(owner, op.operands), maps, strict=True)}
    kinds, pixels = (ir.IntegerType.get_signless(8), ir.F32Type.get()), [prod(image.sizes[:-1]), image.sizes[-1]]
    return (
        sources == {(LOAD, across), ("arith.constant", channel), ("tensor.empty", across)}
        and len(_constants(kernel)) == maps.count(channel)
        and [load.results[0].type, op.results[0].type] == [ir.RankedTensorType.get(pixels, kind) for kind in kinds]
        and binding_type(load.operands[0]) == ("readonly", load.results[0].type)
        and store.operands[0] == op.results[0]
    )


def _constants(kernel: Kernel) -> list[Operation]:
    """The constants of each channel."""
    constants = kernel.ops("arith.constant")
    return [op.operation for op in constants if isinstance(op.attributes["value"], ir.DenseFPElementsAttr)]


def _go_by_rows(kernel: Kernel, image: Box, padded: list[int]) -> None:
    """Have a kernel take bytes by rows, and write into the padded image."""
    (load,), (empty,), (op,), (store,) = (kernel.ops(name) for name in (LOAD, "tensor.empty", "linalg.generic", STORE))
    *_, columns, channels = image.sizes
    offsets, sizes, padded = ([*part[:-2], part[-2] * channels] for part in (image.offsets, image.sizes, padded))
    bytes_type = ir.RankedTensorType.get(sizes, ir.IntegerType.get_signless(8))
    numbers, full = (ir.RankedTensorType.get(part, ir.F32Type.get()) for part in (sizes, padded))
    for value, kind in ((load.results[0], bytes_type), (empty.results[0], numbers), (op.results[0], numbers)):
        value.set_type(kind)
    kernel.retype(load.operands[0], binding_of("readonly", bytes_type))
    kernel.retype(store.operands[1], binding_of("readwrite", full))
    zeros, ones = [0 for _ in sizes], [1 for _ in sizes]
    set_box(load, Box(zeros, sizes, ones))
    set_box(store, Box(offsets, sizes, ones))
    for constant in _constants(kernel):
        constant.attributes["value"] = ir.DenseElementsAttr.get(np.tile(constant.attributes["value"], columns))
        constant.results[0].set_type(constant.attributes["value"].type)
    across = ir.AffineMap.get_identity(len(sizes))
    maps = [across if len(place.results) == 2 else across.get_submap([len(sizes) - 1]) for place in maps_of(op)]
    op.attributes["indexing_maps"] = ir.ArrayAttr.get([ir.AffineMapAttr.get(place) for place in maps])
    op.attributes["iterator_types"] = ir.ArrayAttr.get([op.attributes["iterator_types"][0] for _ in sizes])
    pixels, rows = f"_{prod(image.sizes[:-1])}x{channels}_", f"_{'x'.join(map(str, sizes))}_"
    kernel.rename(kernel.name.replace(pixels, rows))
