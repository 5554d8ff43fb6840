"""Places and groups of places: their names, and where a text names them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from corpus.errors import BadData
from corpus.types import Group, Place

_Head = str | tuple[str, str]
_WORD = re.compile(r"\w+")
_TERSE = 9  # words: a short text without a capital letter may write codes small ("kor jpn gap 2019")
# Codes that are also English words (or units, or file endings) are read in capitals only.
_ENGLISH = frozenset(
    "am and are arm as at be ben by can cc co cod com cog cub de do dom es et gin go id in io is it jam ken la li lie "
    "ls ma mac mar me ml mus my no nor per pan pa pm sc sen so st sur th to ton tv vat ad ag ai al an bi eh fm gas gum "
    "hot ki mil mo ms my ne nu pol pr si sl sm tm tk tt us-based va eu un hm".split()
)


_IN_TOWN = re.compile(r"\b(?:in|at|near|around|outside|across|of|based|from)\s+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mention:
    """A place or group named at text[start:end]."""

    code: str
    start: int
    end: int
    group: bool = False
    demonym: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Gazetteer:
    """All places and groups, by code, and one compiled pattern that finds their names."""

    places: MappingProxyType[str, Place]
    groups: MappingProxyType[str, Group]
    _names: dict[str, tuple[str, bool, bool]] = field(repr=False)
    _pattern: re.Pattern[str] = field(repr=False)
    _codes: dict[str, str] = field(repr=False)
    _code_pattern: re.Pattern[str] = field(repr=False)
    _terse_pattern: re.Pattern[str] = field(repr=False)
    _capitals: dict[str, str] = field(repr=False)
    _capital_pattern: re.Pattern[str] = field(repr=False)
    _heads: frozenset[_Head] = field(repr=False)  # of all names
    _code_heads: frozenset[_Head] = field(repr=False)  # and of all codes

    def name(self, code: str) -> str:
        """The name used inside a sentence: "South Korea", "the United States"."""
        place = self.places.get(code)
        return str(place) if place else code

    def title(self, code: str) -> str:
        """The name used alone: "United States"."""
        place = self.places.get(code)
        return place.name if place else code

    def find(self, text: str, language: str = "en") -> list[Mention]:
        """Every place and group that `text` names, in the order of the text."""
        return list(_found(self, text, language))

    def with_capitals(self, text: str, found: Sequence[Mention]) -> list[Mention]:
        """The mentions `found` in a text, with the capitals that stand for their country.

        "Dublin lost" speaks of Ireland; "at a conference in Dublin" speaks of the town.
        """
        own = [
            Mention(self._capitals[m.group(1)], m.start(1), m.end(1))
            for m in self._capital_pattern.finditer(_lower(text))
            if not _IN_TOWN.search(text, 0, m.start(1))
            and not any(f.start < m.end(1) and m.start(1) < f.end for f in found)
        ]
        return sorted([*found, *own], key=lambda m: m.start)

    def _find(self, text: str, language: str) -> list[Mention]:
        found: list[Mention] = []
        if language != "en":
            table, pattern = _foreign(language)
            low = _lower(text)
            found = [
                Mention(table[m.group(1)], m.start(1), m.end(1), table[m.group(1)] in self.groups)
                for m in pattern.finditer(low)
            ]
            if found:
                return found
        low = _lower(text).replace("\u2019", "'")
        for match in _matches(self._pattern, self._heads, low):
            code, group, demonym = self._names[match.group(1)]
            found.append(Mention(code, match.start(1), match.end(1), group, demonym))
        taken = [(m.start, m.end) for m in found]
        for match in _matches(self._code_pattern, self._code_heads, text):
            if not any(a < match.end() and match.start() < b for a, b in taken):
                code = self._codes[match.group(1)]
                found.append(Mention(code, match.start(1), match.end(1), code in self.groups))
            taken.append((match.start(), match.end()))
        if text == text.lower() and len(text.split()) <= _TERSE:
            for match in self._terse_pattern.finditer(text):
                if not any(a < match.end() and match.start() < b for a, b in taken):
                    found.append(Mention(self._codes[match.group(1).upper()], match.start(1), match.end(1)))
        return sorted(found, key=lambda m: m.start)


@lru_cache(maxsize=8192)  # one answer looks at the same sentence a dozen times, and the next one does again
def _found(places: Gazetteer, text: str, language: str) -> tuple[Mention, ...]:
    return tuple(places._find(text, language))


def _heads_of(names: Iterable[str]) -> frozenset[_Head]:
    """What a text must hold to hold one of some names: a name of one word, or the first two words of another."""
    words = (_WORD.findall(name) for name in names)
    return frozenset(w[0] if len(w) == 1 else (w[0], w[1]) for w in words if w)


def _matches(pattern: re.Pattern[str], heads: frozenset[_Head], text: str) -> Iterator[re.Match[str]]:
    """As `pattern.finditer`, tried only where a name may begin: three hundred names at each letter take long."""
    words = _WORD.findall(text)
    if heads.isdisjoint(words) and heads.isdisjoint(zip(words, words[1:], strict=False)):
        return
    end = 0
    places = [word.start() for word in _WORD.finditer(text)]
    for start, word, following in zip(places, words, [*words[1:], ""], strict=True):
        if start >= end and (word in heads or (word, following) in heads) and (match := pattern.match(text, start)):
            end = match.end()
            yield match


def _lower(text: str) -> str:
    """Lower case of the same length: the one letter that grows would move every mention after it."""
    return text.replace("\u0130", "I").lower()


@cache
def _foreign(language: str) -> tuple[dict[str, str], re.Pattern[str]]:
    """Names of places in another language, from CLDR; ideographs and Hangul have no word bounds."""
    from babel import Locale
    from babel.core import get_global

    raw = tomllib.loads(Path(__file__).with_name("places.toml").read_text("utf-8"))
    extra: dict[str, list[str]] = raw.get("names", {}).get(language, {})
    places = gazetteer().places
    by_alpha2 = {new[0]: old for old, new in get_global("territory_aliases").items() if old in places and new}
    names = {str(n).lower(): by_alpha2[c] for c, n in Locale(language).territories.items() if c in by_alpha2}
    regions = {g["cldr"]: code for code, g in raw.get("groups", {}).items() if "cldr" in g}
    names |= {str(n).lower(): regions[c] for c, n in Locale(language).territories.items() if c in regions}
    for code, words in extra.items():
        names |= {w.lower(): code for w in words}
    ordered = "|".join(re.escape(n) for n in sorted(names, key=lambda n: (-len(n), n)))
    bound = ("", "") if language in ("ko", "ja", "zh") else (r"(?<!\w)", r"(?!\w)")
    genitive = "s?" if language == "de" else ""  # "Polens Saldo"
    return names, re.compile(f"{bound[0]}({ordered}){genitive}{bound[1]}")


@cache
def gazetteer() -> Gazetteer:
    """The bundled places and groups (corpus/places.toml)."""
    return from_toml(tomllib.loads(Path(__file__).with_name("places.toml").read_text("utf-8")))


def from_toml(raw: dict[str, Any]) -> Gazetteer:
    """A gazetteer from parsed TOML; raises BadData where a name stands for two places."""
    groups = {
        code: Group(code, g["name"], tuple(g["aliases"]), tuple(g["members"]), g.get("as_of", ""))
        for code, g in raw.get("groups", {}).items()
    }
    places = {
        code: Place(
            code, p["name"], p.get("article", False), tuple(p.get("aliases", ())),
            tuple(p.get("codes", ())), tuple(p.get("demonyms", ())),
        )
        for code, p in raw.items()
        if code not in ("groups", "names", "capitals")
    }  # fmt: skip
    names: dict[str, tuple[str, bool, bool]] = {}
    codes: dict[str, str] = {}

    def claim(word: str, code: str, group: bool, demonym: bool) -> None:
        key = word.lower().replace("\u2019", "'")
        if key in names and names[key][0] != code:
            raise BadData(f"places.toml: {word!r} stands for both {names[key][0]} and {code}; keep one of them")
        names.setdefault(key, (code, group, demonym))

    for place in places.values():
        for word in (place.name, *place.aliases):
            claim(word, place.code, False, False)
        for word in place.demonyms:
            claim(word, place.code, False, True)
        codes |= {c: place.code for c in place.codes}
    for group in groups.values():
        for word in (group.name.removeprefix("the "), *group.aliases):
            claim(word, group.code, True, False)
    capitals = {town: code for code, towns in raw.get("capitals", {}).items() for town in towns}
    seats = "|".join(re.escape(n) for n in sorted(capitals, key=lambda n: (-len(n), n)))
    words = "|".join(re.escape(n) for n in sorted(names, key=lambda n: (-len(n), n)))
    marks = "|".join(re.escape(c) for c in sorted(codes, key=lambda c: (-len(c), c)))
    terse = "|".join(re.escape(c.lower()) for c in sorted(codes) if c.isalpha() and c.lower() not in _ENGLISH)
    return Gazetteer(
        MappingProxyType(places),
        MappingProxyType(groups),
        names,
        re.compile(rf"(?<![\w-])({words})(?=s?(?![\w]))"),  # "norways": the apostrophe is left out
        codes,
        re.compile(rf"(?<![\w.-])({marks})(?![\w])(?!-\d)"),
        re.compile(rf"(?<![\w.-])(?<!give )(?<!tell )(?<!show )(?<!let )({terse})(?![\w])(?!-\d)"),
        capitals,
        re.compile(rf"(?<![\w-])({seats})(?![\w])" if seats else r"(?!)"),
        _heads_of([*names, *(f"{n}s" for n in names)]),
        _heads_of(codes),
    )
