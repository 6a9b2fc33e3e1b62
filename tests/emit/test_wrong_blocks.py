"""Wrong versions of the blocks of papers: `netspec verify` takes a block as it is written, the oracle does not.

Each is caught by the small networks that have the block, beside JAX's autodiff, or is no network at all.
"""

from importlib import import_module
from inspect import getmembers, isclass

import pytest

from netspec import NetSpec
from netspec.layers import Block, nested
from tests.emit.networks import NETWORKS
from tests.emit.test_blocks import check
from tests.ops.mutations import Mutation, applied, marks

# By file of `netspec/layers`: what is wrong, with old and new text in turn.
WRONG: dict[str, dict[str, tuple[str, ...]]] = {
    "separable_conv": {
        "a linear depthwise convolution": (
            "self.stride, padding_of(conventions), act)",
            'self.stride, padding_of(conventions), "identity")',
        ),
        "a linear pointwise convolution": ('"same", act)', '"same", "identity")'),
        "the stride after the depthwise convolution": (
            "3, self.stride, padding",
            "3, 1, padding",
            "self.oc, 1, 1,",
            "self.oc, 1, self.stride,",
        ),
        "a depthwise convolution of five pixels": ("self.ic, 3, self.stride", "self.ic, 5, self.stride"),
        "XLA's padding for any network": ("padding_of(conventions), act", '"same", act'),
    },
    "inverted_residual": {
        "nothing is added": ("[residual(parts)] if stride == 1 and ic == oc else parts", "parts"),
        "an activation after the projection": (
            'convBn(wide, oc, 1, 1, "same", "identity")',
            'convBn(wide, oc, 1, 1, "same", act)',
        ),
        "a linear expansion": ('convBn(ic, wide, 1, 1, "same", act)', 'convBn(ic, wide, 1, 1, "same", "identity")'),
        "a linear depthwise convolution": ("stride, padding, act)", 'stride, padding, "identity")'),
        "the stride of every block": ("else (self.oc, 1)", "else (self.oc, self.stride)"),
        "later blocks expand what the first one does": ("ic * self.expandRatio, 3", "self.ic * self.expandRatio, 3"),
        "squeezed before the depthwise convolution": (
            '        named("dw", depthwiseBn(wide, kernel, stride, padding, act)),\n'
            '        *([named("se", excite)] if excite else []),\n',
            '        *([named("se", excite)] if excite else []),\n'
            '        named("dw", depthwiseBn(wide, kernel, stride, padding, act)),\n',
        ),
    },
    "mb_conv": {
        "a quarter of the expanded channels": ("max(ic // 4, 1)", "max(wide // 4, 1)"),
        "ReLU in every squeeze": ('activation_of(block, conventions), "sigmoid"', '"relu", "sigmoid"'),
        "a hard gate": ('"sigmoid")', '"hsigmoid")'),
        "always three pixels": ("self.kSize, stride, excite", "3, stride, excite"),
        "always squeezed": (" if self.useSE else None", ""),
    },
    "mb_conv_v3": {
        "a quarter that is not rounded": ("divisible(self.expandCh / 4)", "self.expandCh // 4"),
        "a quarter of the input": ("divisible(self.expandCh / 4)", "divisible(self.ic / 4)"),
        "a sigmoid as the gate": ('"relu", "hsigmoid"', '"relu", "sigmoid"'),
        "the block's activation in the squeeze": ('"relu", "hsigmoid"', '"hswish", "hsigmoid"'),
        "always three pixels": ("self.kSize, self.stride, excite", "3, self.stride, excite"),
    },
    "fused_mb_conv": {
        "the stride in the projection": (
            "self.kSize, stride, padding, act)),\n            *excite",
            "self.kSize, 1, padding, act)),\n            *excite",
            'self.oc, 1, 1, "same"',
            'self.oc, 1, stride, "same"',
        ),
        "an activation after the projection": ('"same", "identity")', '"same", act)'),
        "a linear expansion": (
            "self.kSize, stride, padding, act)),\n            *excite",
            'self.kSize, stride, padding, "identity")),\n            *excite',
        ),
        "a linear convolution without expansion": (
            "self.kSize, stride, padding, act))]",
            'self.kSize, stride, padding, "identity"))]',
        ),
        "nothing is added": (
            "skipped(self._parts(conventions, ic, stride), ic, self.oc, stride)",
            "self._parts(conventions, ic, stride)",
        ),
    },
    "uib": {
        "an activation after the first depthwise convolution": ('padding, "identity")', "padding, act)"),
        "a linear second depthwise convolution": ("second, padding, act", 'second, padding, "identity"'),
        "the stride always in the first": ("(1, self.stride) if last else (self.stride, 1)", "(self.stride, 1)"),
        "the stride's place is ignored": ("self.postDWk > 0 and self.middleDwDownsample", "self.postDWk > 0"),
        "an activation after the projection": ('self.oc, 1, 1, "same", "identity"', 'self.oc, 1, 1, "same", act'),
        "channels that are not rounded": ("divisible(self.ic * self.expandRatio)", "self.ic * self.expandRatio"),
        "the scale after the add": (
            "            *scaled,\n        ]\n        return skipped(parts, self.ic, self.oc, self.stride)",
            "        ]\n        return [*skipped(parts, self.ic, self.oc, self.stride), *scaled]",
        ),
    },
    "mobile_mqa": {
        "keys and values of one reduction": ('f"{name}_down"', '"key_down"'),
        "an activation after the reduction": ('padding_of(conventions), "identity"', 'padding_of(conventions), "relu"'),
        "the normalised image is added": (
            'named("norm", batchNorm()),\n                    named(\n                        "attention"',
            'named(\n                        "attention"',
            "return [\n            residual(",
            'return [\n            named("norm", batchNorm()),\n            residual(',
        ),
        "an activation after the norm": ("batchNorm()", 'batchNorm("relu")'),
        "queries of one head": ("self.heads,\n", "1,\n", "self.keyDim,\n", "wide,\n"),
    },
    "residual_block": {
        "a basic block's stride in its second convolution": (
            "convBn(ic, self.oc, 3, stride, padding, act)",
            "convBn(ic, self.oc, 3, 1, padding, act)",
            "convBn(self.oc, self.oc, 3, 1, padding",
            "convBn(self.oc, self.oc, 3, stride, padding",
        ),
        "an activation before a basic block's sum": (
            'self.oc, self.oc, 3, 1, padding, "identity"',
            "self.oc, self.oc, 3, 1, padding, act",
        ),
        "a bottleneck's stride always in its first convolution": (
            "(stride, 1) if self.strideFirst else (1, stride)",
            "(stride, 1)",
        ),
        "a bottleneck's stride never in its first convolution": (
            "(stride, 1) if self.strideFirst else (1, stride)",
            "(1, stride)",
        ),
        "an activation before a bottleneck's sum": (
            'convBn(narrow, self.oc, 1, 1, "same", "identity")',
            'convBn(narrow, self.oc, 1, 1, "same", act)',
        ),
        "an activation on the shortcut": (
            'convBn(ic, oc, 1, stride, "same", "identity")',
            'convBn(ic, oc, 1, stride, "same", "relu")',
        ),
    },
}


def networks(module: str) -> list[NetSpec]:
    """Those with a block of a file; the file of the others' parts has all blocks that use it."""
    blocks = tuple(each for _, each in getmembers(import_module(f"netspec.layers.{module}"), isclass))
    own = tuple(block for block in blocks if issubclass(block, Block) and block.__module__.endswith(module))
    return [net for net in NETWORKS if any(isinstance(layer, own) for layer in nested(net.layers))]


def caught(net: NetSpec) -> bool:
    try:
        check(net)
    except Exception:  # another number, or what is no network
        return True
    return False


CASES = [
    pytest.param(module, name, marks=marks(1 + i), id=f"{module}: {name}")
    for module, wrong in WRONG.items()
    for i, name in enumerate(wrong)
]


@pytest.mark.parametrize(("module", "name"), CASES)
def test_a_wrong_version_of_a_block_is_caught(module: str, name: str) -> None:
    texts = WRONG[module][name]
    edits = tuple(zip(texts[::2], texts[1::2], strict=True))
    with applied(Mutation(name, f"netspec.layers.{module}", edits)):
        every = networks(module)
        if name.startswith("squeezed"):
            every = networks("mb_conv")
        assert any(caught(net) for net in every)


@pytest.mark.ordinary
def test_every_block_has_wrong_versions() -> None:
    import netspec.layers as layers

    blocks = {each.__module__.rpartition(".")[2] for each in layers.LAYERS.values() if issubclass(each, Block)}
    assert blocks == set(WRONG)
