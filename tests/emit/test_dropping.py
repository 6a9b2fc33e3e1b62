"""Wrong versions of what dropout and stochastic depth share."""

from tests.ops.mutations import WrongVersions


class TestDropping(WrongVersions):
    module = "emit.dropping"
    wrong = {
        "what is kept is multiplied by keep": ("(1 / self.keep, 0)", "(self.keep, 0)"),
        "what is kept is not scaled": ("(1 / self.keep, 0)", "(1, 0)"),
        "what is dropped is kept too": ("(1 / self.keep, 0)", "(1 / self.keep, 1)"),
        "kept and dropped the other way round": (
            'hlo.select(keeps, kept, dropped, "factor")',
            'hlo.select(keeps, dropped, kept, "factor")',
        ),
        "the rate is what is kept": ("return 1 - written(self.rate)", "return written(self.rate)"),
        "evaluation drops too": ("return not training or self.rate == 0", "return self.rate == 0"),
        "rate for keep": ("call.random.keeps(self.keep, ex", "call.random.keeps(1 - self.keep, ex"),
        "training drops nothing": ("return not training or self.rate == 0", "return True"),
    }
