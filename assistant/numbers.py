"""The numbers of a sentence, in digits and in words, each with its sign, unit and roundness."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from assistant import slots as parse
from assistant.numerals import numerals
from assistant.wordlists import claim_words

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
    rf"|(?P<ord>{'|'.join(_RANK_OF)})|(?P<word>{'|'.join(_WORDS)})|(?<!above )(?<!below "
    rf")(?<!under )(?<!over )(?<!than )(?<!from )(?<!near )(?<!crossed )(?P<zero>zero)(?! "
    rf"sum))(?:(?=-?fold\b)|(?!\w))"
)
_FRACTION = re.compile(
    r"(?<![\w-])(?:(?P<single>(?P<top>one|two|three|four|five|six|seven|eight|nine|"
    r"(?<![\d.,])[1-9](?= (?:in|out of) )) (?:(?!in |of |out )[a-z'-]+ ){0,6}?(?:in|out of|"
    r"for)(?: every)? (?P<in>two|three|four|five|six|"
    r"seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|"
    r"ninety|(?:a )?hundred|\d{1,3}))\b|(?:(?P<part>(?:a|one|two|three)(?: net)? ?-?"
    r"(?:half|third|thirds|quarter|quarters|fifth|fifths|sixth|seventh|eighth|ninth|tenth|"
    r"tenths|twelfth|twentieth))|(?P<bare>(?<=net "
    r")quarter|(?<=net )third)|(?P<half>half))(?=\s+(?:of|off|were|are|was|is|in|at|work|stay|had|"
    r"have|has|did|do|stayed|worked|went|left|came)\b|\s*[:;,.)\u2013\u2014(]|(?<=by a half)|"
    r"(?<=by a third)|(?<=by two thirds)|(?<=by a quarter)|(?<=by three quarters)|(?<=by a fifth)))"
)
_MEDALS = re.compile(r"\b(?:runners?[- ]up|silver medal|bronze medal|bronze)\b")
_AND_PART = re.compile(r"(?: and|-and)(?: a| an| one| three)?[ -](half|quarter|third|three[ -]quarters)\b")
_PART_OF = {
    "half": Decimal("0.5"),
    "quarter": Decimal("0.25"),
    "third": Decimal("0.33"),
    "three quarters": Decimal("0.75"),
}
_PARTS = {
    "half": 2,
    "third": 3,
    "quarter": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "twelfth": 12,
    "twentieth": 20,
}
_SCALE = re.compile(r"\s*(?:(thousand)|(million)|(k)(?!\w)|(m)(?!\w))")
_PER_CENT = re.compile(
    r"\s*(?:%|percent\b|per ?cent\b|pct\b|p\.?c\.(?!\w))|\s*-?percentage[- ]points?\b|-per-?cent\b|-percent\b"
    r"|\s*-?points?\b"
)
_TO_ONE = re.compile(r" ?(?: to |:)(?:1|one)\b(?![.,:]?\d)")
_POINTS = re.compile(r"\s*-?(?:percentage[- ])?points?\b")
_RANK_WORD = re.compile(
    r"\b(?:rank(?:ed|s|ing)?|place[ds]?|position|number|no\.?|came|stood)\s+(?:at\s+|as\s+)?(?:#|no\.?\s*|number\s*)?$",
    re.IGNORECASE,
)


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


def meet(a: parse.Span, b: parse.Span) -> bool:
    """Whether two spans have a character in common."""
    return a[0] < b[1] and b[0] < a[1]


def numbers_of(text: str, low: str, off: Sequence[parse.Span]) -> list[Number]:
    """Every number that is no year, base, date or reference, with its sign, unit and roundness."""
    made = _small(low, off)
    made += _parts(text, low, [*off, *((n.start, n.end) for n in made)])
    off = [*off, *((n.start, n.end) for n in made)]
    for n in numerals(text):
        if (
            n.is_year
            or made
            and n.start < made[-1].end
            and n.start > made[-1].start
            or any(meet((n.start, n.end), s) for s in off)
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
        if more := re.match(r" and a half\b|\u00bd", low[end:]):
            value, step, end = value + Decimal("0.5"), -1, end + more.end()
        if scale := _SCALE.match(low, end):
            power = 3 if scale[1] or scale[3] else 6
            value, step, end = value.scaleb(power), step + power, scale.end()
        if ratio := _TO_ONE.match(low, end):
            end = ratio.end()  # "4.2 to 1"
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


def _parts(text: str, low: str, off: Sequence[parse.Span]) -> list[Number]:
    """Parts of a whole: "half of", "one in five", "1 in 48"."""
    made: list[Number] = []
    taken = list(off)
    for m in _FRACTION.finditer(low):
        if any(meet(m.span(), s) for s in taken):
            continue
        if m["in"]:
            whole = 100 if m["in"].endswith("hundred") else _VALUE_OF.get(m["in"]) or int(m["in"])
            value = Decimal(100) * (number_of(m["top"]) or 1) / whole
            if value >= 100 or whole in (3, 4, 5, 6, 7, 8, 9) and re.match(r"\s*(?:years?|months?)\b", low[m.end() :]):
                continue
        elif m["half"]:
            value = Decimal(50)
        elif m["bare"]:
            value = Decimal(100) / _PARTS[m["bare"]]
        else:
            top, _, part = re.sub(r"[- ]+(?:net )?", " ", m["part"]).partition(" ")
            value = Decimal(100) * {"a": 1, "one": 1, "two": 2, "three": 3}[top] / _PARTS[part.rstrip("s")]
        taken.append(m.span())
        if re.match(r"\s+of an?\b(?! country)", low[m.end() :]):  # "a quarter of a specialist per 10,000"
            small = (value / 100).quantize(Decimal("0.001")).normalize()
            about = _about(low, m.start(), m.end()) or "about"
            made.append(Number(m.group(), m.start(), m.end(), small, 0, "plain", -2, True, about))
            continue
        made.append(
            Number(m.group(), m.start(), m.end(), value, 0, "fraction", 0, True, _about(low, m.start(), m.end()))
        )
    return made


_OF_A_POINT = re.compile(
    r"(?<![\w-])(?:(?P<part>half|(?:a |one )?quarter|(?:a |one )?third|(?:a |one |two |three )?tenths?|"
    r"(?:a |one |two |three )?hundredths?|(?:a |one )fifth|three[ -]quarters)(?: of)? an? "
    r"(?:(?:percentage )?(?P<point>point)|(?:net )?(?:ai )?(?:person|specialist|worker|professional|expert))|"
    r"(?:an?|one) (?:full |whole |clear |good )?(?:percentage )?point)\b"
)  # "half a point", "a full point", "one hundredth of a person"
_HALF_A = re.compile(
    r"(?<![\w-])half an? (?!point|percent|per\b|dozen|century|year|decade|million|billion|hour|day|month)(?=[a-z])"
)
_HUNDREDTHS = {
    "quarter": "0.25",
    "third": "0.33",
    "half": "0.5",
    "fifth": "0.2",
    "tenth": "0.1",
    "hundredth": "0.01",
    "three quarters": "0.75",
}


def _small(low: str, off: Sequence[parse.Span]) -> list[Number]:
    """Parts of one: "half a point", "one hundredth of a point", "half a specialist per 10,000"."""
    made: list[Number] = []
    for m in _OF_A_POINT.finditer(low):
        if any(meet(m.span(), s) for s in off):
            continue
        value = Decimal(1)
        if m["part"]:
            top, _, part = m["part"].replace("-", " ").rstrip("s").rpartition(" ")
            part = "three quarters" if top == "three" and part == "quarter" else part
            times = {"two": 2, "three": 3}.get(top, 1) if part in ("tenth", "hundredth") else 1
            value = Decimal(_HUNDREDTHS[part]) * times
        step = int(value.as_tuple().exponent)
        made.append(
            Number(
                m.group(),
                m.start(),
                m.end(),
                value,
                0,
                "points" if m["point"] or not m["part"] else "plain",
                step,
                True,
                _about(low, m.start(), m.end()) or "about",
            )
        )
    for m in _HALF_A.finditer(low):
        end = m.start() + 4
        if not any(meet((m.start(), end), s) for s in off):
            made.append(
                Number("half", m.start(), end, Decimal("0.5"), 0, "plain", -1, True, _about(low, m.start(), end))
            )
    return made


def _spelt(text: str, low: str, off: Sequence[parse.Span]) -> list[Number]:
    """Numbers in words: "three", "thirty-fourth"."""
    made: list[Number] = []
    taken = list(off)
    for m in _MEDALS.finditer(low):
        n = 3 if m.group().startswith("bronze") else 2
        made.append(Number(m.group(), m.start(), m.end(), Decimal(n), 0, "rank", 0, True))
    for m in _SPELT.finditer(low):
        if any(meet(m.span(), s) for s in taken):
            continue
        rank = bool(m["ord"] or m["ord1"]) or low[: m.start()].endswith(("number ", "no. "))
        n = (
            _VALUE_OF[m["tens"]] + _RANK_OF[m["ord1"]] if m["ord1"]
            else _VALUE_OF[m["ten"]] + _VALUE_OF[m["unit"]] if m["unit"]
            else _RANK_OF[m["ord"]] if m["ord"] else 0 if m["zero"] else _VALUE_OF[m["word"]]
        )  # fmt: skip
        end = m.end()
        value, step = Decimal(n), 0
        if not rank and (more := _AND_PART.match(low, end)):
            value, step, end = value + _PART_OF[more[1]], -len(str(_PART_OF[more[1]])) + 2, more.end()
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


_MOVED_UP = re.compile(
    r"\b(?:revised|raised|moved|went|came|came|restated|corrected|shot|crept|edged|back|was|is|were) up to $"
)


_FROM_UP = re.compile(r"\bfrom [^;]{0,60}\bup to $")


def roundness(before: str) -> str:
    """What the words that end a text say of the number behind them: "about", a bound, or a side close by."""
    before = before[-30:]
    return next((f.value for f in claim_words().about.find(before)[::-1] if not before[f.end :].strip(" a\u00a0~")), "")


def _about(low: str, start: int, end: int) -> str:
    """How round a number is, by the words before it or by "or so" behind it."""
    before = low[max(0, start - 30) : start]
    best = roundness(low[:start])
    if best == "most" and (_MOVED_UP.search(before) or _FROM_UP.search(low[:start])):
        best = ""  # "revised up to 5.23"
    if not best and (
        re.search(r"[~\u2248]\s*$", before)
        or re.match(r"\s*,?\s*(?:or so|or thereabouts|when rounded|rounded)\b", low[end:])
    ):
        return "about"
    return best
