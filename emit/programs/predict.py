"""`predict`: (images, folded parameters) → the task's predictions."""

from emit import hlo, winograd
from emit.expand import expand
from emit.graph import Graph
from emit.hlo import Value
from emit.images import normalise
from emit.lowerings import Lowerings
from emit.ops.convolution import Convolution
from emit.program import Program, Signature, heading, landmarks
from emit.rewrites.fold_scales import Folded, folded
from emit.rewrites.leave_out_identities import without_identities
from emit.tasks import task_of
from emit.walk import forward
from netspec.check import check_config
from netspec.language import NetSpec, TrainConfig


def graph(net: NetSpec, config: TrainConfig) -> Graph:
    """Batch norms and layer scales are folded into what is before them."""
    return folding(net).graph


def folding(net: NetSpec) -> Folded:
    """The graph, and what is folded into which convolution; what drops in training alone is left out before."""
    return folded(without_identities(expand(net), training=False))


def program(net: NetSpec, config: TrainConfig, lowerings: Lowerings, real: str) -> Program:
    """Each convolution's kernel and bias hold its batch norm and layer scale.

    `emit.rewrites.fold_scales` says which; who holds a checkpoint scales the kernels once, and lays them out as the
    manifest says: in panels (`Lowerings.panel_columns`), or as Winograd's products take them. `fold_scales` does.
    """
    check_config(config)
    nodes, task = graph(net, config), task_of(net)
    signature = Signature(net, config, real)
    signature.images()
    panels = _panels(nodes, lowerings)
    exact = signature.block.products == signature.block.float
    layouts = panels | (_places(nodes, config.batchSize, lowerings) if exact else {})
    for name, tensor in nodes.parameters():
        signature.state(name, "parameter", layouts.get(name, tensor.shape), tensor.init)
    for name, tensor in nodes.statistics():  # of batch norms that no convolution comes before
        signature.state(name, "statistic", tensor.shape, tensor.init)
    state = dict(signature.values)
    if panels:
        signature.block.comment("kernels, from panels of their columns")
    for name in panels:
        state[name] = _kernel(state[name], name.removesuffix("_weight"))
    images = normalise(state["images"], net.preprocessing)
    walked = forward(signature.block, nodes, images, state, lowerings=lowerings, training=False, heading=heading(net))
    results = task.prediction(net, walked.outputs(nodes, task.outputs))
    return signature.program("predict", results, "Inference with batch norm folded.", landmarks(walked))


def _panels(graph: Graph, lowerings: Lowerings) -> dict[str, tuple[int, int, int]]:
    """The kernels that come as `[panels, inputs, columns]`, where a product takes so many columns at a time."""
    columns = lowerings.panel_columns
    convolutions = [(node.name, node.op) for node in graph.nodes.values() if isinstance(node.op, Convolution)]
    return {
        f"{name}_weight": (op.oc // columns, op.ic, columns)
        for name, op in convolutions
        if op.window.size == op.groups == 1 and 0 < columns < op.oc and op.oc % columns == 0
    }


def _places(graph: Graph, batch: int, lowerings: Lowerings) -> dict[str, tuple[int, int, int]]:
    """The kernels that come as `emit.winograd.kernel_places`, which depend on nothing else."""
    return {
        f"{node.name}_weight": (winograd.PLACES, node.op.ic // node.op.groups, node.op.oc)
        for node in graph.nodes.values()
        if isinstance(node.op, Convolution) and node.op.winograd_of((batch, node.shape[0], node.shape[1]), lowerings)
    }


def _kernel(panels: Value, node: str) -> Value:
    """`[panels, inputs, columns]` as `[1, 1, inputs, outputs]`."""
    many, inputs, columns = panels.shape
    with panels.block.scope(node):
        kernel = hlo.transpose(panels, (1, 0, 2), "rows")
        return hlo.reshape(kernel, (1, 1, inputs, many * columns), "kernel")
