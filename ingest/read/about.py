"""What a document says of itself where its metadata do not: a printed date, and its language."""

from __future__ import annotations

import re
from collections import Counter

_MONTHS = (
    "january february march april may june july august september october november december".split(),
    "jan feb mar apr may jun jul aug sep oct nov dec".split(),
    "januar februar m\u00e4rz april mai juni juli august september oktober november dezember".split(),
    "janvier f\u00e9vrier mars avril mai juin juillet ao\u00fbt septembre octobre novembre d\u00e9cembre".split(),
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
)
_MONTH = {name: n for names in _MONTHS for n, name in enumerate(names, start=1)}
_NAMES = "|".join(sorted(_MONTH, key=len, reverse=True))
_DATES = (
    re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)"),
    re.compile(
        rf"(?<!\w)(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:de\s+)?(?P<n>{_NAMES})\.?,?\s+(?:de\s+)?(?P<y>(?:19|20)\d\d)\b",
        re.I,
    ),
    re.compile(rf"\b(?P<n>{_NAMES})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>(?:19|20)\d\d)\b", re.I),
    re.compile(
        r"(?P<y>(?:19|20)\d\d)\s*[\u5e74\ub144]\s*(?P<m>\d{1,2})\s*[\u6708\uc6d4]\s*(?P<d>\d{1,2})\s*[\u65e5\uc77c]"
    ),
    re.compile(rf"\b(?P<n>{_NAMES})\.?,?\s+(?P<y>(?:19|20)\d\d)\b", re.I),
)
_WORDS = {
    "en": "the of and to in is that for with as are was by on from this which",
    "de": "der die und das den von mit ist des im nicht auf eine f\u00fcr dem zu als",
    "fr": "le la les des et du une est dans pour que sur par avec au qui pas",
    "es": "el la los de las que y en una por con para del se su como m\u00e1s",
    "it": "il di che della per una con non sono le dei nel gli alla come pi\u00f9 del",
    "pt": "o que do da em uma para com n\u00e3o os dos no na por mais as ao",
    "nl": "de het een van en dat voor met niet zijn op aan door ook bij wordt te",
}
_LEAST = 4  # small words of a language before a text is taken to be in it
_KNOWN = {language: frozenset(words.split()) for language, words in _WORDS.items()}


def printed_date(text: str, within: int = 1500) -> str:
    """The first date that is printed near the top, as an ISO 8601 date of reduced precision; empty for none."""
    top = text[:within]
    found = [m for pattern in _DATES if (m := pattern.search(top))]
    if not found:
        return ""
    first = min(found, key=lambda m: (m.start(), -len(m.group())))
    parts = first.groupdict()
    month = _MONTH[parts["n"].lower()] if parts.get("n") else int(parts["m"])
    day = parts.get("d")
    return iso(int(parts["y"]), month, int(day) if day else None)


def dated(printed: str, made: str) -> tuple[str, tuple[str, ...]]:
    """A document's date and what there is to say of it: the printed one, else the file's own.

    A copy, a print or an export is made later than what is in it was published, and no file tells which it is.
    """
    if printed or not made:
        return printed, ()
    return made, (f"no date is printed at its start; {made} is when the file was made",)


def iso(year: int, month: int | None = None, day: int | None = None) -> str:
    """A date of reduced precision; what is out of range is left out."""
    import datetime as dt

    if month is None or not 1 <= month <= 12:
        return f"{year:04d}"
    try:
        return dt.date(year, month, day).isoformat() if day else f"{year:04d}-{month:02d}"
    except ValueError:
        return f"{year:04d}-{month:02d}"


def iso_of(said: str) -> str:
    """The date in a metadata field ("D:20240512103000", "2024-05-12T10:30:00Z", "2024"); empty for none."""
    match = re.search(r"(?<!\d)((?:19|20)\d\d)(?:-?(\d\d))?(?:-?(\d\d))?", said)
    if match is None:
        return ""
    year, month, day = match.groups()
    return iso(int(year), int(month) if month else None, int(day) if day else None)


def language_of(text: str) -> str:
    """The language of a text by its letters and its small words; "en" where nothing speaks for another."""
    sample = text[:20_000]
    letters = Counter(_script(c) for c in sample if c.isalpha())
    total = sum(letters.values()) or 1
    if letters["kana"] > 0.05 * total:
        return "ja"
    for script, language in (("hangul", "ko"), ("han", "zh"), ("cyrillic", "ru"), ("arabic", "ar"), ("greek", "el")):
        if letters[script] > 0.3 * total:
            return language
    words = Counter(re.findall(r"[^\W\d_]+", sample.lower()))
    scores = {language: sum(words[w] for w in known) for language, known in _KNOWN.items()}
    best = max(scores, key=lambda k: (scores[k], k == "en"))
    clear = scores[best] >= _LEAST and scores[best] > 1.2 * scores["en"]
    return best if clear else "en"


def _script(c: str) -> str:
    code = ord(c)
    if code < 0x370:
        return "latin"
    for name, low, high in (
        ("greek", 0x370, 0x3FF), ("cyrillic", 0x400, 0x52F), ("arabic", 0x600, 0x6FF), ("kana", 0x3040, 0x30FF),
        ("han", 0x4E00, 0x9FFF), ("hangul", 0xAC00, 0xD7A3),
    ):  # fmt: skip
        if low <= code <= high:
            return name
    return "other"
