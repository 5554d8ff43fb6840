"""The word index: BM25 over passages in tantivy, stemmed. A cache of the catalog."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import tantivy

from corpus.errors import panicked
from corpus.stamps import contents
from corpus.whole import synced

Row = tuple[str, str, str, str, str, Sequence[str]]  # passage id, source id, title, heading, body, codes of places
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
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw")
        for name in ("source", "places"):
            builder.add_text_field(name, stored=False, tokenizer_name="raw")
        for name in _BOOST:
            builder.add_text_field(name, stored=False, tokenizer_name="en_stem")
        self._schema = builder.build()
        self._lock = threading.Lock()
        self._filters: dict[tuple[frozenset[str] | None, frozenset[str] | None], frozenset[str]] = {}
        self._index = self._open()
        self._searcher = self._index.searcher()

    def _open(self) -> tantivy.Index:
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            return tantivy.Index(self._schema, path=str(self._folder))
        except BaseException as error:  # damaged, or of another schema: a cache is made anew
            if not isinstance(error, ValueError | OSError) and not panicked(error):
                raise
            shutil.rmtree(self._folder)
            self._folder.mkdir(parents=True)
            return tantivy.Index(self._schema, path=str(self._folder))

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def refresh(self) -> None:
        """See what other processes have written."""
        with self._lock:
            self._index.reload()
            self._searcher = self._index.searcher()
            self._filters.clear()

    def clear(self) -> None:
        """Nothing left, not even a file that may be damaged."""
        with self._lock:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._index = self._open()
            self._searcher = self._index.searcher()
            self._filters.clear()

    def contents(self) -> dict[str, tuple[int, int]]:
        """The size and the checksum of each file of the index, once all are on the disk."""
        synced(self._folder, deep=True)
        return contents(self._folder)

    def rebuild(self, rows: Iterable[Row]) -> None:
        """These passages and no others, in one commit: no reader meets an empty index."""
        self._write(rows, anew=True)

    def add(self, rows: Iterable[Row]) -> None:
        """More passages, in one commit that costs what they cost; none of them may be here already.

        There is no removing of some: what is deleted from a segment stays in its bytes until tantivy
        merges it, and a document that was taken out is to leave no trace.
        """
        self._write(rows, anew=False)

    def _write(self, rows: Iterable[Row], anew: bool) -> None:
        writer = self._index.writer(heap_size=50_000_000, num_threads=1)
        if anew:
            writer.delete_all_documents()
        for id, source, title, heading, body, places in rows:
            document = tantivy.Document(id=id, source=source, title=title, heading=heading, body=body)
            for code in places:
                document.add_text("places", code)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self.refresh()

    def search(
        self, text: str, limit: int, sources: Collection[str] | None = None, places: Collection[str] | None = None
    ) -> list[tuple[str, float]]:  # fmt: skip
        """Passage ids with their BM25 scores, best first; ties by id, so that runs agree.

        `sources` are the ids of the documents to search, `places` the codes of which a passage names
        one; None is no condition. A filter leaves the scores as they are.
        """
        terms = [t.lower() for t in _TOKEN.findall(text)]
        kept = [t for t in terms if t not in STOP_WORDS] or terms
        if not kept:
            return []
        query = self._query(kept)
        if sources is not None or places is not None:
            asked = (tantivy.Occur.Must, query)
            only = (tantivy.Occur.Must, tantivy.Query.const_score_query(self._filter(sources, places), 0.0))
            query = tantivy.Query.boolean_query([asked, only])
        found = self._searcher.search(query, limit).hits
        rows = [(str(self._searcher.doc(address)["id"][0]), float(score)) for score, address in found]
        return sorted(rows, key=lambda row: (-row[1], row[0]))

    def passages(
        self, sources: Collection[str] | None = None, places: Collection[str] | None = None
    ) -> frozenset[str]:  # fmt: skip
        """The ids of all passages of these documents that name one of these places; kept for the next question."""
        key = None if sources is None else frozenset(sources), None if places is None else frozenset(places)
        with self._lock:
            searcher = self._searcher
            if (held := self._filters.get(key)) is not None:
                return held
        query = self._filter(*key)
        found = searcher.search(query, max(searcher.num_docs, 1)).hits
        ids = frozenset(str(searcher.doc(address)["id"][0]) for _score, address in found)
        with self._lock:
            if len(self._filters) > 64:
                self._filters.clear()
            return self._filters.setdefault(key, ids)

    def _filter(self, sources: Collection[str] | None, places: Collection[str] | None) -> tantivy.Query:
        wanted = [(tantivy.Occur.Must, tantivy.Query.all_query())]
        for name, values in (("source", sources), ("places", places)):
            if values is not None:
                one = tantivy.Query.term_set_query(self._schema, name, sorted(values))
                wanted.append((tantivy.Occur.Must, one if values else tantivy.Query.empty_query()))
        return tantivy.Query.boolean_query(wanted)

    def _query(self, terms: Sequence[str]) -> tantivy.Query:
        safe = " ".join(f'"{t}"' if not t.isalnum() else t for t in dict.fromkeys(terms))
        query, _errors = self._index.parse_query_lenient(safe, list(_BOOST), field_boosts=_BOOST)
        return query

    def frequency(self, term: str) -> int:
        """How many passages hold a word (stemmed)."""
        query, _errors = self._index.parse_query_lenient(f'"{term}"', list(_BOOST))
        return int(self._searcher.search(query, 1, count=True).count or 0)
