"""What the word lists find in one sentence: places, years, editions, bases, directions, numbers.

Everything here is a span with what it stands for; which belongs to which is the business of `frames`.
The finder of questions is used through `Sight.of` alone, so that it can change without the engine.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from importlib.resources import files

from assistant import slots as parse
from assistant.finder import GENERIC, Finder
from assistant.lexicon import Found, Scanner, lexicon, lowered
from assistant.noise import NOISE, data_year
from assistant.numerals import numerals
from corpus.figures import FigureTable
from corpus.places import Gazetteer, Mention

_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    "eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
).split("|")
_ORDINALS = (
    "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|"
    "fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth"
).split("|")
_VALUE_OF = {w: n for n, w in enumerate(_WORDS[:20], 1)} | {w: 10 * (n + 2) for n, w in enumerate(_WORDS[19:])}
_RANK_OF = {w: n for n, w in enumerate(_ORDINALS, 1)} | {
    "thirtieth": 30,
    "fortieth": 40,
    "fiftieth": 50,
    "sixtieth": 60,
}
_TENS = "|".join(_WORDS[19:])
_UNITS = "|".join(_WORDS[:9])
_SPELT = re.compile(
    rf"(?<![\w-])(?:(?P<tens>{_TENS})[- ](?P<ord1>{'|'.join(_ORDINALS[:9])})|(?P<ten>{_TENS})[- ](?P<unit>{_UNITS})"
    rf"|(?P<ord>{'|'.join(_RANK_OF)})|(?P<word>{'|'.join(_WORDS)})|(?<!above )(?<!below )(?<!under )(?<!over )(?<!than )(?<!from )(?<!near )(?<!crossed )(?P<zero>zero)(?! sum))(?!\w)"
)
_FRACTION = re.compile(
    r"(?<![\w-])(?:(?P<single>one (?:in|out of)(?: every)? (?P<in>two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|(?:a )?hundred|\d{1,3}))\b|(?:(?P<part>(?:a|one|two|three)(?: net)? ?-?"
    r"(?:half|third|thirds|quarter|quarters|fifth|fifths|tenth|tenths))|(?P<bare>(?<=net )quarter|(?<=net )third)|(?P<half>half))(?=\s+(?:of|were|are|was|in|work|stay)\b))"
)
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "tenth": 10}
_SCALE = re.compile(r"\s*(?:(thousand)|(million)|(k)(?!\w)|(m)(?!\w))")
_PER_CENT = re.compile(
    r"\s*(?:%|percent\b|per ?cent\b|pct\b|p\.?c\.(?!\w))|\s*-?percentage[- ]points?\b|-per-?cent\b|-percent\b"
)
_POINTS = re.compile(r"\s*-?(?:percentage[- ])points?\b")
_BASE = re.compile(
    r"(?:\b(?=(?:10|ten|100|hundred)[, ]?(?:000|thousand) (?:linkedin|members))|\b(?:per|for|in|out of|among|of|to)\s+(?:each\s+|every\s+|one\s+|a\s+)*|\bper-)"
    r"(?P<n>10[, \u00a0\u202f]?000|100[, \u00a0\u202f]?000|1[, ]?000[, ]?000|1[, ]?000|10k|100k|million|hundred thousand|ten thousand|thousand|hundred|100)(?![\w]|[.,]\d)",
    re.IGNORECASE,
)
_BASES = {
    "10k": 10**4,
    "100k": 10**5,
    "million": 10**6,
    "hundred thousand": 10**5,
    "ten thousand": 10**4,
    "thousand": 10**3,
    "hundred": 100,
}
_DENOMINATOR_ENDS = re.compile(
    r"[,.;:()\u2014]|\s(?:in (?=\d|the (?!countr))|by|during|while|but|and|according|from|whereas|against|for|to|was|were|on(?! linkedin))\b"
)
_YEAR = re.compile(r"(?<![\d.,$\u20ac\u00a3-])((?:19|20)\d\d)(?![\d%]|[.,]\d|-?(?:fold|year))")
_YEARS = re.compile(
    r"(?<![\d.,-])((?:19|20)\d\d)\s*(?:-|\u2013|\u2014|/|through|until|till|to)\s*((?:19|20)\d\d|\d\d(?![\d.,%]))(?![\d%]|[.,]\d)"
)
_SHORT = re.compile(r"\d\s+(?:[a-z-]+ ){0,2}?(down|short|light|fewer)(?=\s*(?:per|in|on|for|,|\.|;|$))")
_EXTRA = re.compile(
    r"\d\s+(?:[a-z-]+ ){0,2}?(up|extra|additional|ahead)(?=\s*(?:per|in|[a-z-]+ (?:per|members)|,|\.|;|$))"
)
_DATED = re.compile(r"\d(?!.*\b(?:19|20)\d\d\s*(?:to|and|-|\u2013)\s*(?:19|20)\d\d)(?<!since \d)")
_RANK_WORD = re.compile(
    r"\b(?:rank(?:ed|s|ing)?|place[ds]?|position|number|no\.?|came|stood)\s+(?:at\s+|as\s+)?(?:#|no\.?\s*|number\s*)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A span and what it stands for: codes of places, years, ids of measures, a word of a list."""

    start: int
    end: int
    values: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    narrow: bool = False  # an adjective of a place; of an edition, words that choose a quantity and name no report


@dataclass(frozen=True, slots=True)
class Number:
    """A number at text[start:end], to the end of its unit; `value` is exact, `sign` as written (0: none).

    `role`: "plain", "percent", "points", "rank", "fraction". `step` is the exponent of its last digit.
    """

    text: str
    start: int
    end: int
    value: Decimal
    sign: int = 0
    role: str = "plain"
    step: int = 0
    spelt: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class _Bare:
    """What the finder would find, were places all that it looks for."""

    mentions: list[Mention]
    families: tuple[Found, ...] = ()
    measures: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class Marks:
    """All marks of one sentence; lists are in the order of the text."""

    text: str
    low: str
    places: tuple[Mark, ...] = ()
    groups: tuple[Mark, ...] = ()
    years: tuple[Mark, ...] = ()
    editions: tuple[Mark, ...] = ()
    families: tuple[Mark, ...] = ()
    bases: tuple[Mark, ...] = ()
    directions: tuple[Mark, ...] = ()
    changes: tuple[Mark, ...] = ()
    compares: tuple[Mark, ...] = ()
    ranks: tuple[Mark, ...] = ()
    averages: tuple[Mark, ...] = ()
    numbers: tuple[Number, ...] = ()
    noise: tuple[parse.Span, ...] = ()
    alien: bool = False  # it speaks of something that no table holds
    spans: tuple[parse.Span, ...] = ()  # of all marks that say what a number is about, in order

    def gap(self, a: int, b: int) -> str:
        """The words between two places of the text, with every mark in between left out."""
        kept = []
        at = a
        for start, end in self.spans:
            if end <= at or start >= b:
                continue
            if start > at:
                kept.append(self.low[at:start])
            kept.append(" ")
            at = max(at, end)
        if at < b:
            kept.append(self.low[at:b])
        return "".join(kept)


class Sight:
    """Finds the marks of sentences against one table."""

    def __init__(self, table: FigureTable, places: Gazetteer, finder: Finder | None = None) -> None:
        self._finder = finder or Finder(table, places)
        self._table = table
        self._places = places
        by_word: dict[str, set[str]] = {}
        for m in table.measures.values():
            for word in m.words:
                by_word.setdefault(word, set()).add(m.family)
        self._sources = frozenset(w for w, families in by_word.items() if len(families) > 1)  # who says it, not what
        by_report: dict[str, list[str]] = {}
        for m in table.measures.values():
            by_report.setdefault(m.edition, []).append(m.id)
        self._published = {m.id: tuple(by_report[m.edition]) for m in table.measures.values()}
        self._siblings = {m: _same_report(table, m) for m in table.measures}

    def of(self, text: str, topic: bool = True) -> Marks:
        """Every mark of one sentence; without its topic, none of families, groups and editions."""
        w = _words()
        low = lowered(text)
        found = self._finder.find(text) if topic else _Bare(self._places.find(text))
        bases = _bases(text, low)
        own = w.families.find(text) if topic else []
        spoken = {f.value for f in own} | {
            f.value for f in found.families if (f.start, f.end) not in {(m.start, m.end) for m in found.measures}
        }
        editions = self._editions(
            [
                (id, f.start, f.end)
                for f in (
                    *found.measures,
                    *((x for x in w.measures.find(text) if x.value in self._table.measures) if topic else ()),
                )
                if not any(b.start <= f.start and f.end <= b.end for b in bases)  # that is its denominator
                and (
                    not self._distinct(f.value)
                    or self._table.measures[f.value].family in spoken
                    or f.phrase in self._sources
                )
                for id in (
                    self._published[f.value] if f.phrase in self._sources and self._distinct(f.value) else (f.value,)
                )
            ]
        )
        families = [Mark(f.start, f.end, (f.value,)) for f in found.families if f.phrase not in GENERIC]
        families += [Mark(f.start, f.end, (f.value,)) for f in own]
        weak = [Mark(f.start, f.end, (f.value, "weak")) for f in found.families if f.phrase in GENERIC]
        noise = [m.span() for p in NOISE for m in p.finditer(text)]
        noise += [(m.start, m.end) for m in editions if _DATED.search(text[m.start : m.end])]
        noise = [s for s in noise if not any(_meet(s, (b.start, b.end)) for b in bases)]
        years = [y for y in _years(text, low) if not any(_meet((y.start, y.end), s) for s in noise)]
        off = [*noise, *((m.start, m.end) for m in (*bases, *years))]
        flow = [Mark(f.start, f.end, (f.value,)) for f in (*lexicon().flow.find(text), *w.direction.find(text))]
        flow += [Mark(m.start(1), m.end(1), ("out",)) for m in _SHORT.finditer(low)]
        flow += [Mark(m.start(1), m.end(1), ("in",)) for m in _EXTRA.finditer(low)]
        numbers = _numbers(text, low, off)
        made = Marks(
            text, low,
            tuple(
                Mark(m.start, m.end, (m.code,), (), m.demonym and low[m.end : m.end + 2] not in ("'s", "s'"))
                for m in found.mentions
                if not m.group
            ),
            tuple(Mark(m.start, m.end, (m.code,)) for m in found.mentions if m.group),
            tuple(years), tuple(editions), tuple(sorted((*families, *weak), key=lambda m: m.start)), tuple(bases),
            tuple(_directions(flow, numbers)),
            _found(w.change, text), _found(w.compare, text), _found(w.rank, text), tuple(m for m in _found(w.average, text) if low[m.start : m.end] != "means"),
            tuple(numbers), tuple(noise), bool(topic and w.alien.find(text)),
        )  # fmt: skip
        return replace(made, spans=_spans(made))

    def _distinct(self, measure: str) -> bool:
        """Whether its words only choose among the quantities of a family, and name none by themselves."""
        return self._table.family_of(measure).distinct

    def _editions(self, found: Sequence[tuple[str, int, int]]) -> list[Mark]:
        """Named measures by span; a phrase that names few of those that another names takes its place."""
        spans: dict[parse.Span, list[str]] = {}
        for id, start, end in found:
            held = spans.setdefault((start, end), [])
            if id not in held:
                held.append(id)
        named = {
            s: tuple(dict.fromkeys(sib for m in ids for sib in self._siblings[m])) if len(ids) == 1 else tuple(ids)
            for s, ids in spans.items()
        }
        sets = [set(ids) for ids in spans.values() if not self._distinct(ids[0]) or len(ids) > 3]
        kept = {
            s: ids for s, ids in named.items()
            if not any(other < set(spans[s]) for other in sets)
            and not any(o != s and o[0] <= s[0] and s[1] <= o[1] for o in named)
        }  # fmt: skip
        return [Mark(a, b, ids, (), all(self._distinct(m) for m in ids)) for (a, b), ids in sorted(kept.items())]


def _spans(marks: Marks) -> tuple[parse.Span, ...]:
    every: list[parse.Span] = [(n.start, n.end) for n in marks.numbers]
    for kind in (
        marks.places,
        marks.groups,
        marks.years,
        marks.editions,
        marks.families,
        marks.bases,
        marks.directions,
    ):
        every += [(m.start, m.end) for m in kind]
    return tuple(sorted(every))


def _same_report(table: FigureTable, measure: str) -> tuple[str, ...]:
    """A measure, and those of its family that the same report prints as the same quantity."""
    m = table.measures[measure]
    family = table.families[m.family]
    report = m.edition.split("(")[0].strip()
    if family.distinct or not report:
        return (measure,)
    others = [o for o in family.order if o != measure and table.measures[o].edition.split("(")[0].strip() == report]
    return (measure, *others)


def _meet(a: parse.Span, b: parse.Span) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def _found(scanner: Scanner, text: str) -> tuple[Mark, ...]:
    return tuple(Mark(f.start, f.end, (f.value, f.phrase)) for f in scanner.find(text))


def _directions(found: Iterable[Mark], numbers: Sequence[Number]) -> list[Mark]:
    """Words of gain and loss, longest first at a place; "none" words only hide others inside them."""
    kept: list[Mark] = []
    for m in sorted(found, key=lambda m: (m.start - m.end, m.start)):
        if not any(_meet((m.start, m.end), (k.start, k.end)) for k in kept):
            kept.append(m)
    spoken = [(n.start, n.end) for n in numbers]  # "minus" before a numeral is its sign
    kept = [m for m in kept if m.values[0] != "none" and not any(_meet((m.start, m.end), s) for s in spoken)]
    return sorted(kept, key=lambda m: m.start)


def _bases(text: str, low: str) -> list[Mark]:
    """What rates are per, each with the words of its denominator."""
    marks = []
    for m in _BASE.finditer(text):
        key = re.sub(r"[,.\s\u00a0\u202f]+", "" if m["n"][0].isdigit() else " ", m["n"].lower())
        per = _BASES.get(key) or int(key)
        lead = m.group()[: m.start("n") - m.start()].strip().lower()
        if per <= 1000 and lead in ("in", "for", "of", "to", "among") and not _counted(low, m.end()):
            continue  # "for a thousand reasons"
        if lead == "to" or (
            lead in ("of", "among", "for", "in", "out of") and key.isdigit() and not _counted(low, m.end())
        ):
            continue
        stop = _DENOMINATOR_ENDS.search(low, m.end())
        end = min(stop.start() if stop else len(low), m.end() + 70)
        found = _words().denominators.find(low[m.end() : end])
        if digit := re.search(r"\d", low[m.end() : end]):
            found = [f for f in found if f.end <= digit.start()]
        kinds = tuple(sorted({f.value for f in found}))
        marks.append(Mark(m.start(), m.end() + (found[-1].end if found else 0), kinds, (per,)))
    return marks


def _counted(low: str, at: int) -> bool:
    """Whether people of some kind stand behind a base: "in 100,000 people", "for every 10,000"."""
    before = low[max(0, at - 24) : at]
    return bool(re.search(r"\b(?:every|each|per)\b", before) or denominators(low[at : at + 40]))


def denominators(said: str) -> tuple[str, ...]:
    """The kinds of denominators that some words name; "skilled" beside another where both are."""
    return tuple(sorted({f.value for f in _words().denominators.find(said)}))


def _years(text: str, low: str) -> list[Mark]:
    """Years of data, each a mark; a range is one mark with its two ends."""
    marks: list[Mark] = []
    for m in _YEARS.finditer(text):
        second = m[2] if len(m[2]) == 4 else m[1][:2] + m[2]
        if int(m[1]) < int(second) <= int(m[1]) + 30:
            marks.append(Mark(m.start(), m.end(), ("range",), (int(m[1]), int(second))))
    for m in _YEAR.finditer(text):
        if any(r.start <= m.start() < r.end for r in marks) or not data_year(low, m.start(), m.end()):
            continue
        marks.append(Mark(m.start(), m.end(), (), (int(m[1]),)))
    return sorted(marks, key=lambda m: m.start)


def _numbers(text: str, low: str, off: Sequence[parse.Span]) -> list[Number]:
    """Every number that is no year, base, date or reference, with its sign, unit and roundness."""
    made: list[Number] = []
    for n in numerals(text):
        if (
            n.is_year
            or any(_meet((n.start, n.end), s) for s in off)
            or re.match(r"\.\d|-\w*[a-z]{4,}", text[n.end :])
            and not text[n.end :].startswith(("-per", "-point", "-fold"))
        ):
            continue
        if n.signed and n.start and low[n.start - 1] not in " (\u00a0[:=~\u2248\"\u201c'":
            continue  # a hyphen between words
        value, sign = abs(n.value), (-1 if n.value < 0 or text[n.start] in "\u2212\u2013-" else 1) if n.signed else 0
        start, end = n.start, n.end
        if not n.signed and (said := re.search(r"\b(minus|plus|negative)\s+$", low[:start])):
            sign, start = (1 if said[1] == "plus" else -1), said.start()
        step = int(value.as_tuple().exponent)
        if scale := _SCALE.match(low, end):
            power = 3 if scale[1] or scale[3] else 6
            value, step, end = value.scaleb(power), step + power, scale.end()
        role = "rank" if n.ordinal else "plain"
        if unit := _PER_CENT.match(low, end):
            role, end = ("points" if _POINTS.match(low, end) else "percent"), unit.end()
        elif n.ordinal:
            end += 2
        elif (
            _RANK_WORD.search(low[:start])
            and value == value.to_integral_value()
            and not sign
            and step == 0
            and value < 250
        ):
            role = "rank"
        made.append(Number(text[n.start : n.end], start, end, value, sign, role, step, False, _about(low, start, end)))
    made += _spelt(text, low, [*off, *((n.start, n.end) for n in made)])
    return sorted(made, key=lambda n: n.start)


def _spelt(text: str, low: str, off: Sequence[parse.Span]) -> list[Number]:
    """Numbers in words: "three", "thirty-fourth", "one in five"."""
    made: list[Number] = []
    taken = list(off)
    for m in _FRACTION.finditer(low):
        if any(_meet(m.span(), s) for s in taken):
            continue
        if m["in"]:
            whole = 100 if m["in"].endswith("hundred") else _VALUE_OF.get(m["in"]) or int(m["in"])
            value = Decimal(100) / whole
        elif m["half"]:
            value = Decimal(50)
        elif m["bare"]:
            value = Decimal(100) / _PARTS[m["bare"]]
        else:
            top, _, part = re.sub(r"[- ]+(?:net )?", " ", m["part"]).partition(" ")
            value = Decimal(100) * {"a": 1, "one": 1, "two": 2, "three": 3}[top] / _PARTS[part.rstrip("s")]
        taken.append(m.span())
        if re.match(r"\s+of an?\b(?! country)", low[m.end() :]):  # "a quarter of a specialist per 10,000"
            part = (value / 100).quantize(Decimal("0.001"))
            made.append(Number(m.group(), m.start(), m.end(), part.normalize(), 0, "plain", -2, True, "about"))
            continue
        made.append(
            Number(m.group(), m.start(), m.end(), value, 0, "fraction", 0, True, _about(low, m.start(), m.end()))
        )
    for m in _SPELT.finditer(low):
        if any(_meet(m.span(), s) for s in taken):
            continue
        rank = bool(m["ord"] or m["ord1"])
        n = (
            _VALUE_OF[m["tens"]] + _RANK_OF[m["ord1"]] if m["ord1"]
            else _VALUE_OF[m["ten"]] + _VALUE_OF[m["unit"]] if m["unit"]
            else _RANK_OF[m["ord"]] if m["ord"] else 0 if m["zero"] else _VALUE_OF[m["word"]]
        )  # fmt: skip
        end = m.end()
        value, step = Decimal(n), 0
        if not rank and (scale := _SCALE.match(low, end)) and low[end : end + 1] == " ":
            power = 3 if scale[1] or scale[3] else 6
            value, step, end = value.scaleb(power), power, scale.end()
        role = "rank" if rank else "plain"
        if not rank and (unit := _PER_CENT.match(low, end)):
            role, end = ("points" if _POINTS.match(low, end) else "percent"), unit.end()
        made.append(
            Number(text[m.start() : m.end()], m.start(), end, value, 0, role, step, True, _about(low, m.start(), end))
        )
    return made


def number_of(word: str) -> Decimal | None:
    """A small number in a word or in digits."""
    return Decimal(word) if word.isdigit() else Decimal(_VALUE_OF[word]) if word in _VALUE_OF else None


def _about(low: str, start: int, end: int) -> str:
    """ "about", "over" or "under" where a word before the number, or "or so" behind it, says so."""
    before = low[max(0, start - 30) : start]
    best = ""
    for f in _words().about.find(before):
        if not before[f.end :].strip(" a\u00a0~"):
            best = f.value
    if not best and (
        re.search(r"[~\u2248]\s*$", before)
        or re.match(r"\s*,?\s*(?:or so|or thereabouts|when rounded|rounded)\b", low[end:])
    ):
        return "about"
    return best


@dataclass(frozen=True, slots=True)
class _Words:
    about: Scanner
    direction: Scanner
    change: Scanner
    compare: Scanner
    rank: Scanner
    average: Scanner
    denominators: Scanner
    families: Scanner
    measures: Scanner
    alien: Scanner


@cache
def raw_words() -> dict[str, dict[str, list[str]]]:
    """The lists of claims.toml."""
    return tomllib.loads(files("assistant").joinpath("claims.toml").read_text("utf-8"))


@cache
def _words() -> _Words:
    raw = raw_words()
    pick = {
        "change": {k: raw["change"][k] for k in ("up", "down", "any")},
        "compare": {k: raw["compare"][k] for k in ("more", "less", "even", "gap")}
        | {f"x{k.replace('_', '.')}": v for k, v in raw["times"].items()},
        "rank": {k: raw["rank"][k] for k in ("top", "bottom", "leads", "trails")},
    }
    return _Words(
        Scanner(raw["about"]), Scanner(raw["direction"]), Scanner(pick["change"]), Scanner(pick["compare"]),
        Scanner(pick["rank"]), Scanner(raw["average"]), Scanner(raw["denominators"]),
        Scanner(raw["families"]), Scanner(raw["measures"]), Scanner(raw["alien"]),
    )  # fmt: skip
