"""Store in place: compute what goes into a padded image where it belongs (destination-passing).

    %0 = tensor.empty() : tensor<9x9x4xf32>            %0 = dispatch.tensor.load %arg1, offsets = [1, 1, 0], ..
    %y = linalg.generic .. outs(%0)                →   %y = linalg.generic .. outs(%0)
    dispatch.tensor.store %y, %arg1, offsets = ..      dispatch.tensor.store %y, %arg1, offsets = ..

Of one image, IREE (3.13.0) computes some of it on the stack and copies it into the padded image number by number: a
third of the first convolution's time.
"""

from iree.compiler import ir

from runtime.compiler.passes.ir import STORE, Kernel, Operation, binding_type, box_of, kernels, load, owner
from runtime.compiler.tiling.cpu import CpuTarget


def run(module: Operation, target: CpuTarget) -> int:
    """Have kernels load the place of their one result.

    One that adds up there stays, as does a convolution or matmul without `compilation_info`: IREE (3.13.0) may give it
    to one thread, and then refuses the copy that it makes of it into its place.
    """
    return sum(_store_in_place(kernel) for kernel in kernels(module))


def _store_in_place(kernel: Kernel) -> bool:
    stores, generics = kernel.ops(STORE), kernel.ops("linalg.generic")
    reduces = any("reduction" in str(op.attributes["iterator_types"]) for op in generics)
    annotated = any("compilation_info" in op.attributes for op in generics)
    if len(stores) != 1 or (reduces and not annotated):
        return False
    (store,) = stores
    (value, binding), box = list(store.operands)[:2], box_of(store)
    op = owner(value, "linalg.generic")
    if binding_type(binding)[0] != "readwrite" or box is None or op is None or len(op.results) != 1:
        return False
    if owner(op.opview.outputs[0], "tensor.empty") is None:
        return False
    with ir.InsertionPoint(op), store.location:
        op.operands[len(op.operands) - 1] = load(binding, box, value.type)
    return True
