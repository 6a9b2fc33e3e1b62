"""Wrong versions of `emit/hlo/program.py`."""

from tests.ops.mutations import WrongVersions


class TestProgram(WrongVersions):
    module = "emit.hlo.program"
    wrong = {
        "constants of one shape are taken for one another": ("key = (number, kind)", "key = (0, kind)"),
        "constants of one number are taken for one another": ("key = (number, kind)", "key = (number, None)"),
        "two values have one name": ("        if count == 1:\n", "        if True:\n"),
    }
