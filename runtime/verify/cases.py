"""Which ops the first certainty is asked of: every op in every lowering at odd sizes, and a network's own."""

from emit.activation import Activation
from emit.graph import Graph
from emit.lowerings import Lowerings
from emit.op import Op
from emit.ops.flatten import Flatten
from runtime.verify.op import Case, Shape
from runtime.verify.ops import DEFINITIONS, definition_of


def general_cases() -> list[Case]:
    """Every op of the registry, in every lowering."""
    return [case for definition in DEFINITIONS.values() for case in definition.cases]


def network_cases(graph: Graph, batch: int, lowerings: Lowerings, loss: Op) -> list[Case]:
    """Each different op of a network with its real channels, kernel, stride and padding, on a small image.

    Those with a window a second time with the real image, and two channels. Whatever their size, they are emitted in
    the lowerings of the network's own.
    """
    found: dict[tuple[Op, tuple[Shape, ...], str], Case] = {}
    for small in (True, False):
        for node in graph.nodes.values():
            definition, shapes = definition_of(node.op), [graph.shape(source) for source in node.inputs]
            if small:
                few = 2 if any(len(shape) == 3 for shape in shapes) else 3
                op, inputs = node.op, tuple(_small(node.op, shape, few) for shape in shapes)
            elif hasattr(node.op, "window"):
                op, inputs = definition.thin(node.op), ((2, *shapes[0][:2], 2),)
            else:
                continue
            like = definition.like(node.op, (batch, *shapes[0]), lowerings)
            found.setdefault((op, inputs, str(like)), Case(op, inputs, like, CHANNELS if small else SIZES))
    logits = (3, graph.shape(graph.outputs["logits"])[0])
    targets = [logits if name == "teacher" else (3,) for name in loss.targets]
    return [*found.values(), Case(loss, (logits, *targets), lowerings, CHANNELS)]


CHANNELS, SIZES = "the network's channels", "the network's image sizes"


_FEW = 8  # channels of an activation


def _small(op: Op, shape: Shape, batch: int) -> Shape:
    """One example's shape with a batch, and an image just large enough for the op to see an edge and a middle.

    Of an op that draws, more examples: so that hardly two draws of all of them agree. Of an activation, which does the
    same to every number, a few channels.
    """
    if isinstance(op, Activation):
        shape = (*shape[:-1], min(shape[-1], _FEW))
    if op.draws:
        return (32, *(min(size, 3) for size in shape))
    if len(shape) == 1:
        return (batch, *shape)
    window = getattr(op, "window", None)
    height, width = (window.extent + window.stride + 1, window.extent + 2) if window else (3, 2)
    if isinstance(op, Flatten):
        height, width = shape[:2]
    return (batch, height, width, shape[2])


def title(op: Op) -> str:
    """How a table names an op: its kind, window and groups."""
    window, groups = getattr(op, "window", None), getattr(op, "groups", 1)
    kind = op.kind.replace("_", " ")
    if window is None:
        return kind
    dilation = f", dilation {window.dilation}" if window.dilation > 1 else ""
    several = f", {groups} groups" if groups > 1 else ""
    return f"{kind} {window.size}×{window.size} by {window.stride}{dilation}, {window.padding}{several}"


def by_family(case: Case) -> str:
    """A kind and lowering: how the general cases are grouped."""
    return f"{case.op.kind.replace('_', ' ')}{f', {case.lowering}' if case.lowering else ''}"


def by_window(case: Case) -> str:
    """A kind and window: how a network's own ops are grouped."""
    return title(case.op)
