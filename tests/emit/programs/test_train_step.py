"""Wrong versions of the training step around the walks."""

from tests.ops.mutations import WrongVersions


class TestTrainStep(WrongVersions):
    module = "emit.programs.train_step"
    wrong = {
        "batch norms never keep their statistics": ("fixed=config.freezeBN", "fixed=False"),
        "batch norms always keep their statistics": ("fixed=config.freezeBN", "fixed=True"),
        "no layer is frozen": ("frozen_layers(net, config), fixed", "0, fixed"),
        "the images are not normalised in training": (
            'images = normalise(state["images"], net.preprocessing)\n'
            "    walked = forward(block, nodes, images, state, lowerings=lowerings, training=True",
            'from emit import hlo\n    images = hlo.convert(state["images"], block.float)\n'
            "    walked = forward(block, nodes, images, state, lowerings=lowerings, training=True",
        ),
        "the loss is seeded with 2": ("block.constant(1.0), wanted", "block.constant(2.0), wanted"),
        "the loss is seeded with itself": ("block.constant(1.0), wanted", "result.output, wanted"),
        "the gradients come from the logits, not the loss": (
            "reverse(block, nodes, walked, seeded,",
            "reverse(block, nodes, walked, {name: walked.results[name].output for name in seeded},",
        ),
        "training with running statistics": (
            "lowerings=lowerings, training=True",
            "lowerings=lowerings, training=False",
        ),
        "the running statistics come back old": (
            "update(config, nodes, walked.statistics,",
            "update(config, nodes, {name: state[name] for name in walked.statistics},",
        ),
        "the state comes back as it came in": (
            "[(entry.name, entry.role, new[entry.name]) for entry",
            "[(entry.name, entry.role, state[entry.name]) for entry",
        ),
        "the state comes back in another order": (
            "in signature.manifest_state() if",
            "in reversed(signature.manifest_state()) if",
        ),
        "gradients come back where parameters should": (
            "[(entry.name, entry.role, new[entry.name]) for entry",
            "[(entry.name, entry.role, back.gradients.get(entry.name, new[entry.name])) for entry",
        ),
        "the loss comes back last": (
            "    title = f",
            "    results = [*results[1:], results[0]]\n    title = f",
        ),
        "a gradient nobody asked for is left in the program": (
            "new = update(",
            "from emit import hlo\n    hlo.add(result.output, result.output)\n    new = update(",
        ),
    }
