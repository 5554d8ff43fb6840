"""The language of a question, as far as script and small words tell."""

from __future__ import annotations

import re
from functools import lru_cache

_SMALL_WORDS = {
    "fr": frozenset(
        "quel quelle quels était le la les des du est pays combien pourquoi solde entre nette net en et au aux a "
        "plus pour comment écart sur dans une un qui évolué t d l après selon valait moins elle où cette quelles perd "
        "rang année ou avec il y".split()
    ),
    "de": frozenset(
        "wie hoch war der die das und ist welche welches welcher im zwischen länder warum jahr viele für hat von "
        "vor um bis nach hatten einen in den vergleiche viel liegt land am laut auf lag bei gegen rang netto "
        "verlor gewann welchem wer was der die einer eine eines beim bei steht stand ganz unten oben rechne "
        "wert werte weist aus schnitt ab ist sind laut im jahr davor".split()
    ),
    "es": frozenset(
        "cuál cual fue el la los las del es país países cuánto qué entre por neto cómo flujo en tuvo y con de o "
        "perdió mayor tres evolución diferencia según cuáles quién quiénes cuántos cuántas cuál más menos salieron "
        "fueron los un una al desde hasta año".split()
    ),
    "en": frozenset(
        "what was the of is how which and did in to for does can it be that only while more from with by has have do "
        "there than i my we you me at if not are were this please".split()
    ),
}


_SHORT = 8  # words: a follow-up may show its language by its first word only
_OPENERS = {"und": "de", "nein": "de", "aber": "de", "et": "fr", "non": "fr", "mais": "fr", "y": "es", "pero": "es"}
_LETTERS = {
    "es": "[\u00e1\u00ed\u00f3\u00fa\u00f1]",
    "fr": "[\u00e0\u00e8\u00ea\u00e7\u00ee\u00f9]",
    "de": "[\u00e4\u00f6\u00df]",
}  # "la" and "en" are two languages
_OPENING = re.compile(rf"({'|'.join(_OPENERS)})[,\s]", re.IGNORECASE)


@lru_cache(maxsize=4096)
def language_of(text: str) -> str:
    """The language of a question, as far as script and small words tell; "en" in doubt."""
    if re.search(r"[\uac00-\ud7a3]", text):
        return "ko"
    if re.search(r"[\u3040-\u30ff]", text) or re.search(r"[\u4e00-\u9fff]", text):
        return "ja"
    if "\u00bf" in text:
        return "es"
    words = re.findall(r"[^\W\d_]+", text.lower())
    if len(words) <= _SHORT and (opening := _OPENING.match(text)):
        return _OPENERS[opening[1].lower()]
    score = {lang: sum(w in own for w in words) for lang, own in _SMALL_WORDS.items()}
    letters = {lang: len(re.findall(own, text.lower())) for lang, own in _LETTERS.items()}
    best = max(score, key=lambda lang: (score[lang], lang == "en", letters.get(lang, 0)))
    return best if score[best] >= 2 and score[best] > score["en"] else "en"
