"""Wrong versions of the expansion of layers."""

from tests.ops.mutations import WrongVersions


class TestExpand(WrongVersions):
    module = "emit.expand"
    wrong = {
        "no activation after a convolution": (
            "bias=True))\n    walk.activate(name, layer.act)",
            "bias=True))",
        ),
        "no activation after a dense layer": (
            "Dense(layer.fanIn, layer.fanOut))\n    walk.activate(name, layer.act)",
            "Dense(layer.fanIn, layer.fanOut))",
        ),
        "a first convolution without batch norm": (
            "layer.stride, layer.pad)))\n    walk.normalise(name, layer.act or walk.net.activation)",
            "layer.stride, layer.pad)))\n    walk.activate(name, layer.act or walk.net.activation)",
        ),
        "the network's ε is ignored": (
            "BatchNorm(self.channels, self.net.bnEps, self.net.bnMomentum)",
            "BatchNorm(self.channels, momentum=self.net.bnMomentum)",
        ),
        "the network's momentum is ignored": (
            "BatchNorm(self.channels, self.net.bnEps, self.net.bnMomentum)",
            "BatchNorm(self.channels, self.net.bnEps)",
        ),
        "a convolution's own activation is ignored": (
            "walk.normalise(name, layer.act or walk.net.activation)",
            "walk.normalise(name, walk.net.activation)",
        ),
        "an inverted residual's own activation is ignored after the depthwise convolution": (
            'walk.normalise(f"{name}_dw", layer.act or walk.net.activation)',
            'walk.normalise(f"{name}_dw", walk.net.activation)',
        ),
        "a residual block's own activation is ignored after its sum": (
            "walk.activate(name, layer.act or walk.net.activation)",
            "walk.activate(name, walk.net.activation)",
        ),
        "no inverted residual": ("walk.graph.shape(entry) == walk.graph.shape(walk.last) and stride == 1", "False"),
        "an activation after the projection": (
            'walk.normalise(f"{name}_project", "identity")',
            'walk.normalise(f"{name}_project", walk.net.activation)',
        ),
        "no activation between a residual block's convolutions": (
            'walk.normalise(f"{name}_conv1", layer.act or walk.net.activation)',
            'walk.normalise(f"{name}_conv1", "identity")',
        ),
        "an activation before a residual block's sum": (
            'body = walk.normalise(f"{name}_conv2", "identity")',
            'body = walk.normalise(f"{name}_conv2", walk.net.activation)',
        ),
        "no activation after a residual block's sum": (
            'walk.add(f"{name}_add", Add(), entry, body)\n'
            "        walk.activate(name, layer.act or walk.net.activation)",
            'walk.add(f"{name}_add", Add(), entry, body)',
        ),
        "the shortcut without batch norm": (
            'entry = walk.normalise(f"{name}_shortcut", "identity")',
            "entry = walk.last",
        ),
        "the shortcut from the first convolution": (
            'Convolution(ic, layer.oc, Window(1, stride, "same"), shortcut=entry != IMAGES)\n'
            '            walk.add(f"{name}_shortcut", shortcut, entry)',
            'Convolution(layer.oc, layer.oc, Window(1, 1, "same"))\n'
            '            walk.add(f"{name}_shortcut", shortcut, f"{name}_conv1")',
        ),
        "a residual block's stride in its second convolution": (
            "Convolution(ic, layer.oc, Window(3, stride, walk.net.padding))",
            "Convolution(ic, layer.oc, Window(3, 1, walk.net.padding))",
            "Convolution(layer.oc, layer.oc, Window(3, 1, walk.net.padding))",
            "Convolution(layer.oc, layer.oc, Window(3, stride, walk.net.padding))",
        ),
        "relu where relu6 was asked for": ("REGISTRY[activation]()", 'REGISTRY["relu"]()'),
    }
