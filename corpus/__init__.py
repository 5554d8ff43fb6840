"""What Footnote knows: sources, passages, measures and figures, and the library that holds them."""

from corpus.errors import FootnoteError
from corpus.figures import FigureTable
from corpus.types import Figure, Measure, Passage, Source

__all__ = ["Figure", "FigureTable", "FootnoteError", "Measure", "Passage", "Source"]
