"""A profile as one self-contained HTML page: bars by layer, the roofline with its points, the complete table."""

import html
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from runtime.profile.origin import DIRECTIONS
from runtime.profile.profile import Profile, Row
from runtime.system.files import write_whole

COLOURS = dict(zip(DIRECTIONS, ("#4477aa", "#ee6677", "#228833"), strict=True))
LABELLED, LABEL_SIZE = 6, 7
MARK = b'<meta name="generator" content="netspec profile">'  # by it a page is known as one of ours
MARKERS = dict(zip(DIRECTIONS, "o^s", strict=True))


def write_page(path: Path, profile: Profile) -> None:
    """Write the page, completely or not at all."""
    write_whole(path, page(profile).encode())


def page(profile: Profile) -> str:
    """The page's text."""
    height, width = profile.image
    title = f"{profile.network}: {profile.program}, {height}×{width}, batch {profile.batch}"
    parts = ", ".join(f"{name} {1e3 * seconds:.1f} ms" for name, seconds in profile.directions().items())
    kinds = ", ".join(f"{name} {seconds / profile.step_s:.1%}" for name, seconds in profile.kinds.items())
    caution = f"<p><b>{html.escape(profile.caution)}</b></p>" if profile.caution else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
{MARK.decode()}
<title>{html.escape(title)}</title>
<style>
body {{ font: 15px/1.45 system-ui, sans-serif; max-width: 1100px; margin: 2em auto; padding: 0 1em; color: #222; }}
h1 {{ font-size: 1.3em; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
th, td {{ padding: 0.15em 0.8em; text-align: right; border-bottom: 1px solid #eee; white-space: nowrap; }}
th:first-child, td:first-child, th:nth-child(2), td:nth-child(2) {{ text-align: left; }}
svg {{ max-width: 100%; height: auto; }}
</style>
</head>
<body>
<h1>{html.escape(title)}</h1>
<p><b>{1e3 * profile.step_s:.1f} ms</b>, {profile.images_per_s:.1f} images/s: {parts}.<br>
By kind of dispatch: {html.escape(kinds)}.<br>
Measured peaks of this machine: {2 * profile.peaks.macs / 1e9:.0f} GFLOP/s, {profile.peaks.bytes / 1e9:.1f} GB/s.</p>
{caution}
<h2>Time by layer</h2>
{_svg(_bars(profile))}
<h2>Roofline</h2>
<p>A point's area is its time. On the line a layer is as fast as this machine lets it, above it (over 100 %) where
Winograd saves multiplications or numbers stay in a cache; left of the ridge memory bounds it, right of it arithmetic.
Layers without MACs are not shown.</p>
{_svg(_roofline(profile))}
<h2>Every layer and direction</h2>
<table>
<tr><th>layer</th><th>direction</th><th>ms</th><th>share</th><th>MACs, M</th><th>MB</th><th>bound by</th>
<th>roofline, ms</th><th>reached</th><th>dispatches</th></tr>
{"".join(_line(row, profile) for row in sorted(profile.rows, key=lambda row: -row.seconds))}</table>
</body>
</html>
"""


def _line(row: Row, profile: Profile) -> str:
    bound, reached = row.compared(profile.peaks)
    cells = (
        html.escape(row.layer),
        row.direction,
        f"{1e3 * row.seconds:.2f}",
        f"{row.share:.1%}",
        f"{row.macs / 1e6:.1f}",
        f"{row.bytes / 1e6:.1f}",
        bound,
        f"{1e3 * row.model_s:.2f}",
        reached,
        str(row.dispatches),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n"


def _svg(figure: Any) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()[text.getvalue().index("<svg") :]


def _figure(width: float, height: float) -> tuple[Any, Any]:
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    matplotlib.rcParams["svg.hashsalt"] = "netspec"  # the same profile gives the same page
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _bars(profile: Profile) -> Any:
    layers = list(dict.fromkeys(row.layer for row in profile.rows))
    figure, axes = _figure(10, 0.6 + 0.17 * len(layers))
    left = dict.fromkeys(layers, 0.0)
    for direction in DIRECTIONS:
        rows = [row for row in profile.rows if row.direction == direction]
        if not rows:
            continue
        axes.barh(
            [layers.index(row.layer) for row in rows],
            [1e3 * row.seconds for row in rows],
            left=[left[row.layer] for row in rows],
            color=COLOURS[direction],
            label=direction,
        )
        for row in rows:
            left[row.layer] += 1e3 * row.seconds
    axes.set_yticks(range(len(layers)), [layer.replace("$", r"\$") for layer in layers], fontsize=7)
    axes.set_ylim(len(layers) - 0.4, -0.6)
    axes.set_xlabel("milliseconds")
    axes.grid(axis="x", alpha=0.3)
    axes.legend(frameon=False, loc="lower right")
    return figure


def _roofline(profile: Profile) -> Any:
    figure, axes = _figure(10, 5)
    peaks = profile.peaks
    rows = [row for row in profile.rows if row.macs and row.bytes]
    intensities = [row.macs / row.bytes for row in rows] or [peaks.ridge]
    low, high = min(*intensities, peaks.ridge) / 3, max(*intensities, peaks.ridge) * 3
    axes.plot(
        [low, peaks.ridge, high], [low * peaks.bytes / 1e9, peaks.macs / 1e9, peaks.macs / 1e9], color="#888", zorder=1
    )
    longest = max((row.seconds for row in rows), default=1.0)
    for direction in DIRECTIONS:
        mine = [row for row in rows if row.direction == direction]
        if mine:
            axes.scatter(
                [row.macs / row.bytes for row in mine],
                [row.macs / row.seconds / 1e9 for row in mine],
                s=[12 + 300 * row.seconds / longest for row in mine],
                color=COLOURS[direction],
                marker=MARKERS[direction],
                alpha=0.6,
                label=direction,
            )
    axes.set(xscale="log", yscale="log", xlabel="MACs a byte", ylabel="billion MACs a second", xlim=(low, high))
    axes.grid(alpha=0.3, which="both")
    figure.legend(frameon=False, loc="outside lower center", ncols=len(DIRECTIONS), markerscale=0.7)
    figure.draw_without_rendering()  # so that the positions of everything are known
    points = {
        f"{row.layer} {row.direction}": (row.macs / row.bytes, row.macs / row.seconds / 1e9)
        for row in sorted(rows, key=lambda row: -row.seconds)[:LABELLED]
    }
    _label(axes, points)
    return figure


def _label(axes: Any, points: Mapping[str, tuple[float, float]]) -> None:
    """Write each point's name near it, where it covers no other name, with a line between them; or not at all."""
    taken: list[Any] = []
    for name, point in points.items():
        text = name.replace("$", r"\$")
        for offset, box in _places(axes, text, point):
            inside = axes.bbox.containsx(box.x0) and axes.bbox.containsx(box.x1)
            inside = inside and axes.bbox.containsy(box.y0) and axes.bbox.containsy(box.y1)
            if inside and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                left = offset[0] > 0
                axes.annotate(
                    text,
                    point,
                    fontsize=LABEL_SIZE,
                    xytext=offset,
                    textcoords="offset points",
                    horizontalalignment="left" if left else "right",
                    verticalalignment="bottom",
                    arrowprops={"arrowstyle": "-", "lw": 0.5, "color": "#888", "relpos": (0 if left else 1, 0.5)},
                ).set_in_layout(False)
                break


def _places(axes: Any, text: str, point: tuple[float, float]) -> Iterator[tuple[tuple[float, float], Any]]:
    """Where a name could be: how many points from what it names, the nearest first, and its box there in pixels."""
    from matplotlib.transforms import Bbox

    measured = axes.text(*point, text, fontsize=LABEL_SIZE)
    size = measured.get_window_extent()
    measured.remove()
    x, y = axes.transData.transform(point)
    pixels = axes.figure.dpi / 72  # in a point
    for distance in range(6, 200, 6):
        for across in (6, -6):
            for up in (distance, -distance - LABEL_SIZE):
                left = x + pixels * across - (0 if across > 0 else size.width)
                yield (across, up), Bbox.from_bounds(left, y + pixels * up, size.width, size.height)
