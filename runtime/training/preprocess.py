"""How a run's pictures are read: as its weights need it, or as the spec or the command line says."""

from collections.abc import Mapping
from dataclasses import replace

from netspec.check import check_net
from netspec.errors import InputError
from netspec.fields import parse_fields
from netspec.language import NetSpec
from netspec.preprocessing import HOUSE, Preprocessing
from netspec.text import shown
from runtime.data.reading import changed_preprocessing
from runtime.report import Report
from runtime.training.resume import Opened


def with_preprocessing(opened: Opened, settings: Mapping[str, str], report: Report) -> NetSpec:
    """The network with the preprocessing of the weights that it starts from, changed by `settings`.

    A spec that says its own has to agree with the weights. Raises InputError.
    """
    net, origin = opened.net, opened.resumed or opened.weights
    said = net.preprocessing
    if opened.resumed is not None:
        theirs = opened.resumed.checkpoint.net.preprocessing
        wanted = replace(theirs if said == HOUSE else said, **parse_fields(Preprocessing, settings))
        if wanted != theirs:
            raise InputError(
                f"cannot resume: the run began with pictures read as {theirs}, and the spec and --preprocess say "
                f"{wanted}; give what it began with."
            )
        return replace(net, preprocessing=theirs)
    if origin is not None and said != (theirs := origin.checkpoint.net.preprocessing):
        if said != HOUSE:
            raise InputError(
                f"{shown(origin.source)}: its weights are for pictures read as {theirs}, and the spec says {said}: "
                "leave it out of the spec, and give --preprocess for what is to be otherwise."
            )
        said = theirs
        report.say(f"pictures are read as the weights need it: {said}")
    changed = changed_preprocessing(said, settings, report.say)
    if changed == net.preprocessing:
        return net
    fitted = replace(net, preprocessing=changed)
    check_net(fitted)
    return fitted
