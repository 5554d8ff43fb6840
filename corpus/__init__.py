"""What Footnote knows: sources, passages, measures and figures, and the library that holds them."""

from corpus.errors import FootnoteError
from corpus.figures import FigureTable
from corpus.types import Figure, Measure, Passage, Source

VERSION = "0.1.0"  # as pyproject.toml has it: asking the installed package for it costs 30 ms

__all__ = ["VERSION", "Figure", "FigureTable", "FootnoteError", "Measure", "Passage", "Source"]
