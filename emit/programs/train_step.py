"""`train_step`: (images, targets, learning rate, state) → (loss, new state).

Of a network that draws random numbers, (images, targets, learning rate, seed, first example, state).
"""

from emit.expand import expand
from emit.graph import Graph
from emit.hlo.program import WORD
from emit.images import normalise
from emit.lowerings import Lowerings
from emit.manifest import Entry
from emit.op import Call
from emit.optimizers import optimizer_for
from emit.program import Program, Signature, heading, landmarks
from emit.rewrites.leave_out_identities import without_identities
from emit.task import Named
from emit.tasks import task_of
from emit.update import state_of, update
from emit.walk import forward, reverse
from netspec.check import check_config, check_fits, training_net
from netspec.language import NetSpec, TrainConfig
from netspec.recipe import frozen_layers


def graph(net: NetSpec, config: TrainConfig) -> Graph:
    """What drops nothing is left out."""
    return without_identities(
        expand(training_net(net, config), frozen_layers(net, config), fixed=config.freezeBN), training=True
    )


def training_state(net: NetSpec, config: TrainConfig) -> tuple[Entry, ...]:
    """What stays from step to step, in order: see `emit.update.state_of`. It is all that a checkpoint holds.

    Raises SpecError.
    """
    return state_of(config, graph(net, config))


def program(net: NetSpec, config: TrainConfig, lowerings: Lowerings, real: str) -> Program:
    """State is parameters, optimizer slots, the step counter and running statistics; what is frozen is not given back.

    The loss is that of the parameters that came in.
    """
    check_config(config)
    check_fits(net, config)
    nodes, task = graph(net, config), task_of(net)
    signature = Signature(net, config, real, config.precision)
    signature.images()
    targets = signature.targets(task, training=True)
    rate = signature.argument("learning_rate", "learning_rate", ())
    if nodes.drawing():  # arguments, so that another seed or part of a batch is no other program
        signature.argument("seed", "seed", (2,), WORD)
        signature.argument("first_example", "first_example", (), "i32")
    for entry in state_of(config, nodes):
        assert entry.init is not None
        signature.state(entry.name, entry.role, entry.shape, entry.init, None if entry.dtype == "f32" else entry.dtype)
    block, state = signature.block, signature.values

    says = heading(net)
    images = normalise(state["images"], net.preprocessing)
    walked = forward(block, nodes, images, state, lowerings=lowerings, training=True, heading=says)
    block.comment(f"loss: {task.minimizes(config)}")
    loss = task.loss(net, config)
    with block.scope("loss"):
        call = Call((*walked.outputs(nodes, task.outputs), *targets.values()), lowerings=lowerings)
        result = loss.forward(call)
        wanted = tuple(index < len(task.outputs) for index in range(len(call.inputs)))
        seeds = loss.vjp(call, result, block.constant(1.0), wanted).materialized()
    seeded = {nodes.outputs[name]: seed for name, seed in zip(task.outputs, seeds, strict=False) if seed is not None}
    back = reverse(block, nodes, walked, seeded, heading=lambda layer: f"backward, {says(layer)}")
    new = update(config, nodes, walked.statistics, state, back.gradients, rate)

    results: list[Named] = [("loss", "loss", result.output)]
    results += [(entry.name, entry.role, new[entry.name]) for entry in signature.manifest_state() if entry.name in new]
    title = f"One training step with {type(optimizer_for(config)).__name__}."
    return signature.program("train_step", results, title, landmarks(walked, back))
