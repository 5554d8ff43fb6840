"""Reading a question: its places, years, measures, and what it asks of them.

The grammar is one of slots. Word lists (lexicon.toml, and the words beside each measure, family
and place) say which slot a phrase fills; what no slot explains is left over, and how much is left
over decides whether the question is about a figure or about what documents say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from assistant.lexicon import Found, Scanner, lexicon
from assistant.names import names_in
from assistant.types import Ask, Question, Reason
from corpus.errors import BadInput
from corpus.figures import FigureTable
from corpus.places import Gazetteer, Mention
from corpus.words import STOP_WORDS

MAX_CHARACTERS = 2000
LAST_YEAR = 2026  # later years can only be forecasts
FIGURE_ASKS: frozenset[str] = frozenset(
    "value sign compare rank place_rank change trend average count editions coverage define_measure".split()
)
_YEAR = re.compile(r"(?<![\d.,-])((?:19|20)\d\d)(?![\d]|[.,]\d)")
_RANGE = re.compile(
    r"((?:19|20)\d\d)\s*(?:-|\u2013|\u2014|to|through|until|till|and|\.\.+|~|부터|から|à|bis|a|hasta)\s*((?:19|20)\d\d)",
    re.I,
)
_BASE = re.compile(
    r"\b(?:per|for every|for each|out of|in every|in a|in)\s+(?:a\s+|one\s+)?"
    r"(10[,.\s]?000|100[,.\s]?000|1[,.]?000[,.]?000|1[,.]?000|10k|100k|1m|million|hundred thousand|ten thousand|thousand)\b",
    re.I,
)
_BASES = {
    "10000": 10_000, "100000": 100_000, "1000000": 1_000_000, "1000": 1_000, "10k": 10_000, "100k": 100_000,
    "1m": 1_000_000, "million": 1_000_000, "hundred thousand": 100_000, "ten thousand": 10_000, "thousand": 1_000,
}  # fmt: skip
_TOP = re.compile(
    r"\b(?:top|bottom|first|last|best|worst|leading|biggest|largest|highest|lowest|smallest|most|strongest|weakest|greatest)[\s-]+(\d{1,3}|[a-z]+)\b"
    r"|\b(\d{1,3}|[a-z]+)\s+(?:countries\s+(?:with\s+the\s+)?)?(?:highest|lowest|largest|biggest|smallest|best|worst|most|least|leading|top|strongest|weakest|greatest)\b",
    re.I,
)
_NUMBER = re.compile(r"[-+\u2212]?\d[\d,]*(?:\.\d+)?")
_GENERIC = frozenset(
    {
        "ai talent",
        "ai worker",
        "ai specialist",
        "ai expert",
        "ai professional",
        "ai researcher",
        "ai personnel",
        "abroad",
        "overseas",
        "elite",
        "researcher",
        "tracker",
        "talent tracker",
    }
)
_SMALL_WORDS = frozenset({"s", "of", "the", "and", "ai", "in", "for", "net", "data", "talent"})
_PASSAGE_ASKS: dict[str, Ask] = {
    "why": "why", "who": "who", "when": "when", "how_much": "how_much", "list": "list", "summarise": "summarise",
    "how": "how", "yes_no": "yes_no", "which": "which", "what": "what",
}  # fmt: skip
_WORD = re.compile(r"[^\W_]+(?:[.'\u2019-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one text says by itself, before any conversation: a Question, and what is left over."""

    question: Question
    left_over: tuple[str, ...]
    flow: str | None  # "", "in" or "out" where the text speaks of a flow; None where it does not
    back_reference: bool
    elliptic: bool  # opens with "and", "what about", or holds nothing but slots
    question_word: str  # why, who, when, ... or empty
    own_ask: bool  # an ask word was found, not assumed
    ask_words: frozenset[str] = frozenset()  # every kind of ask whose words were found
    head_count: bool = False  # a number of people is asked for


class Reader:
    """Reads questions against one library's measures and the world's places."""

    def __init__(self, table: FigureTable, places: Gazetteer) -> None:
        self._table = table
        self._places = places
        self._families = Scanner(
            {
                f.id: [*f.words, *(w for _l, ws in f.foreign for w in ws)]
                for f in table.families.values()
            }
        )
        self._measures = Scanner({m.id: m.words for m in table.measures.values()})

    def read(self, text: str) -> Reading:
        """The slots of one text; raises BadInput for an empty or a very long one."""
        text = checked(text)
        low = text.lower()
        lex = lexicon()
        explained: list[tuple[int, int]] = []

        families = self._families.find(text, overlapping=True)
        measures = _editions_apart(self._measures.find(text, overlapping=True))
        mentions, measures = self._sort_out_oecd(
            text, self._places.find(text, language_of(text)), measures
        )
        editions = [m for m in measures if re.search(r"(?:19|20)\d\d", m.phrase)]
        masked = _mask(text, [(m.start, m.end) for m in editions])
        base, base_span = _base(masked)
        years, year_spans, open_start, open_end = self._years(masked)
        flow_words = lex.flow.find(text)
        slots = lex.slots.find(text)
        asks = lex.asks.find(text)
        question_words = lex.questions.find(text)
        verdicts = lex.opinion.find(text)
        for group in (
            families,
            measures,
            flow_words,
            asks,
            verdicts,
            [s for s in slots if s.value != "policy"],
            question_words,
        ):
            explained += [(f.start, f.end) for f in group]
        explained += (
            [(m.start, m.end) for m in mentions] + year_spans + ([base_span] if base_span else [])
        )
        core = _core(text)
        left_over = _left_over(low, explained, core)
        if language_of(text) != "en" and (families or measures):
            left_over = ()  # the lists of small words are English; the family's own words were found
        named_spans = [(m.start, m.end) for m in [*mentions, *measures, *families]]
        names = tuple(
            n
            for n in names_in(text, [(m.start, m.end) for m in mentions])
            if not _covered(text, n, named_spans, years)
        )
        if language_of(text) != "en":
            names = tuple(n for n in names if f'"{n}"' in text or f"\u201c{n}\u201d" in text)

        kinds = {s.value for s in slots}
        near = [m for m in mentions if m.start >= core] or mentions
        group = next((m.code for m in near if m.group), "")
        places = tuple(dict.fromkeys(m.code for m in near if not m.group))
        if places and group and not set(places) - set(self._places.groups[group].members):
            group = ""
        family, named = self._family(families, measures, bool(flow_words))
        latest = "latest" in kinds and not years
        threshold, below = _threshold(masked, slots)
        ask_words = frozenset(a.value for a in asks)
        ask, question_word, own = self._ask(
            low[core:],
            [a for a in asks if a.start >= core or len(asks) == 1],
            question_words,
            places,
            years,
            group,
            flow_words,
            threshold,
        )
        flow = None if not flow_words and family != "net_ai_talent_flow" else _direction(flow_words)
        if ask == "count" and threshold is None:
            below = "negative" in kinds or (flow == "out" and "positive" not in kinds)
        question = Question(
            text=text, standalone=text, asks=ask, places=places, years=years, measures=named, family=family,
            base=base, language=language_of(text), latest=latest, top=_top(low),
            lowest="lowest" in kinds and not ("worst" not in low and "last" in low and "last" not in low.split()) or (flow == "out" and ask == "rank"),
            threshold=threshold, below=below, group=group, names=names, doubt=None,
        )  # fmt: skip
        if open_start or open_end:
            question = self._open_range(question, open_start, open_end)
        policy = [s for s in slots if s.value == "policy" and s.start >= core]
        asked = self._about_figures(
            question,
            left_over,
            bool(families),
            bool(measures),
            bool(flow_words),
            question_word,
            own,
            len(policy),
        )
        own = [(f.start, f.end) for f in families if f.value == family]
        if not named and any(
            not any(a <= m.start and m.end <= b for a, b in own) for m in measures
        ):
            asked = (
                False  # a body is named that does not measure this family: documents speak of it
            )
        head_count = any(v.value == "head_count" for v in verdicts)
        lost_heads = head_count and any(f.value != "none" for f in flow_words)
        if (
            lost_heads
            and family in ("net_ai_talent_flow", "ai_workforce")
            and (places or group)
            and not policy
        ):
            question = replace(question, family="net_ai_talent_flow", measures=())
            asked = "net_ai_talent_flow" in self._table.families
        doubt: Reason | None = _doubt(verdicts, years, low, asked)
        if head_count and asked and question.family in ("", "net_ai_talent_flow"):
            doubt = "not_comparable"
        if asked and not question.family:
            question = replace(question, family=self._default_family(places))
        if not asked:
            question = replace(question, asks=_PASSAGE_ASKS.get(question_word, "what"))
        question = replace(question, figures_asked=asked, doubt=doubt)
        opening = [s for s in slots if s.value == "follow_up" and low[: s.start].strip() == ""]
        elliptic = (
            bool(opening)
            or (not left_over and not (places or group) and not own)
            or not _WORD.findall(low)
            or len(low.split()) <= 4
        )
        back = any(s.value == "back_reference" for s in slots)
        return Reading(
            question, left_over, flow, back, elliptic, question_word, own, ask_words, head_count
        )

    def _default_family(self, places: Sequence[str]) -> str:
        """The first family that holds something for the places."""
        for family in self._table.families.values():
            if not places or any(set(places) & self._table.places(m) for m in family.order):
                return family.id
        return next(iter(self._table.families), "")

    # -- slots ---------------------------------------------------------------------------------

    def _sort_out_oecd(
        self, text: str, mentions: list[Mention], measures: list
    ) -> tuple[list[Mention], list]:  # type: ignore[type-arg]
        """ "OECD" names a group in "OECD countries" and a measure in "according to the OECD"."""
        kept_mentions = []
        for m in mentions:
            rival = [f for f in measures if f.start < m.end and m.start < f.end]
            if m.group and rival:
                after = text[m.end :].lower()
                if re.match(
                    r"('s)?\s+(countr|member|econom|nation|state|average|area)", after
                ) or re.search(
                    r"\b(in|of|among|within|across)\s+(the\s+)?$", text[: m.start].lower()
                ):
                    measures = [f for f in measures if f not in rival]
                else:
                    continue
            elif rival and not m.group:
                if any(f.end - f.start > m.end - m.start for f in rival):
                    continue  # "Korea" inside "Bank of Korea" is not the place asked about
                measures = [f for f in measures if f not in rival]
            kept_mentions.append(m)
        return kept_mentions, measures

    def _years(
        self, text: str
    ) -> tuple[tuple[int, ...], list[tuple[int, int]], int | None, int | None]:
        years: set[int] = set()
        spans: list[tuple[int, int]] = []
        for m in _RANGE.finditer(text):
            a, b = sorted((int(m[1]), int(m[2])))
            joined = m.group()[len(m[1]) : -len(m[2])].strip().lower() == "and" and not re.search(
                r"between\s*$", text[: m.start()].lower()
            )
            years |= {a, b} if joined or b - a > 30 else set(range(a, b + 1))
            spans.append(m.span())
        open_start = open_end = None
        for m in _YEAR.finditer(text):
            if any(a <= m.start() < b for a, b in spans):
                continue
            before = text[: m.start()].lower().rstrip()
            if re.search(r"\b(since|starting in|after|depuis|seit|desde)$", before) or (
                before.endswith("from") and "to" not in text[m.end() :].lower().split()[:1]
            ):
                open_start = int(m[1])
            elif re.search(r"\b(until|till|up to|through)$", before):
                open_end = int(m[1])
            years.add(int(m[1]))
            spans.append(m.span())
        return tuple(sorted(years)), spans, open_start, open_end

    def _open_range(self, question: Question, start: int | None, end: int | None) -> Question:
        """ "Since 2019" and "until 2019" take the years that the family holds."""
        measures = question.measures or (
            self._table.families[question.family].order if question.family else ()
        )
        held = sorted({y for m in measures for y in self._table.years(m)})
        years = [y for y in held if (start is None or y >= start) and (end is None or y <= end)]
        if not years:
            return question
        asks: Ask = "trend" if question.asks == "value" else question.asks
        return replace(question, years=tuple(sorted({*question.years, *years})), asks=asks)

    def _family(
        self, families: Sequence[Found], measures: Sequence[Found], flow: bool
    ) -> tuple[str, tuple[str, ...]]:
        """The family with most of the words, and the measures of it that are named."""
        score: dict[str, float] = {}
        for f in families:
            weight = 0.3 if f.phrase in _GENERIC else 1.0 + 0.5 * len(f.phrase.split())
            score[f.value] = score.get(f.value, 0.0) + weight
        named_by: dict[str, set[str]] = {}
        for m in measures:
            named_by.setdefault(m.phrase, set()).add(self._table.measures[m.value].family)
        for fams in named_by.values():
            for family in fams:
                score[family] = score.get(family, 0.0) + 1.2 / len(fams)
        if flow and "net_ai_talent_flow" in self._table.families:
            score["net_ai_talent_flow"] = score.get("net_ai_talent_flow", 0.0) + 1.0
        if not score:
            return "", ()
        order = list(self._table.families)
        best = max(score, key=lambda f: (score[f], -order.index(f)))
        ids = {m.value for m in measures}
        precise = {m.value for m in measures if len(named_by) > 1 and re.search(r"\d", m.phrase)}
        named = [
            m
            for m in self._table.families[best].order
            if m in (precise & set(self._table.families[best].order) or ids)
        ]
        return best, tuple(named)

    def _ask(
        self, low: str, asks: list, question_words: list, places: Sequence[str], years: Sequence[int],  # type: ignore[type-arg]
        group: str, flow: list, threshold: Decimal | None,  # type: ignore[type-arg]
    ) -> tuple[Ask, str, bool]:  # fmt: skip
        kinds = {a.value for a in asks}
        first = min(question_words, key=lambda q: (q.start, -q.end)) if question_words else None
        word = first.value if first and (first.start < 25 or first.value == "why") else ""
        if any(q.value == "why" for q in question_words):
            word = "why"
        if (
            word == "how"
            and re.match(r"how (?:did|does|do|has|have|is|was)\b", low)
            and kinds & {"change", "trend", "compare"}
        ):
            word = ""
        several = len(places) > 1
        if threshold is not None and (
            "count" in kinds or re.search(r"\b(which|what|how many)\b", low)
        ):
            return "count", word, True
        order: list[tuple[str, bool]] = [
            ("coverage", not several and not years),
            ("count", True),
            ("editions", True),
            ("define_measure", not places and not years),
            ("place_rank", len(places) >= 1),
            ("compare", several),
            ("sign", len(places) == 1 or bool(group)),
            ("average", True),
            ("change", bool(places) and "trend" not in kinds),
            ("trend", True),
            ("rank", not places),
            (
                "rank",
                len(places) == 1
                and re.search(r"\b(among|in the world|globally|of all)\b", low) is not None,
            ),
            ("change", bool(years) or bool(places)),
        ]
        for kind, holds in order:
            if kind in kinds and holds:
                return kind, word, True  # type: ignore[return-value]
        if several:
            return "compare", word, False
        if (
            not places
            and re.search(r"\b(which|what|who)\b.*\b(countr|nation|econom|place|state|member)", low)
            and flow
        ):
            return "rank", word, True
        if len(years) > 1:
            return ("change" if len(years) == 2 and "change" in kinds else "trend"), word, False
        return "value", word, False

    def _about_figures(
        self,
        q: Question,
        left_over: Sequence[str],
        family: bool,
        measure: bool,
        flow: bool,
        word: str,
        own: bool,
        policy: int,
    ) -> bool:
        if (
            not self._table.families
            or word == "why"
            or (word == "who" and q.asks not in ("rank", "compare", "sign", "count"))
        ):
            return False
        if word == "when" and q.asks not in ("trend", "change", "rank", "sign"):
            return False
        pinned = bool(q.places or q.group or q.years)
        spoken = flow or any(
            f.phrase not in _GENERIC for f in self._families.find(q.text) if f.value == q.family
        )
        if (
            policy >= 1
            and len(left_over) + policy > 2
            and not (flow and pinned and len(left_over) == 0)
        ):
            return False
        if q.names:  # a named thing that is neither a measure nor a place: documents speak of it
            return False
        if q.asks == "define_measure":
            return False  # definitions are quoted from documents
        if spoken and q.asks == "coverage":
            return len(left_over) <= 2
        if spoken and (pinned or own or q.latest):
            return len(left_over) <= 2
        if (measure or family) and (pinned or own):
            return len(left_over) <= 1
        if q.asks == "coverage" and (pinned or own):
            return len(left_over) == 0
        return (
            bool(q.places or q.group)
            and (bool(q.years) or q.latest or own)
            and not left_over
            and not policy
        )


def _editions_apart(found: Sequence[Found]) -> list[Found]:
    """In "2024 AI Index 2025" the number after the name is the edition, the one before it a year."""
    return [
        f for f in found
        if not (f.phrase[:1].isdigit() and any(o.start < f.end <= o.end and o.start > f.start and re.search(r"\d$", o.phrase) for o in found))
    ]  # fmt: skip


def _covered(text: str, name: str, spans: Sequence[tuple[int, int]], years: Sequence[int]) -> bool:
    """Whether a name is made of the words of measures, families, places and years."""
    at = text.find(name)
    left = (
        re.sub(r"[^\W\d_]+", "x", "")
        if at < 0
        else "".join(
            " " if any(a <= i < b for a, b in spans) else text[i] for i in range(at, at + len(name))
        )
    )
    rest = [
        w
        for w in re.findall(r"[^\W_]+", left)
        if w not in {str(y) for y in years} and w.lower() not in _SMALL_WORDS
    ]
    return at >= 0 and not rest


def checked(text: str) -> str:
    """The question without surrounding space; raises BadInput for an empty or a very long one."""
    text = text.replace("\0", " ").strip()
    if not text:
        raise BadInput(
            "the question is empty; ask something like: What was South Korea's net AI talent flow in 2023?"
        )
    if len(text) > MAX_CHARACTERS:
        raise BadInput(
            f"the question has {len(text):,} characters, the limit is {MAX_CHARACTERS:,}; to check a whole text use: footnote check"
        )
    return " ".join(text.split())


@lru_cache(maxsize=4096)
def language_of(text: str) -> str:
    """The language of a question, as far as script and small words tell."""
    if re.search(r"[\uac00-\ud7a3]", text):
        return "ko"
    if re.search(r"[\u3040-\u30ff]", text):
        return "ja"
    words = set(re.findall(r"[a-zà-ÿß]+", text.lower()))
    small = {
        "fr": {"quel", "quelle", "était", "le", "la", "les", "des", "du", "est", "pays", "combien", "pourquoi", "solde", "qu", "entre", "nette"},
        "de": {"wie", "hoch", "war", "der", "die", "das", "und", "ist", "welche", "welches", "im", "zwischen", "länder", "warum", "jahr", "viele"},
        "es": {"cuál", "cual", "fue", "el", "los", "las", "del", "es", "país", "países", "cuánto", "qué", "entre", "por", "neto", "cómo", "flujo"},
        "en": {"what", "was", "the", "of", "is", "how", "which", "and", "did", "in", "to"},
    }  # fmt: skip
    score = {lang: len(words & own) for lang, own in small.items()}
    best = max(score, key=lambda lang: (score[lang], lang == "en"))
    return best if score[best] >= 2 and score[best] > score["en"] else "en"


def _mask(text: str, spans: Sequence[tuple[int, int]]) -> str:
    chars = list(text)
    for a, b in spans:
        chars[a:b] = " " * (b - a)
    return "".join(chars)


def _base(text: str) -> tuple[int | None, tuple[int, int] | None]:
    match = _BASE.search(text)
    if not match:
        return None, None
    key = match[1].lower()
    return _BASES.get(key) or _BASES.get(re.sub(r"[,.\s]", "", key)), match.span()


def _top(low: str) -> int | None:
    for match in _TOP.finditer(low):
        word = match[1] or match[2]
        number = int(word) if word.isdigit() else lexicon().numbers.get(word)
        if number and number < 200:
            return number
    return None


def _threshold(text: str, slots: list) -> tuple[Decimal | None, bool]:  # type: ignore[type-arg]
    for slot in slots:
        if slot.value in ("above", "below"):
            match = re.match(
                r"\s*(?:a\s+)?("
                + _NUMBER.pattern
                + r"|zero|one|two|three|five|ten)(?!\s*(?:years|percent of))\b",
                text[slot.end :],
                re.I,
            )
            after = text[slot.end + match.end() :].split()[:2] if match else []
            if (
                match
                and not _YEAR.match(text[slot.end :].lstrip())
                and not {w.lower().strip("s?.,") for w in after}
                & {"number", "value", "source", "year", "figure", "edition", "country"}
            ):
                raw = match[1].replace(",", "").replace("\u2212", "-")
                return Decimal(
                    lexicon().numbers.get(raw.lower(), 0) if raw[0].isalpha() else raw
                ), slot.value == "below"
    return None, False


def _direction(flow_words: list) -> str:  # type: ignore[type-arg]
    kinds = [f.value for f in flow_words if f.value != "none"]
    return "" if not kinds or len(set(kinds)) > 1 else kinds[0]


def _doubt(
    verdicts: Sequence[Found], years: Sequence[int], low: str, figures: bool
) -> Reason | None:
    """Whether an opinion or a forecast is asked for: the library holds neither."""
    reported = re.search(
        r"\b(propos|recommend|suggest|according|report|say|says|said|call for|called for)", low
    )
    kinds = {v.value for v in verdicts}
    if "opinion" in kinds and not reported:
        return "opinion_or_prediction"
    if figures and ("prediction" in kinds or (years and max(years) > LAST_YEAR)):
        return "opinion_or_prediction"
    if re.match(r"(will|what will|how will|when will|who will)\b", low) and not reported:
        return "opinion_or_prediction"
    return None


def _core(text: str) -> int:
    """Where the question itself begins, after a preamble ("I am writing on the Baltics: ...")."""
    parts = list(re.finditer(r"(?<=[.:;!?])\s+", text))
    for part in reversed(parts):
        rest = text[part.end() :]
        if (
            "?" in rest
            and len(rest.split()) >= 5
            and not re.match(r"(and|or|also|i have|i've|thanks)\b", rest.lower())
        ):
            return part.end()
    return 0


def _left_over(low: str, explained: Sequence[tuple[int, int]], core: int = 0) -> tuple[str, ...]:
    """Content words that no slot explains."""
    words = []
    filler = lexicon().slots
    for match in _WORD.finditer(low.replace("\u2019", "'")):
        word = match.group().removesuffix("'s")
        if match.start() < core:
            continue
        if any(a < match.end() and match.start() < b for a, b in explained):
            continue
        if word in STOP_WORDS or word in filler or word.isdigit() or len(word) < 2:
            continue
        words.append(word)
    return tuple(words)
