"""The word lists of claims.toml, each behind its scanner."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from assistant.lexicon import Scanner


def denominators(said: str) -> tuple[str, ...]:
    """The kinds of denominators that some words name; "skilled" beside another where both are."""
    return tuple(sorted({f.value for f in claim_words().denominators.find(said)}))


OTHERS = "others"  # the kind of a denominator that is none of those known
_OF = re.compile(r"\s*(?:of )?(?:all |its |the |their |our |every |each )*((?:[a-z-]+ ){0,2}?)([a-z-]+s)\b(?!')")
_STOPS = re.compile(r"\b(?:in|for|by|on|at|with|and|to|of|from|was|were|is|are|has|had|as|than|or)\b")


def foreign(said: str) -> str:
    """`OTHERS` where the words behind a base begin with a plural that no denominator has: "per 10,000 taxpayers"."""
    m = _OF.match(said)
    if m is None or _STOPS.search(m[1]) or m[2].endswith("ss") or len(m[2]) < 4 or denominators(m.group()):
        return ""
    return "" if m[2] in raw_words()["units"]["verbs"] else OTHERS


@dataclass(frozen=True, slots=True)
class ClaimWords:
    """A scanner for each list of claims.toml."""

    about: Scanner
    direction: Scanner
    change: Scanner
    compare: Scanner
    rank: Scanner
    average: Scanner
    peak: Scanner
    denominators: Scanner
    families: Scanner
    measures: Scanner
    alien: Scanner
    weighty: Scanner
    moves: re.Pattern[str]  # "flowed out", "streamed into"


@cache
def raw_words() -> dict[str, dict[str, list[str]]]:
    """The lists of claims.toml."""
    return tomllib.loads(files("assistant").joinpath("claims.toml").read_text("utf-8"))


def forms(verb: str, irregular: Mapping[str, Sequence[str]]) -> list[str]:
    """A verb with its inflected forms; of several words the first is inflected: "draws in", "drew in"."""
    head, space, rest = verb.partition(" ")
    if head in irregular:
        bent = [head, f"{head}s", *irregular[head]]
    elif head.endswith("e"):
        bent = [head, f"{head}s", f"{head}d", f"{head[:-1]}ing"]
    elif re.search(r"[^aeiou]y$", head):
        bent = [head, f"{head[:-1]}ies", f"{head[:-1]}ied", f"{head}ing"]
    else:
        bent = [head, f"{head}es" if re.search(r"(?:s|sh|ch|x)$", head) else f"{head}s", f"{head}ed", f"{head}ing"]
    return [f"{b}{space}{rest}" for b in bent]


def _inflected(lists: Mapping[str, Sequence[str]], verbs: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Word lists, each with the forms of the verbs that mean the same."""
    irregular = raw_words()["irregular"]
    return {k: [*words, *(f for v in verbs.get(k, ()) for f in forms(v, irregular))] for k, words in lists.items()}


@cache
def claim_words() -> ClaimWords:
    """The scanners, made once."""
    raw = raw_words()
    pick = {
        "change": _inflected({k: raw["change"][k] for k in ("up", "down", "any")}, raw["change_verbs"]),
        "compare": _inflected({k: raw["compare"][k] for k in ("more", "less", "even", "gap")}, raw["compare_verbs"])
        | {f"x{k.replace('_', '.')}": v for k, v in raw["times"].items()},
        "rank": {k: raw["rank"][k] for k in ("top", "bottom", "leads", "trails")},
    }
    moves = {f for v in raw["direction_moves"]["verbs"] for f in forms(v, raw["irregular"])}
    return ClaimWords(
        Scanner(raw["about"]), Scanner(_inflected(raw["direction"], raw["direction_verbs"])),
        Scanner(pick["change"]), Scanner(pick["compare"]),
        Scanner(pick["rank"]), Scanner(raw["average"]), Scanner(raw["peak"]), Scanner(raw["denominators"]),
        Scanner(raw["families"]), Scanner(raw["measures"]), Scanner(raw["alien"]), Scanner(raw["weighty"]),
        re.compile(
            rf"\b(?:{'|'.join(sorted(moves))})\s+(?:(?P<out>out(?: of)?|away|abroad|overseas|elsewhere|off)|"
            r"(?P<in>in|into|inward))(?![a-z])"
            r"(?!\s+(?:an? |the )?(?:net |small |slight )?"
            r"(?:red|black|negative|positive|deficit|surplus|minus|plus|loss|arrears)\b)"
            r"(?!\s+(?:19|20)\d\d)(?!\s+(?:the|that|this|a|one|each|every)\s+"
            r"(?:same |next |following |previous |single )?(?:year|period|time|rank|direction|table|list|edition))"
        ),
    )  # fmt: skip
