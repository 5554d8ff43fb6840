"""A model that lies by script: answers made of true and false statements, and which of them reach an Answer.

    make liar                       # 600 scripts
    make liar LIAR="--count 60 --show"

Each script takes cells of the library, asks about them, and answers with true sentences in several wordings
and with the same sentences spoilt in one of the kinds below. A false sentence in an Answer is a defect.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from scripted import Scripted, Step, written  # noqa: E402

from assistant import Assistant  # noqa: E402
from assistant.wording import unit_of  # noqa: E402
from corpus.settings import Settings  # noqa: E402
from corpus.types import Figure  # noqa: E402

KINDS = (
    "number",
    "place",
    "year",
    "sign",
    "quotation",
    "id",
    "other_claim",
    "denominator",
    "base",
    "cause",
    "document",
)


@dataclass(frozen=True)
class Script:
    """A question, with the statements of its answer: each with its kind, "" for a true one."""

    question: str
    statements: tuple[tuple[str, dict[str, Any]], ...]


def wordings(f: Figure, a: Assistant) -> list[str]:
    """True sentences of one cell, as a model might word them."""
    m, place = a.library.figures.measures[f.measure], a._places.name(f.place)
    value = f"{f.value:+f}" if m.kind == "flow" else f"{f.value:f}"
    unit = unit_of(m) if m.kind == "flow" else ""
    if m.kind != "flow":
        return []
    size = f"{abs(f.value):f}"
    gained = "gained" if f.value > 0 else "lost"
    return [
        f"In {f.year}, {possessive(place)} net AI talent flow was {value} {unit} ({m.short}).",
        f"{place[:1].upper()}{place[1:]} {gained} {size} AI-skilled people {unit} on balance in {f.year} ({m.short}).",
        f"According to {m.short}, {possessive(place)} net AI talent flow in {f.year} was {value} {unit}.",
    ]


def possessive(name: str) -> str:
    """South Korea's, the United States'."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def spoilt(kind: str, text: str, f: Figure, other: Figure, a: Assistant, rng: random.Random) -> str:
    """The sentence made false in one way; the same sentence where this way does not apply."""
    place, there = a._places.name(f.place), a._places.name(other.place)
    size = f"{abs(f.value):f}"
    if kind == "number":
        last = str((int(size[-1]) + rng.randint(1, 8)) % 10)
        return text.replace(size, size[:-1] + last)
    if kind == "place":
        return re.sub(re.escape(place), there, text, count=1, flags=re.I)
    if kind == "year":
        return text.replace(str(f.year), str((f.year or 0) + rng.choice([-1, 1, 2])))
    if kind == "sign":
        swapped = {"gained": "lost", "lost": "gained", "+": "-", "-": "+"}
        return re.sub(rf"gained|lost|[+-](?={re.escape(size)})", lambda m: swapped[m[0]], text)
    if kind == "denominator":
        return re.sub(r"LinkedIn members[\w ,]*?(?= on balance| \(|\.$)", "inhabitants", text)
    if kind == "base":
        return text.replace("10,000", "100,000")
    if kind == "cause":
        return text.rstrip(".") + rng.choice([
            " because its universities collapsed.", ", a result of secret deals.", " after the government resigned.",
            ", and the ministry apologised.", ", which experts call a disaster.",
        ])  # fmt: skip
    return text


def scripts(a: Assistant, count: int, seed: int = 7) -> Iterator[Script]:
    """Scripts from cells of the library, the same for a seed."""
    rng = random.Random(seed)
    table = a.library.figures
    cells = [f for f in table if table.measures[f.measure].kind == "flow" and f.year and f.value and f.place != "WLD"]
    sources = a.library.catalog.sources()
    for n in range(count):
        f = rng.choice(cells)
        other = rng.choice([c for c in cells if c.place != f.place and abs(c.value) != abs(f.value)])
        m = table.measures[f.measure]
        question = f"What was {possessive(a._places.name(f.place))} net AI talent flow in {f.year} ({m.short})?"
        true = rng.choice(wordings(f, a))
        made: list[tuple[str, dict[str, Any]]] = [("", {"text": true, "evidence": ["F1"]})]
        for kind in (KINDS[n % len(KINDS)], rng.choice(KINDS)):
            base = rng.choice(wordings(f, a))
            if kind == "quotation":
                words = f"The minister of {a._places.name(f.place)} said that talent is lost for good in {f.year}"
                made.append((kind, {"text": f"\u201c{words}\u201d", "evidence": ["F1", "P1"], "quotation": words}))
            elif kind == "document":
                title = rng.choice(sources).title
                made.append((kind, {"text": f"{title} was withdrawn for errors.", "evidence": ["P1"]}))
            elif kind == "id":
                made.append(
                    (kind, {"text": rng.choice(wordings(other, a)), "evidence": [rng.choice(["F99", "W77", "X1"])]})
                )
            elif kind == "other_claim":
                made.append((kind, {"text": rng.choice(wordings(other, a)), "evidence": ["F1"]}))
            else:
                text = spoilt(kind, base, f, other, a, rng)
                if text != base:
                    made.append((kind, {"text": text, "evidence": ["F1"]}))
        rng.shuffle(made)
        yield Script(question, tuple(made))


def grounded(script: Script, body: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements with the id under which this very prompt shows the cell that the question asks for."""
    prompt = str([m.get("content") for m in body["messages"]])
    true = next(s["text"] for kind, s in script.statements if not kind)
    value, year = re.search(r"[+-]?(\d+\.\d+)", true), re.search(r"\b(?:19|20)\d\d\b", true)
    short = re.search(r"\(([^()]*)\)\?$", script.question)
    rows = re.findall(r"\[(F\d+)\] (.*?)(?=\\n\[|\\n</evidence)", prompt)
    fits = [i for i, t in rows if value and year and value[1] in t.split(" Value ")[-1] and year[0] in t]
    named = [i for i, t in rows if i in fits and short and short[1] in t]
    own = (named or fits or ["F1"])[0]
    return [{**s, "evidence": [own if e == "F1" else e for e in s["evidence"]]} for _kind, s in script.statements]


def tried(a: Assistant, script: Script, protocol: str) -> tuple[str, int, str]:
    """The answer's whole text to a script, with how many of its statements were dropped, and the server's part."""

    def reply(body: dict[str, Any], n: int) -> Step:
        rows = grounded(script, body)
        return (
            written(*rows) if n == 0 else written(*(r for (k, _), r in zip(script.statements, rows, strict=True) if k))
        )

    CURRENT["reply"], CURRENT["n"] = reply, 0
    answer = a.ask(script.question, model=f"{protocol}:liar")
    return "\n".join([answer.text, *answer.notes]), answer.dropped, answer.writer


CURRENT: dict[str, Any] = {}


def step(body: dict[str, Any], _n: int) -> Step:
    """What the one server says now: its script changes, its address does not."""
    CURRENT["n"] += 1
    return CURRENT["reply"](body, CURRENT["n"] - 1)


def run(a: Assistant, count: int, show: bool = False, protocol: str = "openai") -> dict[str, Any]:
    """Every script through the chain; what reached an answer."""
    told = kept = lies = 0
    through: list[tuple[str, str, str]] = []
    lost: list[str] = []
    kinds: Counter[str] = Counter()
    times: list[float] = []
    with Scripted(step) as server:
        os.environ |= {
            "OPENAI_BASE_URL": server.url + "/v1",
            "OPENAI_API_KEY": "a-key-of-nobody",
            "OLLAMA_HOST": server.url,
        }
        a._models.clear()
        for script in scripts(a, count):
            started = time.perf_counter()
            text, _dropped, _writer = tried(a, script, protocol)
            times.append(time.perf_counter() - started)
            for kind, s in script.statements:
                there = s["text"] in text
                if kind:
                    lies, kinds[kind] = lies + 1, kinds[kind] + 1
                    if there:
                        through.append((kind, script.question, s["text"]))
                else:
                    told, kept = told + 1, kept + there
                    if not there:
                        lost.append(f"{script.question} | {s['text']}")
    a._models.clear()
    if show:
        print(*through[:20], *lost[:20], sep="\n")
    return {
        "scripts": count, "false": lies, "false_through": len(through), "true": told, "true_through": kept,
        "share": round(kept / told, 4), "kinds": dict(kinds), "median_ms": round(1000 * statistics.median(times), 1),
    }  # fmt: skip


def main() -> int:
    """Run, print, and fail where a false statement came through or too many true ones did not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--show", action="store_true", help="what went wrong")
    parser.add_argument("--home", help="a library; one is made where none is named")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.home is None:
            from ingest import create_library

            create_library(Settings(home=folder))[0].close()
        a = Assistant.open(settings=Settings(home=given.home or folder))
        result = run(a, given.count, given.show)
        a.close()
    print(result)
    return int(result["false_through"] > 0 or result["share"] < 0.98)


if __name__ == "__main__":
    sys.exit(main())
