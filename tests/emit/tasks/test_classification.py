"""Wrong versions of what classification counts and minimizes."""

from tests.ops.mutations import WrongVersions


class TestClassification(WrongVersions):
    module = "emit.tasks.classification"
    wrong = {
        "the recipe's label smoothing is ignored": ("CrossEntropy(config.labelSmoothing,", "CrossEntropy(0.0,"),
        "the recipe's mixing is ignored": ("bool(mixing_of(config))", "False"),
        "the recipe's weights of classes are ignored": ("tuple(config.classWeights)", "()"),
        "the teacher is ignored": ("if not config.distillWeight:", "if True:"),
        "the teacher's share is that of the labels": (
            "Distillation(labels, config.distillWeight,",
            "Distillation(labels, 1 - config.distillWeight,",
        ),
        "the teacher's temperature is ignored": (", config.distillTemperature)", ", 1.0)"),
        "the loss sum's sign turned": (
            'loss_sum = hlo.subtract(block.constant(0.0), picked, "loss_sum")',
            "loss_sum = picked",
        ),
        "the loss's mean": (
            'loss_sum = hlo.subtract(block.constant(0.0), picked, "loss_sum")',
            "loss_sum = hlo.divide(picked, block.constant(-logits.shape[0]))",
        ),
        "padding counts as class 0 in the loss": (
            "one_hot(logits, labels)",
            'one_hot(logits, hlo.maximum(labels, block.constant(0, labels.shape, "i32")))',
        ),
        "padding counts as a right answer": (
            'hlo.compare(predicted, "EQ", labels, "right")',
            'hlo.compare(hlo.select(hlo.compare(labels, "LT", block.constant(0, predicted.shape, "i32")), '
            'labels, predicted), "EQ", labels, "right")',
        ),
        "wrong answers are counted": (
            'hlo.compare(predicted, "EQ", labels, "right")',
            'hlo.compare(predicted, "NE", labels, "right")',
        ),
        "of equal logits the last class": (
            'right = hlo.convert(hlo.compare(predicted, "EQ"',
            'turned = hlo.subtract(block.constant(net.classes - 1, columns.shape, "i32"), columns)\n'
            "        last = hlo.reduce_min(hlo.select(is_largest, turned, beyond), (1,), net.classes)\n"
            '        predicted = hlo.subtract(block.constant(net.classes - 1, predicted.shape, "i32"), last)\n'
            '        right = hlo.convert(hlo.compare(predicted, "EQ"',
        ),
        "the answer is the first class that is not the largest": (
            'is_largest = hlo.compare(logits, "EQ", largest',
            'is_largest = hlo.compare(logits, "LT", largest',
        ),
        "any class may be right": (
            "right = hlo.convert(hlo.compare(predicted",
            'right = hlo.convert(hlo.compare(hlo.select(hlo.compare(predicted, "GT", labels), labels, predicted)',
        ),
        "logarithms for probabilities": (
            'hlo.exponential(log_softmax, "probabilities")',
            "log_softmax",
        ),
        "powers for probabilities": (
            'hlo.exponential(log_softmax, "probabilities")',
            'hlo.exponential(logits, "probabilities")',
        ),
    }
