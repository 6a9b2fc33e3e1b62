"""Has what goes into a padded image computed in its place there.

Of one image, IREE computes some of it in memory aside, and copies it into the padded image number by number: a third of
the first convolution's time.

What is read here is the textual form that IREE's flow phase has in one release, 3.13.0.
"""

import re

from runtime.compiler.passes.ir import parts_of

_STORE = re.compile(
    r"iree_tensor_ext\.dispatch\.tensor\.store (?P<value>%\w+), (?P<target>%\w+), "
    r"(?P<box>offsets = \[[\d, ]+\], sizes = \[[\d, ]+\], strides = \[[\d, ]+\]) : (?P<type>tensor<\S+>) -> "
    r"(?P<whole>!iree_tensor_ext\.dispatch\.tensor<readwrite:tensor<\S+>>)"
)


def with_placed(program: str) -> str:
    """A program of IREE's flow phase whose dispatches name the place in a padded image as that of their results.

    One that adds up there, or has several results, stays. So does a convolution or product that is not told how to be
    cut: IREE (3.13.0) may give it to one worker, and then refuses the copy that it makes of it into its place.
    """
    before, executables, behind = parts_of(program)
    return "".join((before, *map(_placed, executables), behind))


def _placed(executable: str) -> str:
    stores = list(_STORE.finditer(executable))
    if len(stores) != 1 or ('"reduction"' in executable and "compilation_info" not in executable):
        return executable
    store = stores[0]
    made = re.search(rf"^( *){store['value']} = linalg\.generic .*? outs\((%\w+) : ", executable, re.MULTILINE)
    if made is None or f"{made[2]} = tensor.empty() : {store['type']}" not in executable:
        return executable
    place = (
        f"{made[1]}%place = iree_tensor_ext.dispatch.tensor.load {store['target']}, {store['box']} : "
        f"{store['whole']} -> {store['type']}\n"
    )
    head, operation = executable[: made.start()], executable[made.start() : made.start(2)]
    return "".join((head, place, operation, "%place", executable[made.end(2) :]))
