"""Wrong versions of the expansion of layers, and what it refuses by itself."""

import pytest

from emit.expand import expand
from netspec import (
    Layer,
    NetSpec,
    SpecError,
    convBn,
    dense,
    dropout,
    featureMap,
    globalAvgPool,
    parallel,
)
from tests.ops.mutations import WrongVersions


class TestExpand(WrongVersions):
    module = "emit.expand"
    wrong = {
        "no activation after a convolution": (
            "bias=layer.bias))\n    walk.activate(name, layer.act)",
            "bias=layer.bias))",
        ),
        "all residuals drop alike": ("self.net.dropPath * self.entered / self.residuals", "self.net.dropPath"),
        "the first residual drops most": ("* self.entered /", "* (self.residuals - self.entered + 1) /"),
        "a residual's own rate is not its own": ("return layer.dropPath or round(", "return round("),
        "every convolution has a bias": ("bias=layer.bias", "bias=True"),
        "no activation after a dense layer": (
            "*_dense_inits(walk.net.denseInit, layer)))\n    walk.activate(name, layer.act)",
            "*_dense_inits(walk.net.denseInit, layer)))",
        ),
        "a convolution without batch norm": (
            "walk.convolution(layer))\n    walk.normalise(name, layer.act)",
            "walk.convolution(layer))\n    walk.activate(name, layer.act)",
        ),
        "a depthwise convolution without activation": (
            "own_fan=walk.own_fan))\n    walk.normalise(name, layer.act)",
            'own_fan=walk.own_fan))\n    walk.normalise(name, "identity")',
        ),
        "strides are ignored": (
            "Window(layer.kSize, layer.stride, layer.pad, layer.dilation)",
            "Window(layer.kSize, 1, layer.pad, layer.dilation)",
        ),
        "dilations are ignored": (
            "Window(layer.kSize, layer.stride, layer.pad, layer.dilation)",
            "Window(layer.kSize, layer.stride, layer.pad)",
        ),
        "groups are ignored": ("bias=bias, groups=groups", "bias=bias"),
        "nothing is dropped": ("if layer.rate:", "if False:"),
        "no image is dropped": ("if rate:", "if False:"),
        "an average in place of an image of it": ("GlobalAveragePool(layer.keepDims)", "GlobalAveragePool()"),
        "the network's ε is ignored": (
            "self._norm(self.channels, self.net.bnEps, self.net.bnMomentum)",
            "self._norm(self.channels, momentum=self.net.bnMomentum)",
        ),
        "the network's momentum is ignored": (
            "self._norm(self.channels, self.net.bnEps, self.net.bnMomentum)",
            "self._norm(self.channels, self.net.bnEps)",
        ),
        "a layer's own activation is ignored": ("activation or self.net.activation", "self.net.activation"),
        "no activation after a batch norm alone": (
            "walk.add(name, walk.norm())\n    walk.activate(name, layer.act)",
            "walk.add(name, walk.norm())",
        ),
        "a residual that adds nothing": (
            'walk.add(f"{own}_add", Add(), shortcut, body)',
            'walk.add(f"{own}_add", Add(), body, body)',
        ),
        "a shortcut that is not used": (
            "shortcut = walk.branch(entry, layer.shortcut, name)",
            "shortcut = walk.branch(entry, layer.shortcut, name) and entry",
        ),
        "the shortcut from the end of the layers": (
            "shortcut = walk.branch(entry, layer.shortcut, name)",
            "shortcut = walk.branch(body, layer.shortcut, name)",
        ),
        "no activation after a residual's sum": ("    walk.activate(own, layer.act)\n", ""),
        "branches one after another": (
            "ends = [walk.branch(entry, branch, name) for branch in layer.branches]",
            "ends = [walk.row(branch, name) for branch in layer.branches]",
        ),
        "branches concatenated in reverse": ("Concatenate(), *ends)", "Concatenate(), *ends[::-1])"),
        "branches added, all but the last": ("enumerate(ends[1:], 1)", "enumerate(ends[1:-1], 1)"),
        "keys and values exchanged": ("(layer.query, layer.key, layer.value)", "(layer.query, layer.value, layer.key)"),
        "squeeze and excitation without its activation": (
            'walk.activate(f"{name}_reduce", layer.act)',
            "walk.last",
        ),
        "squeeze and excitation without its gate": (
            'walk.activate(f"{name}_expand", layer.gate)',
            "walk.last",
        ),
        "an average pool of torch's padding does not count it": (
            'counts_padding=window.padding == "symmetric"',
            "counts_padding=False",
        ),
        "relu where relu6 was asked for": ("REGISTRY[activation]()", 'REGISTRY["relu"]()'),
    }


@pytest.mark.parametrize(
    "before",
    [[], [dropout(0.5)], [parallel([[convBn(3, 3, 1, 1, "same")], [dropout(0.5), featureMap("c1")]], "add")]],
    ids=["first", "after a dropout", "in a branch"],
)
def test_a_name_for_the_images_themselves_is_refused(before: list[Layer]) -> None:
    layers = [*before, featureMap("c2"), globalAvgPool(), dense(3, 2, "identity")]
    named = "c1" if before and not isinstance(before[0], dropout) else "c2"
    with pytest.raises(SpecError) as wrong:
        expand(NetSpec("Net", layers, 8, 8, "relu", "same"))
    assert str(wrong.value) == (
        f'layer {0 if named == "c1" else len(before)}, featureMap("{named}"): expected a layer before it that changes '
        "the images, received none; move it."
    )
