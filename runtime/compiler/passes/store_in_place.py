"""Store in place: compute what goes into a padded image where it belongs (destination-passing).

    %0 = tensor.empty() : tensor<9x9x4xf32>            %0 = dispatch.tensor.load %arg1, offsets = [1, 1, 0], ..
    %y = linalg.generic .. outs(%0)                →   %y = linalg.generic .. outs(%0)
    dispatch.tensor.store %y, %arg1, offsets = ..      dispatch.tensor.store %y, %arg1, offsets = ..

Of one image, IREE (3.13.0) computes some of it on the stack and copies it into the padded image number by number: a
third of the first convolution's time.
"""

from iree.compiler import ir

from runtime.compiler.passes.ir import LOAD, STORE, Kernel, Operation, binding_type, kernels, owner
from runtime.compiler.tiling.cpu import CpuTarget


def run(module: Operation, target: CpuTarget) -> int:
    """Have kernels load the place of their one result.

    One that adds up there stays, as does a convolution or matmul without `compilation_info`: IREE (3.13.0) may give it
    to one thread, and then refuses the copy that it makes of it into its place.
    """
    return sum(_placed(kernel) for kernel in kernels(module))


def _placed(kernel: Kernel) -> bool:
    stores, generics = kernel.ops(STORE), kernel.ops("linalg.generic")
    reduces = any("reduction" in str(op.attributes["iterator_types"]) for op in generics)
    annotated = any("compilation_info" in op.attributes for op in generics)
    if len(stores) != 1 or (reduces and not annotated):
        return False
    (store,) = stores
    value, binding = store.operands[0], store.operands[1]
    op = owner(value)
    if binding_type(binding)[0] != "readwrite" or op is None or op.name != "linalg.generic" or len(op.results) != 1:
        return False
    (out,) = op.opview.outputs
    empty = owner(out)
    if empty is None or empty.name != "tensor.empty" or out.type != value.type:
        return False
    box = {name: store.attributes[name] for name in ("static_offsets", "static_sizes", "static_strides")}
    segments = ir.Attribute.parse("array<i32: 1, 0, 0, 0, 0>")
    with ir.InsertionPoint(op), store.location:
        load = ir.Operation.create(LOAD, [out.type], [binding], {**box, "operandSegmentSizes": segments})
    op.operands[len(op.operands) - 1] = load.results[0]
    return True
