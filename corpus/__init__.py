"""What Footnote knows: sources, passages, measures and figures, and the library that holds them."""

import os

# numpy's threads spin while they wait for each other: beside two busy processes a question then takes ten times
# as long (docs/retrieval.md), and its products are too small to gain. Read by OpenBLAS when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from corpus.errors import FootnoteError
from corpus.figures import FigureTable
from corpus.types import Figure, Measure, Passage, Source

VERSION = "0.1.0"  # as pyproject.toml has it: asking the installed package for it costs 30 ms

__all__ = ["VERSION", "Figure", "FigureTable", "FootnoteError", "Measure", "Passage", "Source"]
