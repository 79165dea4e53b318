"""The hints of a showroom's feed: that something changed, and what to look at anew."""

Hint = dict[str, str]
# By kind: the fields of a hint as the pairing script writes it.
FIELDS = {
    "call": frozenset("ca"),
    "advisor": frozenset("a"),
    "replaced": frozenset("s"),
    "wire": frozenset(("c", "a", "to", "e", "d")),
    "said": frozenset("cand"),
    "follow_ups": frozenset(),
    "visits": frozenset("a"),
    "floor": frozenset(),
    "person": frozenset("cp"),
}


def makes_sense(hint: Hint) -> bool:
    """Say whether an entry of a feed is one of ours."""
    fields = FIELDS.get(hint.get("k", ""))
    return fields is not None and fields <= hint.keys()
