"""A dashboard against Grafana's own types, as grafana-foundation-sdk has them. That reads what it
knows and passes over the rest, so a field is right when it is still there after a round trip, and its
value when it is of the type that the SDK declares."""

import copy
import enum
import json
import types
import typing
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of this JSON model in favour of the next
    from grafana_foundation_sdk.cog import encoder, plugins
    from grafana_foundation_sdk.models import dashboard as sdk

plugins.register_default_plugins()


def lost(ours, theirs, at):
    """What of ours is missing or different in theirs; theirs may have defaults besides."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key, value in ours.items():
            if key not in theirs:
                yield f"{at}.{key}: no such field"
            else:
                yield from lost(value, theirs[key], f"{at}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, pair in enumerate(zip(ours, theirs)):
            yield from lost(*pair, f"{at}[{number}]")
    elif ours != theirs:
        yield f"{at}: {ours!r} was read as {theirs!r}"


def misfits(value, hint, at):
    """Where a value that the SDK has read is not of the type that it declares."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        found = [list(misfits(value, argument, at)) for argument in arguments
                 if argument is not type(None)]
        yield from [] if [] in found else min(found, key=len)
    elif origin is list and isinstance(value, list):
        for number, item in enumerate(value):
            yield from misfits(item, arguments[0], f"{at}[{number}]")
    elif origin is dict and isinstance(value, dict):
        for key, item in value.items():
            yield from misfits(item, arguments[1], f"{at}.{key}")
    elif origin is typing.Literal:
        if value not in arguments:
            yield f"{at}: {value!r} is none of {arguments}"
    elif isinstance(hint, type) and issubclass(hint, enum.Enum):
        if value not in [member.value for member in hint]:
            yield f"{at}: {value!r} is none of {[member.value for member in hint]}"
    elif hasattr(value, "to_json"):
        for name, inner in typing.get_type_hints(type(value)).items():
            if getattr(value, name) is not None:
                yield from misfits(getattr(value, name), inner, f"{at}.{name}")
    elif isinstance(value, dict) and hasattr(hint, "from_json"):
        yield from complaints(value, hint, at)
    elif isinstance(hint, type) and hint not in (object, typing.Any):
        number = (int, float) if hint is float else hint
        if not isinstance(value, number) or (isinstance(value, bool) and hint is not bool):
            yield f"{at}: {value!r} is no {hint.__name__}"


def complaints(ours, model, at):
    try:
        read = model.from_json(copy.deepcopy(ours))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        yield f"{at}: not read at all: {error!r}"
        return
    yield from lost(ours, json.loads(json.dumps(read, cls=encoder.JSONEncoder)), at)
    yield from misfits(read, model, at)


def with_overrides(panel):
    """The panel once for each override, with its properties put where they take effect."""
    for override in panel["fieldConfig"]["overrides"]:
        one = copy.deepcopy(panel)
        one["fieldConfig"]["overrides"] = []
        defaults = one["fieldConfig"]["defaults"]
        for item in override["properties"]:
            into, name = defaults, item["id"]
            if name.startswith("custom."):
                into, name = defaults.setdefault("custom", {}), name.removeprefix("custom.")
            into[name] = item["value"]
        yield override["matcher"], one


def schema_complaints(board):
    found = list(complaints(board, sdk.Dashboard, board["uid"]))
    for panel in board["panels"]:
        for matcher, one in with_overrides(panel) if "fieldConfig" in panel else ():
            at = f"{board['uid']}, panel {panel['id']}, override {matcher['options']}"
            found += complaints(one, sdk.Panel, at)
    return found
