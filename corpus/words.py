"""The word index: BM25 over passages in tantivy, stemmed. A cache of the catalog."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import tantivy

Row = tuple[str, str, str, str, str]  # passage id, source id, title, heading, body
_BOOST = {"title": 1.0, "heading": 1.0, "body": 1.0}
_TOKEN = re.compile(r"[^\W_]+(?:[.'\u2019-][^\W_]+)*", re.UNICODE)
STOP_WORDS = frozenset(
    "a an and are as at be been being but by can could did do does for from had has have he her his how i if in into "
    "is it its just me my no not of on or our s she should so some such than that the their them then there these "
    "they this those to too was we were what when where which who whom why will with would you your about "
    "tell say give show please".split()
)


class Words:
    """BM25 search over the passages of a library."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index = self._open()
        self._searcher = self._index.searcher()

    def _open(self) -> tantivy.Index:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw")
        builder.add_text_field("source", stored=True, tokenizer_name="raw")
        for name in _BOOST:
            builder.add_text_field(name, stored=False, tokenizer_name="en_stem")
        schema = builder.build()
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            return tantivy.Index(schema, path=str(self._folder))
        except (ValueError, OSError):  # damaged, or of another schema: a cache is made anew
            shutil.rmtree(self._folder)
            self._folder.mkdir(parents=True)
            return tantivy.Index(schema, path=str(self._folder))

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def refresh(self) -> None:
        """See what other processes have written."""
        self._index.reload()
        self._searcher = self._index.searcher()

    def rebuild(self, rows: Iterable[Row]) -> None:
        """These passages and no others, in one commit: no reader meets an empty index."""
        writer = self._index.writer(heap_size=50_000_000, num_threads=1)
        writer.delete_all_documents()
        for id, source, title, heading, body in rows:
            writer.add_document(tantivy.Document(id=id, source=source, title=title, heading=heading, body=body))
        writer.commit()
        writer.wait_merging_threads()
        self.refresh()

    def search(self, text: str, limit: int) -> list[tuple[str, float]]:
        """Passage ids with their BM25 scores, best first; ties by id, so that runs agree."""
        terms = [t.lower() for t in _TOKEN.findall(text)]
        kept = [t for t in terms if t not in STOP_WORDS] or terms
        if not kept:
            return []
        query = self._query(kept)
        found = self._searcher.search(query, limit).hits
        rows = [(str(self._searcher.doc(address)["id"][0]), float(score)) for score, address in found]
        return sorted(rows, key=lambda row: (-row[1], row[0]))

    def _query(self, terms: Sequence[str]) -> tantivy.Query:
        safe = " ".join(f'"{t}"' if not t.isalnum() else t for t in dict.fromkeys(terms))
        query, _errors = self._index.parse_query_lenient(safe, list(_BOOST), field_boosts=_BOOST)
        return query

    def frequency(self, term: str) -> int:
        """How many passages hold a word (stemmed)."""
        query, _errors = self._index.parse_query_lenient(f'"{term}"', list(_BOOST))
        return int(self._searcher.search(query, 1, count=True).count or 0)
