"""Looking at every part of a library: is the record sound, and do the indexes hold what it holds?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from corpus.catalog import Catalog
from corpus.ids import sentence_id
from corpus.tokens import TokenIndex
from corpus.vectors import Vectors
from corpus.words import Words


def check(
    catalog: Catalog, vectors: Vectors, tokens: TokenIndex | None, words: Words
) -> Iterator[tuple[str, list[str]]]:
    """Each part's name and what is wrong with it, a sentence each; no tokens where the encoder tells none."""
    yield "catalog", catalog.faults()
    sentences: set[str] = set()
    passages: set[str] = set()
    yield "documents", list(_documents(catalog, sentences, passages))
    yield "vectors", list(_vectors(vectors, sentences))
    yield "tokens", list(_tokens(tokens, sentences)) if tokens is not None else []
    yield "words", list(_words(words, passages))


def _documents(catalog: Catalog, sentences: set[str], searchable: set[str]) -> Iterator[str]:
    """Passages tile their document exactly; what is to be found of them is put into the two sets."""
    source, text, at = "", "", 0
    for passage, spans in catalog.all_passages():
        if passage.source_id != source:
            yield from _ends(source, at, text)
            source, text, at = passage.source_id, catalog.text(passage.source_id), 0
        if text[passage.start : passage.end] != passage.text or at != passage.start:
            yield f"passage {passage.id} does not stand at its place in {source}"
        at = passage.end
        sentences.update(sentence_id(passage.id, n) for n in range(len(spans)))
        if spans:
            searchable.add(passage.id)
    yield from _ends(source, at, text)


def _ends(source: str, at: int, text: str) -> Iterator[str]:
    if at != len(text):
        yield f"the passages of {source} end at {at} of {len(text)}"


def _vectors(vectors: Vectors, wanted: set[str]) -> Iterator[str]:
    held = vectors.ids()
    if len(held) != len(wanted):
        yield f"the vector index holds {len(held)} of {len(wanted)} sentences"
    elif held != wanted:
        yield f"the vector index holds {len(held - wanted)} sentences that no document has"
    matrix = vectors.matrix()
    if {id.decode() for id in matrix.ids} != held:
        yield f"vectors.f32 holds {len(matrix)} of {len(held)} vectors"
    if matrix.crc and not matrix.sound:
        yield "vectors.f32 is not as it was written"
    lengths = np.sqrt((matrix.vectors**2).sum(axis=1)) if len(matrix) else np.ones(0)
    if odd := int((np.abs(lengths - 1) > 1e-3).sum()):
        yield f"{odd} vectors are damaged: their length is not 1"


def _tokens(tokens: TokenIndex, wanted: set[str]) -> Iterator[str]:
    held = tokens.ids()
    if len(held) != len(wanted):
        yield f"the token index holds {len(held)} of {len(wanted)} sentences"
    elif held != wanted:
        yield f"the token index holds {len(held - wanted)} sentences that no document has"
    if not tokens.as_written:
        yield "the token index is not as it was written"


def _words(words: Words, wanted: set[str]) -> Iterator[str]:
    try:
        held = words.passages()
    except ValueError as error:  # tantivy's, for a segment that it cannot read
        yield f"the word index cannot be read: {error}"
        return
    if len(held) != len(wanted) or len(words) != len(wanted):
        yield f"the word index holds {len(words)} of {len(wanted)} passages"
    elif held != wanted:
        yield f"the word index holds {len(held - wanted)} passages that no document has"
