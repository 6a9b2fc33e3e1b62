"""Multi-query attention: y[n, p, h·dv + j] = Σ_m softmax_m(d^-½ · Σ_i q[n, p, h·d + i] · k[n, m, i]) · v[n, m, j].

Pixels p of q, and m of k and v, are counted row by row; all heads h share one key and one value. Shazeer 2019, "Fast
transformer decoding: one write-head is all you need"; of images: Qin et al. 2024, MobileNetV4, section 4 (Mobile MQA).
"""

from dataclasses import dataclass
from fractions import Fraction
from math import prod, sqrt

from emit import hlo
from emit.hlo import ShapeError, Value
from emit.op import Call, Cotangents, Op, Result, register
from emit.sums import scalar
from netspec.layers import Shape


@register
@dataclass(frozen=True)
class Attention(Op):
    """Inputs: queries `[N, H, W, heads·d]`, keys `[N, H', W', d]` and values `[N, H', W', dv]`.

    Args:
        heads: how many share the keys and the values; the channels of each are together.
        key_width: d, the channels of a head's queries and of the keys.
    """

    kind = "attention"
    heads: int
    key_width: int

    def shape(self, *inputs: Shape) -> Shape:
        """`[H, W, heads·dv]`: one row of values for each head."""
        if wrong := self._wrong(*inputs):
            raise ShapeError(wrong)
        queries, _, values = inputs
        return (*queries[:2], self.heads * values[2])

    def forward(self, call: Call) -> Result:
        """Two products, with a row for each head of each pixel: no head needs the keys or the values again.

        The largest of a row is taken off first, so that no exponential overflows. Rows are divided by their totals
        after the second product, where they are shorter; the scale goes to the keys, which are fewest.
        """
        queries, keys, values = call.inputs
        if wrong := self._wrong(*(each.shape[1:] for each in call.inputs)):
            raise queries.block.wrong(wrong)
        q, k = (_rows(each, self.key_width) for each in (queries, keys))
        v = _rows(values, values.shape[3])
        scaled = hlo.multiply(k, scalar(self.scale, k), "scaled")
        logits = hlo.dot(q, scaled, (2, 2), "logits", batch=1)
        largest = hlo.reduce_max(logits, (2,), "largest")
        powers = hlo.exponential(hlo.subtract(logits, _along(largest, logits), "shifted"), "powers")
        (total,) = hlo.sums((powers,), (2,), "total")
        mixed = hlo.dot(powers, v, (2, 1), "mixed", batch=1)
        y = hlo.divide(mixed, _along(total, mixed), "attended")
        shape = (queries.shape[0], *self.shape(*(each.shape[1:] for each in call.inputs)))
        saved = {"q": q, "scaled": scaled, "v": v, "powers": powers, "total": total}
        return Result(hlo.reshape(y, shape, "out"), saved)

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """In rows r, one for each head of each pixel of q, with c = d^-½:

        s[r, m] = c · Σ_i q[r, i] · k[m, i]; p[r, m] = e[r, m]/t[r], e = exp(s - largest), t[r] = Σ_m e[r, m];
        y[r, j] = Σ_m p[r, m] · v[m, j]. With ∂p[r, m]/∂s[r, l] = p[r, m] · ([m = l] - p[r, l]):

        dv[m, j] = Σ_r p[r, m] · dy[r, j]
        dp[r, m] = Σ_j dy[r, j] · v[m, j]
        ds[r, m] = p[r, m] · (dp[r, m] - Σ_l p[r, l] · dp[r, l])
        dq[r, i] = c · Σ_m ds[r, m] · k[m, i]
        dk[m, i] = c · Σ_r ds[r, m] · q[r, i]
        so what the heads send to the shared k and v is added by the products themselves.

        Σ_l p[r, l] · dp[r, l] = Σ_j dy[r, j] · Σ_l p[r, l] · v[l, j] = Σ_j dy[r, j] · y[r, j], a shorter sum. And p is
        not written down: with g = dy/t it is p · dy = e · g, so dv = eᵀ·g and ds = e · (g·vᵀ - Σ_j g[r, j] · y[r, j]).
        """
        y = result.output
        if cotangent.type != y.type:
            raise y.block.wrong(f"the cotangent of {y.type} is {cotangent.type}")
        q, scaled, v, powers, total = (result.saved[name] for name in ("q", "scaled", "v", "powers", "total"))
        rows = _rows(cotangent, v.shape[2])
        share = hlo.divide(rows, _along(total, rows), "share")
        dvalues = hlo.dot(powers, share, (1, 1), "dvalues", batch=1)
        (level,) = hlo.sums((hlo.multiply(share, _rows(y, v.shape[2])),), (2,), "level")
        dpowers = hlo.dot(share, v, (2, 2), "dpowers", batch=1)
        dlogits = hlo.multiply(powers, hlo.subtract(dpowers, _along(level, dpowers), "excess"), "dlogits")
        dqueries = hlo.dot(dlogits, scaled, (2, 1), "dqueries", batch=1)
        dkeys = hlo.dot(dlogits, q, (1, 1), "dkeys", batch=1)
        dkeys = hlo.multiply(dkeys, scalar(self.scale, dkeys), "dkeys")
        found = zip(("dq", "dk", "dv"), (dqueries, dkeys, dvalues), call.inputs, wanted, strict=True)
        return Cotangents(tuple(hlo.reshape(each, x.shape, name) if want else None for name, each, x, want in found))

    def macs(self, *inputs: Shape) -> int:
        """None: published counts leave out products of activations with each other; `attention_macs` has them."""
        return 0

    def attention_macs(self, *inputs: Shape) -> int:
        """d + dv for each head, pixel of q and pixel of k."""
        queries, keys, values = inputs
        return self.heads * prod(queries[:2]) * prod(keys[:2]) * (self.key_width + values[2])

    @property
    def scale(self) -> Fraction:
        """d^-½, to as many digits as f64 has."""
        return Fraction(1 / sqrt(self.key_width))

    def _wrong(self, queries: Shape, keys: Shape, values: Shape) -> str:
        """What does not fit; empty where all does."""
        width = self.heads * self.key_width
        if queries[2] != width:
            return f"attention: expected queries of {self.heads}·{self.key_width} channels, received {queries}"
        if keys[2] != self.key_width:
            return f"attention: expected keys of {self.key_width} channels, received {keys}"
        if keys[:2] != values[:2]:
            return f"attention: expected keys and values of one image size, received {keys} and {values}"
        return ""


def _rows(image: Value, width: int) -> Value:
    """`[N, H, W, C]` as `[N, H·W·C/width, width]`: a row for each pixel, or for each head of each pixel."""
    batch, height, across, channels = image.shape
    return hlo.reshape(image, (batch, height * across * channels // width, width), "rows")


def _along(vector: Value, rows: Value) -> Value:
    """`[N, R]`, one number a row, repeated along the rows `[N, R, M]`."""
    return hlo.broadcast(vector, rows.shape, (0, 1), "each")
