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
from netspec.language import NetSpec, TrainConfig
from netspec.preprocessing import HOUSE, Preprocessing
from netspec.text import shown
from runtime.checkpoint import SOURCE, Checkpoint, Position, is_checkpoint, read_header
from runtime.data.reading import changed_preprocessing
from runtime.report import Report
from runtime.tensors import check_size, check_tensor
from runtime.weights import operators, published
from runtime.weights.adopt import adopted, differences
from runtime.weights.formats import open_weights
from runtime.weights.formats.keras import KerasFile
from runtime.weights.formats.tflite import TFLiteFile
from runtime.weights.formats.weight_file import WeightFile
from runtime.weights.labels import names_of_classes
from runtime.weights.layouts.layout import Layout
from runtime.weights.matching import matched
from runtime.weights.recognised import is_published
from runtime.weights.sources import TITLES, Conventions, Source, conventions_of, family_of

_DAMAGED = "the file is damaged, or its training had diverged"


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
        headless: whether a file without a head, or with one that cannot be used, gives the rest.
        repository: where the file was downloaded from, as `OWNER/NAME@COMMIT`, if it was.
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
    repository: str = ""
    headless: bool = False


def imported(request: Request, report: Report) -> Checkpoint:
    """The checkpoint of a file of weights; what was chosen is said. Raises InputError."""
    known = published.read(request.weights, request.config_file)
    with open_weights(request.weights) as file:
        for note in file.notes:
            report.say(note)
        taken = _graph(file, request, report) if isinstance(file, TFLiteFile) else _named(file, request, known, report)
    net = taken.net
    for entry in _entries(net, request.config):
        if entry.name not in taken.arrays:
            assert taken.headless
            continue
        theirs = taken.names.get(entry.name)
        where = f"{shown(file.path)}: {f'{shown(theirs)} ({entry.name})' if theirs else entry.name}"
        check_tensor(entry, taken.arrays[entry.name], where, _DAMAGED)
        check_size(entry, taken.arrays[entry.name], where, _DAMAGED)
    classes: tuple[str, ...] = ()
    if not taken.headless:
        classes = names_of_classes(
            net.classes, request.classes, taken.labels, taken.source, shown(file.path), report.say
        )
    origin = {
        "file": request.weights.name,
        "sha256": known.sha256,
        "source": taken.source,
        "conventions": SOURCE if request.adopt else "spec",
    }
    if request.repository:
        origin["repository"] = request.repository
    return Checkpoint(net, request.config, classes, Position(), "", taken.arrays, origin=origin)


@dataclass(frozen=True)
class _Taken:
    """What a file gives: its source, the network under the source's conventions, and the arrays by our names.

    `names`: the file's own, by ours, if it has any; `labels`: names of classes that are published with it.
    """

    source: Source
    net: NetSpec
    arrays: operators.Arrays
    names: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    headless: bool = False


def _named(file: WeightFile, request: Request, known: published.Published, report: Report) -> _Taken:
    """What a file of named tensors gives. Raises InputError."""
    found = matched(file, request.net, headless=request.headless)
    for note in found.notes:
        report.say(note)
    layout, net = found.layout, found.net
    _check_published(file.path, net)
    config = _config_of(layout, net, request, known, report)
    source = _source(file.path, layout, net, request.source, known, config)
    conventions = conventions_of(source, net)
    assert conventions is not None  # `_source` gives one that has them
    conventions = known.applied(conventions, source, config)
    if isinstance(file, KerasFile):
        conventions = published.as_described(conventions, file.model, net)
        if file.model is not None and file.model.size is not None and len(set(file.model.size)) > 1:
            high, wide = file.model.size
            report.say(f"the source's images are {high}×{wide} (--image-size {high}x{wide})")
    net = _conforming(request, net, source, conventions, report)
    names = {tensor.ours: found.names[tensor.theirs] for tensor in found.tensors}
    arrays = {tensor.ours: tensor.to_ours(file.read(names[tensor.ours])) for tensor in found.tensors}
    return _Taken(source, net, arrays, names, config.labels if config is not None else (), found.headless)


def _config_of(
    layout: Layout, net: NetSpec, request: Request, known: published.Published, report: Report
) -> published.Config | None:
    """timm's config, where the file can be timm's. Raises InputError where it is of another network."""
    config = known.config
    if config is None:
        return None
    if "timm" not in layout.sources or request.source == "torchvision":
        if request.config_file is not None:
            raise InputError(f"{shown(config.path)}: is timm's, and the weights are not: leave --config out.")
        report.say(f"{shown(config.path)} is timm's, and the weights are not: it is not used")
        return None
    if known.torchvision is not None and request.config_file is None:
        return None
    config.check(_family(net), TITLES[_family(net)])
    report.say(f"{shown(config.path)}: {shown(config.architecture)}")
    return config


def _graph(file: TFLiteFile, request: Request, report: Report) -> _Taken:
    """What a TFLite file gives, whose operators say more than names do. Raises InputError."""
    if request.source not in (None, "tflite") or request.config_file is not None:
        raise InputError(f"{shown(file.path)}: is a TFLite file: leave --source and --config out.")
    net = operators.with_classes_of(file, request.net)
    conventions = conventions_of("tflite", net)
    if conventions is None:
        raise InputError(
            f"{shown(file.path)}: expected a spec of MobileNetV1 to V3 or EfficientNet-Lite for a TFLite file, found "
            f"{shown(net.name)}."
        )
    _check_published(file.path, net)
    net = _conforming(request, net, "tflite", conventions, report)
    return _Taken("tflite", net, operators.arrays_of(file, net), labels=file.labels)


def _check_published(path: Path, net: NetSpec) -> None:
    """Raises InputError for a network of a family's blocks whose strides, pools and the like nobody publishes."""
    if not is_published(net):
        raise InputError(
            f"{shown(path)}: expected a spec with the layers of a published {TITLES[_family(net)]}, found others in "
            f"{shown(net.name)}: a file's tensors do not say strides, windows and pools, so that its numbers could be "
            "wrong; compare with the bundled page (netspec specs lists them)."
        )


def is_imported(path: Path) -> bool:
    """Whether a file is a checkpoint that was imported, and not trained since."""
    try:
        checkpoint = read_header(path) if is_checkpoint(path) else None
    except InputError:
        return False
    return checkpoint is not None and checkpoint.origin is not None and checkpoint.position == Position()


def _entries(net: NetSpec, config: TrainConfig) -> list[Entry]:
    return [entry for entry in training_state(net, config) if entry.role in ("parameter", "statistic")]


def _family(net: NetSpec) -> str:
    family = family_of(net)
    assert family is not None  # a layout knows it
    return family


def _source(
    path: Path,
    layout: Layout,
    net: NetSpec,
    said: Source | None,
    known: published.Published,
    config: published.Config | None,
) -> Source:
    """Where a file comes from: as is said, published, or as its names do. Raises InputError where none does."""
    possible = [source for source in layout.sources if conventions_of(source, net) is not None]
    if not possible:
        raise InputError(
            f"{shown(path)}: has {layout.library}'s names, and {layout.library} has no {TITLES[_family(net)]} whose "
            "conventions are known here."
        )
    if said is not None and said not in possible:
        raise InputError(
            f"{shown(path)}: expected the --source of a {layout.library} file, {' or '.join(possible)}, received "
            f"{said}."
        )
    if config is not None:
        if said not in (None, config.source):
            raise InputError(
                f"{shown(config.path)}: says {shown(config.architecture)}, which is of {config.source}, and --source "
                f"says {said}: leave one of them out."
            )
        return config.source
    if said is None and known.torchvision is not None and "torchvision" in possible:
        return "torchvision"
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
    images = _for_channels(conventions.preprocessing, net)
    if net.preprocessing not in (HOUSE, images):
        raise InputError(
            f"{shown(request.weights)}: {title} is for pictures read as {images}, and the spec says "
            f"{net.preprocessing}: leave it out of the spec, and give --preprocess for what is to be otherwise."
        )
    net = replace(net, preprocessing=changed_preprocessing(images, request.preprocess, report.say))
    check_net(net)
    _say(request.net, net, title, conventions, report)
    return net


def _for_channels(images: Preprocessing, net: NetSpec) -> Preprocessing:
    """Of a gray network the mean and deviation that all three channels have, or else our own of gray images."""
    if net.imageC == 3 or not images.mean:
        return images
    mean, std = (tuple(values[:1]) if len(set(values)) == 1 else () for values in (images.mean, images.std))
    return replace(images, mean=mean, std=std)


def _say(asked: NetSpec, net: NetSpec, title: str, conventions: Conventions, report: Report) -> None:
    report.say(f"{title}: {net.activation}, padding {net.padding}, epsilon {net.bnEps:g}")
    report.say(f"pictures are read as {net.preprocessing}")
    if conventions.unsure:
        config = ", its config.json, which --config reads," if title.startswith("timm") else ""
        report.say(
            "warning: the file does not say how its pictures are read, and the source's files differ in it; compare "
            f"with what is published beside it{config} or change it by --preprocess"
        )
    if asked.image != net.image:
        report.say(
            f"the image size is the source's, {net.imageH}×{net.imageW}, where it was {asked.imageH}×{asked.imageW}"
        )
    elif conventions.image and conventions.image != min(net.imageH, net.imageW):
        report.say(f"the source evaluates at {conventions.image} pixels a side (--image-size {conventions.image})")
