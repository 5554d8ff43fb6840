"""Places, groups and measures as the command line names them, with what is near a wrong name."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from assistant.types import Cell
from corpus.errors import BadInput
from corpus.figures import FigureTable
from corpus.library import Library
from corpus.places import gazetteer


def picked(library: Library, place: str | None, year: int | None, measure: str | None) -> list[Cell]:
    """The figures that a command line asks for, where None asks for all."""
    places = None if place is None else places_named(place)
    measures = None if measure is None else measures_named(measure, library.figures)
    return [
        cell for cell in cells(library)
        if (places is None or cell.figure.place in places)
        and (year is None or cell.figure.year == year)
        and (measures is None or cell.figure.measure in measures)
    ]  # fmt: skip


def cells(library: Library) -> Iterator[Cell]:
    """Every figure of a library with its measure, source and place."""
    for f in library.figures:
        measure = library.figures.measures[f.measure]
        yield Cell(f, measure, library.source(f.source_id), gazetteer().name(f.place))


def places_named(text: str) -> set[str]:
    """The codes that a code, a place's or a group's name stands for; BadInput names near ones."""
    known = gazetteer()
    if text.strip().upper() in known.places:
        return {text.strip().upper()}
    for m in known.find(text.strip()):
        if (m.start, m.end) == (0, len(text.strip())):
            return set(known.groups[m.code].members) if m.group else {m.code}
    names = {w.lower(): p.name for p in known.places.values() for w in (p.name, *p.aliases, p.code)}
    raise BadInput(f"no place {text!r} is known; {near(text, names)}")


def measures_named(text: str, table: FigureTable) -> set[str]:
    """The measures that an id stands for; BadInput names near ones."""
    members = {m.id for m in table.measures.values() if text in (m.id, m.family)}
    if not members:
        ids = {i.lower(): i for i in (*table.families, *table.measures)}
        raise BadInput(f"no measure {text!r} in the library; {near(text, ids)}")
    return members


def near(text: str, known: dict[str, str]) -> str:
    """The next step for a name that is not known: what is written almost like it."""
    found = dict.fromkeys(known[k] for k in get_close_matches(text.lower(), known, 3))
    if not found:
        return "see what there is with: footnote figures"
    return f"did you mean {' or '.join(found)}?"
