"""`python -m ingest PATH ...` does what `footnote add PATH ...` does."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    # The one place where a lower layer hands over to the command line, and only as a program.
    import runpy

    sys.argv = ["footnote", "add", *sys.argv[1:]]
    runpy.run_module("ui.cli", run_name="__main__")
