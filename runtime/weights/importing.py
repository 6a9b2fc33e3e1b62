"""A file of weights that another framework wrote, as a checkpoint of a network.

The file's names say which library's they are; what they do not say (`runtime.weights.sources`) comes from the source,
and is refused where the network says otherwise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from emit.manifest import Entry
from emit.programs.train_step import training_state
from netspec.check import check_net
from netspec.errors import InputError
from netspec.fields import parse_fields
from netspec.language import NetSpec, TrainConfig, with_classes
from netspec.preprocessing import HOUSE, Preprocessing
from netspec.text import shown
from runtime.checkpoint import SOURCE, Checkpoint, Position
from runtime.report import Report
from runtime.tensors import check_size, check_tensor
from runtime.weights import graph, imagenet, published
from runtime.weights.adopt import adopted, differences
from runtime.weights.formats import open_weights
from runtime.weights.formats.tflite import TFLiteFile
from runtime.weights.layouts import layouts_for
from runtime.weights.layouts.layout import Layout
from runtime.weights.layouts.tensors import BATCHES, Tensor
from runtime.weights.source import Stored, WeightFile
from runtime.weights.sources import TITLES, Conventions, Source, conventions_of, family_of

TENSORFLOW = ("timm-tf", "keras", "tflite")  # sources that may have a class before the first: the background


@dataclass(frozen=True)
class Request:
    """What to import, and how.

    Args:
        weights: the file.
        net, config: of the checkpoint; the file's number of classes replaces the network's.
        source: where the file comes from, where its names alone do not say.
        adopt: whether the network takes the source's conventions, where it has others.
        classes: names by label; none: ImageNet's where there are as many.
        preprocess: fields of `Preprocessing`, as texts, in place of the source's.
        keep_size: whether the image size stays the network's where the source's conventions are adopted.
        config_file: timm's `config.json` of the file; None: the one beside it, if there is one.
    """

    weights: Path
    net: NetSpec
    config: TrainConfig
    source: Source | None = None
    adopt: bool = False
    classes: Sequence[str] = ()
    preprocess: Mapping[str, str] = field(default_factory=dict)
    keep_size: bool = False
    config_file: Path | None = None


def imported(request: Request, report: Report) -> Checkpoint:
    """The checkpoint of a file of weights; what was chosen is said. Raises InputError."""
    known = published.read(request.weights, request.config_file)
    with open_weights(request.weights) as file:
        for note in file.notes:
            report.say(note)
        taken = _graph(file, request, report) if isinstance(file, TFLiteFile) else _named(file, request, known, report)
    net = taken.net
    for entry in _entries(net, request.config):
        check_size(entry, check_tensor(entry, taken.arrays[entry.name], shown(file.path)), shown(file.path))
    classes = _classes(request, net.classes, taken)
    conventions_are = SOURCE if request.adopt else "spec"
    origin = {
        "file": request.weights.name,
        "sha256": known.sha256,
        "source": taken.source,
        "conventions": conventions_are,
    }
    return Checkpoint(net, request.config, classes, Position(), "", taken.arrays, origin=origin)


@dataclass(frozen=True)
class _Taken:
    """What a file gives: its source, the network under the source's conventions, and the arrays by our names.

    `labels`: names of classes that the file carries.
    """

    source: Source
    net: NetSpec
    arrays: graph.Arrays
    labels: tuple[str, ...] = ()


def _named(file: WeightFile, request: Request, known: published.Published, report: Report) -> _Taken:
    """What a file of named tensors gives. Raises InputError."""
    layout, tensors, net = _recognised(file, request.net)
    source = _source(file.path, layout, net, request.source or known.source)
    conventions = conventions_of(source, net)
    assert conventions is not None  # `_source` gives one that has them
    net = _conforming(request, net, source, known.applied(conventions), report)
    names = layout.named(file.tensors)
    return _Taken(source, net, {tensor.ours: tensor.to_ours(file.read(names[tensor.theirs])) for tensor in tensors})


def _graph(file: TFLiteFile, request: Request, report: Report) -> _Taken:
    """What a TFLite file gives, whose operators say more than names do. Raises InputError."""
    if request.source not in (None, "tflite"):
        raise InputError(f"{shown(file.path)}: is a TFLite file: leave --source out.")
    net = graph.with_classes_of(file, request.net)
    conventions = conventions_of("tflite", net)
    if conventions is None:
        raise InputError(
            f"{shown(file.path)}: expected a spec of MobileNetV1 to V3 or EfficientNet-Lite for a TFLite file, found "
            f"{shown(net.name)}."
        )
    net = _conforming(request, net, "tflite", conventions, report)
    return _Taken("tflite", net, graph.arrays_of(file, net), file.labels)


def _entries(net: NetSpec, config: TrainConfig) -> list[Entry]:
    return [entry for entry in training_state(net, config) if entry.role in ("parameter", "statistic")]


def _family(net: NetSpec) -> str:
    family = family_of(net)
    assert family is not None  # a layout knows it
    return family


def _recognised(file: WeightFile, net: NetSpec) -> tuple[Layout, list[Tensor], NetSpec]:
    """The layout that a file has, its tensors, and the network with as many classes as it has. Raises InputError."""
    candidates = layouts_for(net)
    layout, tensors = max(
        candidates, key=lambda each: len({tensor.theirs for tensor in each[1]} & _held(file, each[0]).keys())
    )
    held = _held(file, layout)
    if not held.keys() & {tensor.theirs for tensor in tensors}:
        libraries = ", ".join(sorted({candidate.library for candidate, _ in candidates}))
        raise InputError(
            f"{shown(file.path)}: expected the tensors of {shown(net.name)} by the names of {libraries}, found none of "
            f"them, but {len(held)} others, such as {shown(next(iter(held), 'none'))}; is it of another network?"
        )
    head = next(tensor for tensor in tensors if tensor.ours == "head_weight")
    if head.theirs in held and len(found := held[head.theirs].shape) == len(head.shape):
        classes = found[0 if layout.axes == "torch" else -1]
        if 2 <= classes <= 2**20 and classes != net.classes:
            net = with_classes(net, classes)
            tensors = dict(layouts_for(net))[layout]
    _check_tensors(file, held, tensors, net)
    return layout, tensors, net


def _held(file: WeightFile, layout: Layout) -> dict[str, Stored]:
    """A file's tensors by a layout's names, without what counts batches."""
    named = layout.named(file.tensors)
    return {name: file.tensors[theirs] for name, theirs in named.items() if not name.endswith(BATCHES)}


def _check_tensors(file: WeightFile, held: dict[str, Stored], tensors: Sequence[Tensor], net: NetSpec) -> None:
    """Raises InputError for the first tensor that is missing, left over, or of another shape."""
    path, name = shown(file.path), shown(net.name)
    wanted = {tensor.theirs for tensor in tensors}
    missing = [tensor.theirs for tensor in tensors if tensor.theirs not in held]
    surplus = [each for each in held if each not in wanted]
    if missing or surplus:
        lacks = f"lacks {len(missing)} tensors of it, the first {missing[0]}" if missing else ""
        has = f"has {len(surplus)} that it has not, the first {shown(surplus[0])}" if surplus else ""
        raise InputError(
            f"{path}: expected the tensors of {name}: the file {' and '.join(filter(None, (lacks, has)))}; is it of "
            "another network or size?"
        )
    for tensor in tensors:
        found = tuple(held[tensor.theirs].shape)
        if found == tensor.shape:
            continue
        turned = sorted(found) == sorted(tensor.shape)
        remedy = "are its axes in another order?" if turned else "is it of another --width or network?"
        raise InputError(
            f"{path}: {tensor.theirs}: expected the shape {tensor.shape} of {name}, found {found}; {remedy}"
        )


def _source(path: Path, layout: Layout, net: NetSpec, said: Source | None) -> Source:
    """Where a file comes from: as is said, or as its names do. Raises InputError where neither does."""
    possible = [source for source in layout.sources if conventions_of(source, net) is not None]
    if said is not None and said not in possible:
        known = " or ".join(possible) or "none"
        raise InputError(f"{shown(path)}: expected the --source of a {layout.library} file, {known}, received {said}.")
    if not possible:
        raise InputError(
            f"{shown(path)}: has {layout.library}'s names, and {layout.library} has no {TITLES[_family(net)]} whose "
            "conventions are known here."
        )
    if said is None and len(possible) > 1:
        raise InputError(
            f"{shown(path)}: its names are those of {' and of '.join(possible)}, whose networks differ in what no file "
            f"says: write which one it is: --source {possible[0]}."
        )
    return said or possible[0]


def _conforming(request: Request, net: NetSpec, source: Source, conventions: Conventions, report: Report) -> NetSpec:
    """The network with the source's conventions and preprocessing. Raises InputError where it has others."""
    title = f"{source}'s {TITLES[_family(net)]}"
    if request.adopt:
        net = adopted(net, conventions)
        if conventions.image and not request.keep_size:
            net = replace(net, imageH=conventions.image, imageW=conventions.image)
    elif differing := list(differences(net, conventions)):
        raise InputError(
            f"{shown(request.weights)}: its weights are of {title}, where the spec says otherwise, so that the numbers "
            f"would be wrong: expected {'; '.join(differing)}; write this in the spec, or give --conventions source."
        )
    images = conventions.preprocessing
    if net.preprocessing not in (HOUSE, images):
        raise InputError(
            f"{shown(request.weights)}: {title} is for pictures read as {images}, and the spec says "
            f"{net.preprocessing}: leave it out of the spec, or change it by --preprocess."
        )
    net = replace(net, preprocessing=replace(images, **parse_fields(Preprocessing, request.preprocess)))
    check_net(net)
    _say(net, title, conventions, changed=bool(request.preprocess), report=report)
    return net


def _say(net: NetSpec, title: str, conventions: Conventions, *, changed: bool, report: Report) -> None:
    report.say(f"{title}: {net.activation}, padding {net.padding}, epsilon {net.bnEps:g}")
    report.say(f"pictures are read as {net.preprocessing}{', as --preprocess says' if changed else ''}")
    if conventions.unsure and not changed:
        report.say(
            "warning: the file does not say how its pictures are read, and the source's files differ in it; compare "
            "with what is published beside it (its config.json, which --config reads), or change it by --preprocess"
        )
    if conventions.image and conventions.image != min(net.imageH, net.imageW):
        report.say(f"the source evaluates at {conventions.image} pixels a side (--image-size {conventions.image})")


def _classes(request: Request, count: int, taken: _Taken) -> tuple[str, ...]:
    """Names by label: those given, or ImageNet's, or numbers. Raises InputError."""
    given = tuple(request.classes)
    if given:
        if len(given) != count:
            raise InputError(
                f"{shown(request.weights)}: expected {count} names of classes in --labels, one for each output, found "
                f"{len(given)}."
            )
        return given
    if len(set(taken.labels)) == len(taken.labels) == count:
        return taken.labels
    if count == imagenet.CLASSES:
        return imagenet.names()
    if count == imagenet.CLASSES + 1:
        if taken.source not in TENSORFLOW:
            raise InputError(
                f"{shown(request.weights)}: has {count} classes, where {taken.source} has ImageNet's "
                f"{imagenet.CLASSES}: is it TensorFlow's, whose first is the background? Then give its --source, or "
                "--labels with all names."
            )
        return (imagenet.BACKGROUND, *imagenet.names())
    return tuple(str(number) for number in range(count))
