"""`python -m ui` does what `footnote serve` does."""

import sys

from ui.cli import main

if __name__ == "__main__":
    main(["serve", *sys.argv[1:]])
