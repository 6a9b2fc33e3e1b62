"""Convolution: y[n, h, w, o] = Σ_{i,j,c} x[n, h·s + i·δ - low, w·s + j·δ - low, c] · k[i, j, c, o], plus a bias.

With a stride s or a dilation δ (Yu and Koltun 2016, "Multi-scale context aggregation by dilated convolutions"). In G
groups each has its own share of the input's channels and of the output's: c counts those of the group that o is in
(Krizhevsky et al. 2012, section 3.5; Xie et al. 2017, ResNeXt).
"""

from dataclasses import dataclass, field, replace
from itertools import product

from emit import hlo, winograd
from emit.hlo import ShapeError, Value
from emit.lowerings import Lowerings
from emit.op import ZEROS, AffineCotangent, Call, Cotangents, Op, Result, Tensor, he_normal, register
from emit.sums import channel_sums, per_channel, piece_products, row_products
from emit.windows import Pair, Shifted, Window
from netspec.layers import Shape


@register
@dataclass(frozen=True)
class Convolution(Op):
    """Kernel `[k, k, ic/groups, oc]`; any size, stride or dilation, and padding; zero padding.

    Args:
        groups: into how many equal parts the channels are divided, in their order, both in and out.
        own_fan: its fan-out is counted over a group's channels, as timm does, and not over all, as torchvision does.
    """

    kind = "convolution"
    ic: int
    oc: int
    window: Window
    bias: bool = False
    groups: int = 1
    own_fan: bool = field(default=False, repr=False)

    def __post_init__(self) -> None:
        """Raises ShapeError."""
        if self.groups < 1 or self.ic % self.groups or self.oc % self.groups:
            raise ShapeError(
                f"convolution: expected groups that divide {self.ic} and {self.oc} channels, received {self.groups}"
            )

    def parameters(self) -> tuple[Tensor, ...]:
        """The kernel, He-normal over its fan-out, and the bias."""
        k, fan = self.window.size, self.oc // self.groups if self.own_fan else self.oc
        weight = Tensor("weight", (k, k, self.ic // self.groups, self.oc), he_normal(k * k * fan), decays=True)
        return (weight, Tensor("bias", (self.oc,), ZEROS)) if self.bias else (weight,)

    def shape(self, *inputs: Shape) -> Shape:
        """`[H, W, ic]` → `[H', W', oc]`."""
        height, width, _ = inputs[0]
        return (*self.window.outputs(height, width), self.oc)

    def forward(self, call: Call) -> Result:
        """StableHLO's own operation, of whose 1×1 kernels IREE makes a matrix product; or Winograd's products.

        Groups are as many convolutions, side by side: one operation with groups of several channels takes five to
        thirty times as long on IREE's CPU (3.13.0), which makes code of single numbers of it.
        """
        (x,) = call.inputs
        saved: dict[str, Value] = {}
        outputs = []
        for i, (part, weight) in enumerate(self._by_group(x, call.parameters["weight"])):
            if self.by_winograd(call):
                tiles = winograd.image_tiles(part, self.window.pads(*x.shape[1:3]))
                places = weight if len(weight.shape) == 3 else winograd.kernel_places(weight)  # `predict` is given them
                y = winograd.convolved(tiles, places, (x.shape[0], *self.window.outputs(*x.shape[1:3])), "conv")
                saved[f"tiles_{i}"] = tiles
            elif self._picks:
                y = hlo.convolution(Shifted(part, self.window).at(0, 0), weight)
            else:
                stride = (self.window.stride, self.window.stride)
                pads = self.window.tight_pads(*x.shape[1:3])
                y = hlo.convolution(part, weight, strides=stride, pads=pads, kernel_dilation=self._dilation)
            outputs.append(y)
            saved |= {f"x_{i}": part, f"weight_{i}": weight}
        y = hlo.concatenate(outputs, 3, "convs")
        if self.bias:
            y = hlo.add(y, per_channel(call.parameters["bias"], y), "biased")
        return Result(y, saved)

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """y is linear in x, in the kernel and in the bias, so each cotangent is the transposed map.

        dbias[o]      = Σ_{n,h,w} dy[n, h, w, o]
        dk[i,j,c,o]   = Σ_{n,h,w} x[n, h·s + i·δ - low, w·s + j·δ - low, c] · dy[n, h, w, o]
                        (for each place (i, j), a matrix product over all pixels)
        dx[n,r,q,c]   = Σ_{i,j,o} k[i, j, c, o] · dy[n, (r + low - i·δ)/s, (q + low - j·δ)/s, o], whole indices only:
                        a convolution of dy, its rows s apart, with the kernel reversed and channels swapped;
                        or, without the zeros between the rows, one for each phase (r mod s, q mod s).
        A group's outputs depend on its own inputs and its own part of the kernel alone, so o goes over the group that c
        is in: the cotangents of one convolution a group, side by side.
        """
        saved = result.saved
        parts = [
            (saved[f"x_{i}"], saved[f"weight_{i}"], saved.get(f"tiles_{i}"), dy)
            for i, (dy,) in enumerate(self._by_group(cotangent))
        ]
        dweights = [self._one._weight_cotangent(call, x, tiles, dy) for x, _, tiles, dy in parts]
        gradients = {"weight": hlo.concatenate(dweights, 3, "dweights")}
        if self.bias:
            (gradients["bias"],) = channel_sums((cotangent,), call.lowerings, "dbias")
        if not wanted[0]:
            return Cotangents((None,), gradients)
        images = [self._one._image_cotangent(x, weight, tiles, dy) for x, weight, tiles, dy in parts]
        return Cotangents((hlo.concatenate(images, 3, "dx"),), gradients)

    def takes_affine(self, call: Call) -> bool:
        """A 1×1 kernel that makes many channels of few: what is added up would be large, x is small."""
        (x,) = call.inputs
        exact = x.block.products == x.block.float
        return (
            self.pointwise
            and not self.bias
            and exact
            and call.lowerings.affine(x.type.elements // self.ic, self.ic, self.oc)
        )

    def vjp_of_affine(self, call: Call, result: Result, lazy: AffineCotangent, wanted: tuple[bool, ...]) -> Cotangents:
        """Rows X `[R, ic]` and a kernel k give Y = X·k; dY = G·diag(a) + Y·diag(b) + 1·cᵀ is never written down:

        dk = Xᵀ·dY = (Xᵀ·G)·diag(a) + (Xᵀ·X)·k·diag(b) + (Xᵀ·1)·cᵀ
        dX = dY·kᵀ = G·(k·diag(a))ᵀ + X·(k·diag(b)·kᵀ) + 1·(k·c)ᵀ
        """
        (x,) = call.inputs
        weight = call.parameters["weight"]
        kernel = hlo.reshape(weight, (self.ic, self.oc), "kernel")
        scale, slope, shift = (per_channel(each, kernel) for each in (lazy.scale, lazy.slope, lazy.shift))
        sloped = hlo.multiply(kernel, slope, "sloped")
        rows = _rows(x)
        direct = row_products(rows, _rows(lazy.direct), call.lowerings, "dweight_direct")
        squares = row_products(rows, rows, call.lowerings, "squares")
        (total,) = channel_sums((x,), call.lowerings, "total")
        dweight = hlo.add(hlo.multiply(direct, scale), hlo.dot(squares, sloped, (1, 0), "dweight_through"))
        level = hlo.multiply(hlo.broadcast(total, kernel.shape, (0,), "each"), shift)
        gradients = {"weight": hlo.reshape(hlo.add(dweight, level), weight.shape, "dweight")}
        if not wanted[0]:
            return Cotangents((None,), gradients)
        scaled = hlo.reshape(hlo.multiply(kernel, scale), weight.shape, "scaled")
        dx = _transposed(lazy.direct, scaled, ((0, 0), (0, 0)))
        mixed = hlo.reshape(hlo.dot(kernel, sloped, (1, 1), "mixed"), (1, 1, self.ic, self.ic), "mixed")
        dx = hlo.add(dx, hlo.convolution(x, mixed, name="dx_through"))
        return Cotangents((hlo.add(dx, per_channel(hlo.dot(kernel, lazy.shift, (1, 0)), dx), "dx"),), gradients)

    def macs(self, *inputs: Shape) -> int:
        """k² · ic/groups for every output number."""
        height, width, channels = self.shape(*inputs)
        return height * width * channels * self.window.size**2 * (self.ic // self.groups)

    @property
    def pointwise(self) -> bool:
        """Whether it is one matrix product over pixels."""
        return self.window.size == self.window.stride == self.groups == 1

    @property
    def _picks(self) -> bool:
        """Whether a strided 1×1 kernel's pixels are cut out before it, and put back after it, each alone.

        Of such a convolution IREE (3.13.0) makes a product of a slice with a stride, seven times slower where it is not
        trained. What makes the slice of the network's images, their conversion from bytes, it computes anew there: all
        of it, on the stack, and refuses itself. And zeros between the pixels, with more zeros around them by the next
        op, it writes without those between.
        """
        return self.window.size == 1 < self.window.stride

    @property
    def _dilation(self) -> Pair:
        return self.window.dilation, self.window.dilation

    @property
    def _one(self) -> "Convolution":
        """The convolution of one group."""
        ic, oc = self.ic // self.groups, self.oc // self.groups
        return replace(self, ic=ic, oc=oc, bias=False, groups=1) if self.groups > 1 else self

    def _by_group(self, *values: Value) -> list[tuple[Value, ...]]:
        """Each group's part of some values: of their last axis, along which a kernel has the output's channels."""
        if self.groups == 1:
            return [values]
        return list(zip(*(_shares(value, self.groups) for value in values), strict=True))

    def _image_cotangent(self, x: Value, weight: Value, tiles: Value | None, cotangent: Value) -> Value:
        if self.window.stride > 1:
            return self._by_phases(x, weight, cotangent)
        pads = self.window.transposed_pads(*x.shape[1:3])
        if tiles is None:
            return _transposed(cotangent, _reversed(weight), pads, self._dilation)
        transposed = hlo.transpose(hlo.reverse(weight, (0, 1)), (0, 1, 3, 2), "turned")
        return winograd.convolved(
            winograd.image_tiles(cotangent, pads), winograd.kernel_places(transposed), x.shape[:3], "dx"
        )

    def _by_phases(self, x: Value, weight: Value, cotangent: Value) -> Value:
        """dx, row s·r + a and column s·q + b for each phase (a, b), which sees every s-th place of the kernel alone."""
        batch, height, width, channels = x.shape
        k, s = self.window.size, self.window.stride
        if k == 1:
            return _apart(_transposed(cotangent, weight, ((0, 0), (0, 0))), s, x.shape)
        around = -(-k // s)
        more = around * s - k
        places = hlo.pad(weight, (0,) * 4, (more, more, 0, 0), name="places")
        # With one channel a reversed slice becomes a gather, which IREE (3.13.0) does not compile: reverse first.
        alone = self.ic == self.oc == 1
        if alone:
            places = hlo.reverse(places, (0, 1))
        places = hlo.reshape(places, (around, s, around, s, self.ic, self.oc), "places")
        down, across = self.window.transposed_phases(height, width)
        parts = []
        rows, columns = -(-height // s), -(-width // s)
        for one, other in product(down, across):
            if not one.taps or not other.taps:
                parts.append(x.block.constant(0, (batch, rows, columns, channels), x.dtype))
                continue
            # IREE is slow where one axis of a window has a single place: a zero place is added there.
            least = min(max(one.taps, other.taps), 2)
            tall, wide = max(one.taps, least), max(other.taps, least)
            start = (0, one.first, 0, other.first, 0, 0)
            if alone:
                start = (around - tall, s - 1 - one.first, around - wide, s - 1 - other.first, 0, 0)
            sizes = (tall, 1, wide, 1, self.ic, self.oc)
            stop = tuple(first + size for first, size in zip(start, sizes, strict=True))
            kernel = hlo.reshape(hlo.slice_(places, start, stop, name="phase"), (tall, wide, self.ic, self.oc), "phase")
            kernel = kernel if alone else _reversed(kernel)
            parts.append(_transposed(cotangent, kernel, (one.pads(tall), other.pads(wide))))
        phases = hlo.concatenate(parts, 0, "phases")
        interleaved = hlo.reshape(phases, (s, s, batch, rows, columns, channels), "phases")
        interleaved = hlo.transpose(interleaved, (2, 3, 0, 4, 1, 5), "whole")
        interleaved = hlo.reshape(interleaved, (batch, rows * s, columns * s, channels), "whole")
        return hlo.slice_(interleaved, (0,) * 4, x.shape, "dx")

    def by_winograd(self, call: Call) -> bool:
        """Whether it goes by Winograd's products: only where those are as exact as sums, for a tile's sums cancel."""
        (x,) = call.inputs
        exact = x.block.products == x.block.float
        return exact and self.winograd_of((x.shape[0], *self.window.outputs(*x.shape[1:3])), call.lowerings)

    def winograd_of(self, outputs: tuple[int, int, int], lowerings: Lowerings) -> bool:
        """Whether it goes by Winograd's products for outputs `N, H, W`, where those are exact."""
        rows, columns = winograd.tiles_of(*outputs[1:])
        fits = (self.window.size, self.window.stride, self.window.dilation) == (3, 1, 1)
        return fits and lowerings.winograd((*outputs, self._one.ic, self._one.oc), outputs[0] * rows * columns)

    def _weight_cotangent(self, call: Call, x: Value, tiles: Value | None, cotangent: Value) -> Value:
        k = self.window.size
        if tiles is not None:
            return winograd.kernel_cotangent(tiles, cotangent)
        dy = _rows(cotangent)
        if self.pointwise:
            return hlo.reshape(row_products(_rows(x), dy, call.lowerings, "dweight"), (1, 1, self.ic, self.oc))
        shifted = Shifted(x, self.window)
        batch, height, width, _ = cotangent.shape
        lowering = call.lowerings.kernel_gradient((batch, height, width, self.ic, self.oc), self.window.stride)
        if lowering == "patches":
            # Few channels make thin matrices: put all places side by side and multiply once.
            return shifted.kernel(row_products(_rows(shifted.patches()), dy, call.lowerings, "dweight", together=width))
        if lowering == "images":
            image = hlo.reshape(cotangent, (batch, height * width, self.oc), "image")
            products = [piece_products(part, image, "dweight") for part in shifted.images()]
        else:
            pixels = [_rows(shifted.at(i, j)) for i, j in shifted.places()]
            products = [row_products(part, dy, call.lowerings, "dweight") for part in pixels]
        return hlo.reshape(hlo.concatenate(products, 0, "dweights"), (k, k, self.ic, self.oc))


def _transposed(cotangent: Value, kernel: Value, pads: tuple[Pair, Pair], dilation: Pair = (1, 1)) -> Value:
    """The cotangent through a kernel that is reversed already."""
    return hlo.convolution(cotangent, kernel, pads=pads, kernel_dilation=dilation, kernel_axes="01oi", name="dx")


def _reversed(kernel: Value) -> Value:
    """The kernel from its last place to its first, by an operation of its own: a reversed window does not compile."""
    return kernel if kernel.shape[:2] == (1, 1) else hlo.reverse(kernel, (0, 1))


def _apart(image: Value, stride: int, shape: Shape) -> Value:
    """Its pixels so far apart, with zeros between them, in an image of a shape."""
    batch, height, width, channels = image.shape
    pixels = hlo.reshape(image, (batch, height, 1, width, 1, channels), "pixels")
    apart = hlo.pad(pixels, (0,) * 6, (0, 0, stride - 1, 0, stride - 1, 0), name="apart")
    interleaved = hlo.reshape(apart, (batch, height * stride, width * stride, channels), "whole")
    return hlo.slice_(interleaved, (0,) * 4, shape, "dx")


def _shares(value: Value, groups: int) -> list[Value]:
    """Equal parts of the last axis."""
    *above, size = value.shape
    if size % groups:
        raise value.block.wrong(f"{groups} groups of {value.type}")
    start, share = (0,) * len(above), size // groups
    return [hlo.slice_(value, (*start, first), (*above, first + share), "group") for first in range(0, size, share)]


def _rows(image: Value) -> Value:
    """`[N, H, W, C]` as one row a pixel."""
    batch, height, width, channels = image.shape
    return hlo.reshape(image, (batch * height * width, channels), "rows")
