"""How a question is answered: `Assistant.open().ask("...")` returns a checked Answer."""

import corpus as _corpus  # noqa: F401  # before numpy, whose threads it limits
from assistant.chain import Assistant
from assistant.types import Answer, Citation, Question, Statement

__all__ = ["Answer", "Assistant", "Citation", "Question", "Statement"]
