"""`evaluate`: (images, targets, parameters, running statistics) → what the task counts, and its predictions."""

from emit.expand import expand
from emit.graph import Graph
from emit.images import normalise
from emit.lowerings import Lowerings
from emit.program import Program, Signature, heading, landmarks
from emit.rewrites.leave_out_identities import without_identities
from emit.tasks import task_of
from emit.walk import forward
from netspec.check import check_config
from netspec.language import NetSpec, TrainConfig


def graph(net: NetSpec, config: TrainConfig) -> Graph:
    """What drops in training alone is left out."""
    return without_identities(expand(net), training=False)


def program(net: NetSpec, config: TrainConfig, lowerings: Lowerings, real: str) -> Program:
    """With running statistics."""
    check_config(config)
    nodes, task = graph(net, config), task_of(net)
    signature = Signature(net, config, real)
    signature.images()
    targets = signature.targets(task, training=False)
    for name, tensor in nodes.parameters():
        signature.state(name, "parameter", tensor.shape, tensor.init)
    for name, tensor in nodes.statistics():
        signature.state(name, "statistic", tensor.shape, tensor.init)
    block, state = signature.block, signature.values
    images = normalise(state["images"], net.preprocessing)
    walked = forward(block, nodes, images, state, lowerings=lowerings, training=False, heading=heading(net))
    block.comment("what is counted")
    results = task.evaluation(net, walked.outputs(nodes, task.outputs), targets)
    return signature.program("evaluate", results, "Evaluation with running statistics.", landmarks(walked))
