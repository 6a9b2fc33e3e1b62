"""Wrong versions of the programs around the walks."""

from tests.ops.mutations import WrongVersions


class TestProgram(WrongVersions):
    module = "emit.program"
    wrong = {
        "means in the order blue, green, red": (
            "IMAGENET_MEAN = (0.485, 0.456, 0.406)",
            "IMAGENET_MEAN = (0.406, 0.456, 0.485)",
        ),
        "a wrong digit in a deviation": (
            "IMAGENET_STD = (0.229, 0.224, 0.225)",
            "IMAGENET_STD = (0.229, 0.225, 0.225)",
        ),
        "images: the mean is not divided by the deviation": (
            "-written(mean) / written(std) for mean, std",
            "-written(mean) for mean, std",
        ),
        "images: the mean is added": ("-written(mean) / written(std) for", "written(mean) / written(std) for"),
        "images: from 0..256": ("1 / (255 * written(std))", "1 / (256 * written(std))"),
        "the images are not normalised in evaluation": (
            'images = normalise(state["images"])\n    walked = forward(block, graph, images, state, forms=forms, '
            "training=False",
            'images = hlo.convert(state["images"], block.float)\n    walked = forward(block, graph, images, state, '
            "forms=forms, training=False",
        ),
        "the images are not normalised in training": (
            'images = normalise(state["images"])\n    walked = forward(block, graph, images, state, forms=forms, '
            "training=True",
            'images = hlo.convert(state["images"], block.float)\n    walked = forward(block, graph, images, state, '
            "forms=forms, training=True",
        ),
        "the loss is seeded with 2": ("block.constant(1.0), (True", "block.constant(2.0), (True"),
        "the loss is seeded with itself": ("block.constant(1.0), (True", "result.output, (True"),
        "the recipe's label smoothing is ignored": ("CrossEntropy(config.labelSmoothing)", "CrossEntropy(0.0)"),
        "the gradients come from the logits, not the loss": (
            "reverse(block, graph, walked, seed,",
            "reverse(block, graph, walked, walked.output(graph.output),",
        ),
        "training with running statistics": (
            "forms=forms, training=True",
            "forms=forms, training=False",
        ),
        "evaluation with the batch's statistics": (
            "forward(block, graph, images, state, forms=forms, training=False",
            "forward(block, graph, images, state, forms=forms, training=True",
        ),
        "the running statistics come back old": (
            "| dict(walked.statistics)",
            "| {name: state[name] for name in walked.statistics}",
        ),
        "the state comes back as it came in": (
            "[(entry.name, entry.role, new[entry.name]) for entry",
            "[(entry.name, entry.role, state[entry.name]) for entry",
        ),
        "the state comes back in another order": (
            "in signature.manifest_state()]",
            "in reversed(signature.manifest_state())]",
        ),
        "gradients come back where parameters should": (
            "[(entry.name, entry.role, new[entry.name]) for entry",
            "[(entry.name, entry.role, back.gradients.get(entry.name, new[entry.name])) for entry",
        ),
        "the loss comes back last": (
            "results += [(entry.name, entry.role, new[entry.name]) for entry in signature.manifest_state()]",
            "results = [(entry.name, entry.role, new[entry.name]) for entry in signature.manifest_state()] + results",
        ),
        "a gradient nobody asked for is left in the program": (
            "new = optimizer.apply(",
            "hlo.add(seed, seed)\n    new = optimizer.apply(",
        ),
        "evaluation: the loss sum's sign turned": (
            'loss_sum = hlo.subtract(block.constant(0.0), picked, "loss_sum")',
            "loss_sum = picked",
        ),
        "evaluation: the loss's mean": (
            'loss_sum = hlo.subtract(block.constant(0.0), picked, "loss_sum")',
            "loss_sum = hlo.divide(picked, block.constant(-logits.shape[0]))",
        ),
        "evaluation: padding counts as class 0 in the loss": (
            'one_hot(logits, state["labels"])',
            'one_hot(logits, hlo.maximum(state["labels"], block.constant(0, state["labels"].shape, "i32")))',
        ),
        "evaluation: padding counts as a right answer": (
            'hlo.compare(answer, "EQ", state["labels"], "right")',
            'hlo.compare(hlo.select(hlo.compare(state["labels"], "LT", block.constant(0, answer.shape, "i32")), '
            'state["labels"], answer), "EQ", state["labels"], "right")',
        ),
        "evaluation: wrong answers are counted": (
            'hlo.compare(answer, "EQ", state["labels"], "right")',
            'hlo.compare(answer, "NE", state["labels"], "right")',
        ),
        "evaluation: of equal logits the last class": (
            'right = hlo.convert(hlo.compare(answer, "EQ"',
            'turned = hlo.subtract(block.constant(net.classes - 1, columns.shape, "i32"), columns)\n'
            "    last = hlo.reduce_min(hlo.select(is_largest, turned, beyond), (1,), net.classes)\n"
            '    answer = hlo.subtract(block.constant(net.classes - 1, answer.shape, "i32"), last)\n'
            '    right = hlo.convert(hlo.compare(answer, "EQ"',
        ),
        "evaluation: the answer is the first class that is not the largest": (
            'is_largest = hlo.compare(logits, "EQ", largest',
            'is_largest = hlo.compare(logits, "LT", largest',
        ),
        "evaluation: any class may be right": (
            "right = hlo.convert(hlo.compare(answer",
            "right = hlo.convert(hlo.compare(hlo.select("
            'hlo.compare(answer, "GT", state["labels"]), state["labels"], answer)',
        ),
        "evaluation: logarithms for probabilities": (
            'hlo.exponential(log_softmax, "probabilities")',
            "log_softmax",
        ),
        "evaluation: powers for probabilities": (
            'hlo.exponential(log_softmax, "probabilities")',
            'hlo.exponential(logits, "probabilities")',
        ),
    }
