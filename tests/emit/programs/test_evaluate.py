"""Wrong versions of the evaluation program around the walk."""

from tests.ops.mutations import WrongVersions


class TestEvaluate(WrongVersions):
    module = "emit.programs.evaluate"
    wrong = {
        "the images are not normalised in evaluation": (
            'images = normalise(state["images"], net.preprocessing)\n'
            "    walked = forward(block, nodes, images, state, lowerings=lowerings, training=False",
            'from emit import hlo\n    images = hlo.convert(state["images"], block.float)\n'
            "    walked = forward(block, nodes, images, state, lowerings=lowerings, training=False",
        ),
        "evaluation with the batch's statistics": (
            "forward(block, nodes, images, state, lowerings=lowerings, training=False",
            "forward(block, nodes, images, state, lowerings=lowerings, training=True",
        ),
    }
