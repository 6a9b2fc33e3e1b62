"""Wrong versions of the forward and the reverse walk."""

from tests.ops.mutations import WrongVersions


class TestWalk(WrongVersions):
    module = "emit.walk"
    wrong = {
        "an op reads what it made itself, rematerialized": (
            "source = walked.results.get(node.inputs[0])",
            "source = walked.results.get(list(walked.results)[list(walked.results).index(node.name) - 2])",
        ),
        "frozen batch norms take the batch's statistics": ("training and not node.frozen,", "training,"),
        "an op reads its first input twice": (
            "tuple(hlo.read(values[source]) for source in node.inputs)",
            "tuple(values[node.inputs[0]] for _ in node.inputs)",
        ),
        "an op reads the first value of that shape": (
            "tuple(hlo.read(values[source]) for source in node.inputs)",
            "tuple(next(v for v in values.values() if v.type == values[source].type) for source in node.inputs)",
        ),
        "γ is read for β": (
            "{tensor.name: state[name] for name, tensor in node.parameters()}",
            '{tensor.name: state[name.replace("beta", "gamma")] for name, tensor in node.parameters()}',
        ),
        "running mean and variance are read for one another": (
            "{tensor.name: state[name] for name, tensor in node.statistics()}",
            "{tensor.name: state[name] for (name, _), (_, tensor) in "
            "zip(node.statistics(), node.statistics()[::-1], strict=True)}",
        ),
        "the statistics that come back are the old ones": (
            "statistics[name] = result.statistics[tensor.name]",
            "statistics[name] = state[name]",
        ),
        "the new running mean comes back as the variance too": (
            "statistics[name] = result.statistics[tensor.name]",
            "statistics[name] = next(iter(result.statistics.values()))",
        ),
        "the last batch norm's statistics come back for all of their size": (
            "return Forward(calls, results, statistics)",
            "return Forward(calls, results, "
            "{n: [o for o in statistics.values() if o.type == v.type][-1] for n, v in statistics.items()})",
        ),
        "evaluation normalises as training does": (
            "lowerings,\n                    training and not node.frozen,\n",
            "lowerings,\n                    True,\n",
        ),
        "fan-in: the first cotangent alone": ("for cotangent in cotangents[1:]:", "for cotangent in ():"),
        "fan-in: the last cotangent alone": ("total = cotangents[0]", "total = cotangents[-1]\n    return total"),
        "fan-in: the first counted twice": ("for cotangent in cotangents[1:]:", "for cotangent in cotangents:"),
        "fan-in: a difference": ('hlo.add(total, cotangent, "fan_in")', 'hlo.subtract(total, cotangent, "fan_in")'),
        "fan-in: the mean": (
            "    return total\n",
            "    for _ in cotangents[1:]:\n"
            "        total = hlo.divide(total, total.block.constant(2, total.shape), 'half')\n"
            "    return total\n",
        ),
        "fan-in: what came before is overwritten": (
            "arriving.setdefault(source, []).append(value)",
            "arriving[source] = [value]",
        ),
        "fan-in: what comes later is dropped": (
            "arriving.setdefault(source, []).append(value)",
            "arriving.setdefault(source, [value])",
        ),
        "every cotangent arrives twice": (
            "arriving.setdefault(source, []).append(value)",
            "arriving.setdefault(source, []).extend((value, value))",
        ),
        "the residual's entry gets no cotangent": (
            "zip(node.inputs, inputs, strict=True)",
            "zip(node.inputs[-1:], inputs[-1:], strict=True)",
        ),
        "the residual's body gets no cotangent": (
            "zip(node.inputs, inputs, strict=True)",
            "zip(node.inputs[:1], inputs[:1], strict=True)",
        ),
        "a lazy cotangent is materialized before an op that takes it": (
            "inputs = found.inputs if lazily else found.materialized()",
            "inputs = found.materialized()",
        ),
        "the seed counted twice": ("{name: [seed] for name", "{name: [seed, seed] for name"),
        "the first cotangent is wanted where the images are": (
            "tuple(not graph.stops(source) for",
            "tuple(graph.stops(source) for",
        ),
        "no op is asked for its inputs' cotangents": ("tuple(not graph.stops(source) for", "tuple(False for"),
        "the images' cotangent is asked for": ("tuple(not graph.stops(source) for", "tuple(True for"),
        "a second input's cotangent is never asked for": (
            "wanted = tuple(not graph.stops(source) for source in node.inputs)",
            "wanted = tuple(not graph.stops(source) and not i for i, source in enumerate(node.inputs))",
        ),
        "dγ and dβ under one another's names": (
            "gradients[name] = found.parameters[tensor.name]",
            'swapped = {"gamma": "beta", "beta": "gamma"}\n'
            "            gradients[name] = found.parameters[swapped.get(tensor.name, tensor.name)]",
        ),
        "gradients of equal shape are given to the next layer's": (
            "return Backward(cotangents, {name: gradients[name] for name, _ in graph.trained()})",
            "return Backward(cotangents, "
            "{n: [g for g in gradients.values() if g.type == gradients[n].type][0] for n, _ in graph.trained()})",
        ),
        "a gradient is taken with its sign turned": (
            "gradients[name] = found.parameters[tensor.name]",
            "found_ = found.parameters[tensor.name]\n"
            "            gradients[name] = hlo.subtract(hlo.subtract(found_, found_), found_)",
        ),
        "an op goes back with what another op of its kind saved": (
            "found = node.op.vjp(call, result, cotangent, wanted)",
            "result = next(r for n, r in walked.results.items() if graph.nodes[n].op == node.op "
            "and r.output.type == result.output.type)\n"
            "                    found = node.op.vjp(call, result, cotangent, wanted)",
        ),
        "an op goes back with another op's call": (
            "    call = walked.calls[node.name]\n",
            "    mine = walked.calls[node.name]\n"
            "    call = next(c for c in walked.calls.values() if c.parameters.keys() == mine.parameters.keys() "
            "and [x.type for x in c.inputs] == [x.type for x in mine.inputs])\n",
        ),
        "the output's cotangent stands for every one of its shape": (
            "cotangent = _fan_in([each for each in arrived if not isinstance(each, AffineCotangent)])",
            "cotangent = _fan_in([each for each in arrived if not isinstance(each, AffineCotangent)])\n"
            "                    same = (c for c in cotangents.values() if c.type == cotangent.type)\n"
            "                    cotangent = next(same, cotangent)",
        ),
    }
