"""Keyword search (BM25) with tantivy, over the terms of every passage and of its document's title.

What a passage from the middle of a document is about often stands in the title alone. Terms that the passage holds too are left
out: counted twice they pushed the right passage down where titles are long (``docs/quality.md``).
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from typing import TYPE_CHECKING

import tantivy
from tantivy import Occur, Query

from index.terms import TERMS_VERSION, terms_of
from index.weights import question_weight

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from index.catalog import Catalog

HEAP_BYTES = 64_000_000
TITLE_WEIGHT = 2.0
"""Of a term in the title against one in the passage; chosen on domainrag_tune, with no loss on the other sets."""
GHOST_SHARE = 0.10
"""Removed passages count in the statistics of BM25 until their segment is merged: they make rare terms look common. Past this
share of the living, all are written anew."""
MARKER_ID = 0
"""Passage ids start at 1; this one holds what the keywords were last brought into step with."""


class KeywordIndex:
    """BM25 over passages. Reading is safe from many threads; :meth:`follow` wants the writer's lock."""

    def __init__(self, index: tantivy.Index, schema: tantivy.Schema) -> None:
        self._index = index
        self._schema = schema

    @classmethod
    def open(cls, folder: Path) -> KeywordIndex | None:
        """Open for reading; ``None`` where it is missing, damaged or of other terms."""
        schema = _schema()
        try:
            if not tantivy.Index.exists(str(folder)):
                return None
            opened = cls(tantivy.Index(schema, path=str(folder), reuse=True), schema)
            return opened if opened._marker() else None
        except (ValueError, OSError):
            return None

    @classmethod
    def create(cls, folder: Path | None) -> KeywordIndex:
        """Make an empty one in place of whatever is there; ``None`` makes it in memory."""
        schema = _schema()
        if folder is None:
            return cls(tantivy.Index(schema), schema)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return cls(tantivy.Index(schema, path=str(folder)), schema)

    @classmethod
    def mend(cls, folder: Path, catalog: Catalog) -> KeywordIndex:
        """Open and let follow the catalog; made anew where that fails, for not every damage shows when opening."""
        if keywords := cls.open(folder):
            try:
                keywords.follow(catalog)
            except (ValueError, OSError):
                del keywords  # it holds tantivy's lock
            else:
                return keywords
        keywords = cls.create(folder)
        keywords.follow(catalog)
        return keywords

    def last_id(self) -> int:
        """Return the highest passage id that these keywords have seen."""
        marker = self._marker()
        return int(marker["last_id"]) if marker else 0

    def _ghosts(self) -> int:
        """Return how many removed passages may still count in the statistics that scores are made of."""
        marker = self._marker()
        return marker.get("ghosts", 0) if marker else 0

    def is_current(self, catalog: Catalog) -> bool:
        """Tell whether the keywords have followed the catalog to its present state."""
        ids = catalog.passage_ids()
        return not catalog.removed_passages() and (not len(ids) or int(ids[-1]) <= self.last_id())

    def follow(self, catalog: Catalog) -> None:
        """Take up what was added to and removed from the catalog. Killed at any moment, it can be done again."""
        removed = catalog.removed_passages()
        last = known = self.last_id()
        ghosts = self._ghosts() + len(removed) + 1  # the marker of before is one as well
        is_anew = ghosts > GHOST_SHARE * catalog.counts()[1]
        if is_anew:
            last = known = ghosts = 0
        writer = self._index.writer(heap_size=HEAP_BYTES, num_threads=1)
        # a killed one may have left the very files that this commit is going to write, which tantivy refuses to overwrite
        writer.garbage_collect_files()
        # by query: deleting by term silently misses unsigned fields (tantivy 0.27)
        stale = Query.all_query() if is_anew else Query.term_set_query(self._schema, "passage", [MARKER_ID, *removed])
        writer.delete_documents_by_query(stale)
        titles = catalog.titles()
        for passage, document, text in catalog.passage_texts_above(known, removed):
            last = max(last, passage)
            terms = terms_of(text)
            held = frozenset(terms)
            added = tantivy.Document()
            added.add_unsigned("passage", passage)
            added.add_unsigned("document", document)
            added.add_text("terms", " ".join(terms))
            added.add_text("title", " ".join(term for term in terms_of(titles.get(document, "")) if term not in held))
            writer.add_document(added)
        marker = tantivy.Document()
        marker.add_unsigned("passage", MARKER_ID)
        marker.add_text("marker", json.dumps({"last_id": last, "terms": TERMS_VERSION, "ghosts": ghosts}))
        writer.add_document(marker)
        writer.commit()
        writer.wait_merging_threads()  # gives the lock back
        self._index.reload()
        if catalog.writable:
            with catalog.transaction():  # even with nothing to forget: a new generation is what readers look at
                catalog.forget_removed_passages(removed)

    def reload(self) -> None:
        """See what another process has written."""
        self._index.reload()

    def search(self, question: Sequence[str], top_k: int, documents: Sequence[int] | None = None) -> dict[int, float]:
        """Return the BM25 score of the ``top_k`` best passages, by id.

        :param question: the question's terms, with repetitions.
        :param documents: only passages of these document keys.
        """
        if not question:
            return {}
        query = self._any_term(question)
        if documents is not None:
            query = self._among("document", documents, query)
        return self._scores(query, top_k)

    def scores(self, question: Sequence[str], passage_ids: Sequence[int]) -> dict[int, float]:
        """Return the BM25 score of given passages, by id; one without any of the terms scores 0."""
        if not question or not passage_ids:
            return {}
        return self._scores(self._among("passage", passage_ids, self._any_term(question)), len(passage_ids))

    def document_frequency(self, term: str) -> int:
        """Return how many passages hold a term."""
        return self._index.searcher().doc_freq("terms", term)

    def _any_term(self, question: Sequence[str]) -> Query:
        clauses = []
        for term, times in Counter(question).items():
            for field, weight in (("terms", 1.0), ("title", TITLE_WEIGHT)):
                clause = Query.term_query(self._schema, field, term, index_option="freq")
                clauses.append((Occur.Should, Query.boost_query(clause, weight * times * question_weight(term))))
        return Query.boolean_query(clauses)

    def _among(self, field: str, keys: Sequence[int], query: Query) -> Query:
        only = Query.const_score_query(Query.term_set_query(self._schema, field, [int(k) for k in keys]), 0.0)
        return Query.boolean_query([(Occur.Must, only), (Occur.Should, query)])

    def _scores(self, query: Query, limit: int) -> dict[int, float]:
        searcher = self._index.searcher()
        hits = searcher.search(query, limit, count=False).hits
        ids = searcher.fast_field_values("passage", [address for _, address in hits])
        return {int(i): float(score) for i, (score, _) in zip(ids, hits, strict=True) if i}

    def _marker(self) -> dict[str, int] | None:
        searcher = self._index.searcher()
        hits = searcher.search(Query.term_query(self._schema, "passage", MARKER_ID), 1).hits
        if not hits:
            return None
        marker: dict[str, int] = json.loads(searcher.doc(hits[0][1])["marker"][0])
        return marker if marker["terms"] == TERMS_VERSION else None


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("passage", indexed=True, fast=True)
    builder.add_unsigned_field("document", indexed=True)
    builder.add_text_field("terms", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("title", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("marker", stored=True, tokenizer_name="raw")
    return builder.build()
