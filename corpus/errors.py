"""Every error that Footnote raises on purpose.

    FootnoteError
      +- BadInput          what the caller gave cannot be used as it is (usage)
      |    +- BadSetting   an environment variable has a value that cannot be read
      |    +- Unreadable   a file cannot be read as a document
      |    |    +- TooMuch   it is more than a limit allows: size, pages, time, memory, unpacked bytes
      |    |    +- Locked    it is encrypted, and no password or a wrong one was given
      |    |    +- Refused   it is not fetched or opened for safety: an address, a path that climbs out
      |    +- BadBackup    a file is no whole backup of a library
      +- BadData           a file of figures, measures, sources or places contradicts itself
      +- LibraryError
      |    +- NoLibrary    there is no library in the folder
      |    +- LibraryBusy  another process is writing to it
      |    +- LibraryBroken the record itself is damaged
      |    +- UnknownSource the library holds no source of that id
      +- Unsupported       a statement or a quotation is not in its evidence
      +- ModelUnavailable  a language model was asked for and did not answer

Each message says what is wrong, with which value, and what to do next.
"""

import sys


class FootnoteError(Exception):
    """The root: catch this to catch everything that Footnote raises on purpose."""


class BadInput(FootnoteError):
    """What the caller gave cannot be used as it is."""


class BadSetting(BadInput):
    """An environment variable has a value that cannot be read."""


class Unreadable(BadInput):
    """A file cannot be read as a document."""


class TooMuch(Unreadable):
    """A document is more than a limit allows."""


class Locked(Unreadable):
    """A document is encrypted, and no password or a wrong one was given."""


class Refused(Unreadable):
    """A document is not fetched or opened, for safety."""


class BadBackup(BadInput):
    """A file is no whole backup of a library."""


class BadData(FootnoteError):
    """A file of figures, measures, sources or places contradicts itself."""


class LibraryError(FootnoteError):
    """The library on disk cannot be used."""


class NoLibrary(LibraryError):
    """There is no library in the folder."""


class LibraryBusy(LibraryError):
    """Another process is writing to the library."""


class LibraryBroken(LibraryError):
    """The record itself is damaged."""


class UnknownSource(LibraryError):
    """The library holds no source of that id."""


class Unsupported(FootnoteError):
    """A statement or a quotation is not in its evidence."""


class ModelUnavailable(FootnoteError):
    """A language model was asked for and did not answer."""


def storage_errors() -> tuple[type[Exception], ...]:
    """What the engines on disk raise when they cannot write or read; asked once one was raised."""
    found: list[type[Exception]] = [OSError, ValueError]  # tantivy raises ValueError
    for module, name in (("sqlite3", "Error"), ("sqlalchemy.exc", "DBAPIError"), ("chromadb.errors", "ChromaError")):
        if module in sys.modules:
            found.append(getattr(sys.modules[module], name))
    return tuple(found)


def panicked(error: BaseException) -> bool:
    """Whether an engine in Rust met what it holds to be impossible, such as a file that was cut off.

    Its class is outside Exception and cannot be imported.
    """
    return type(error).__name__ == "PanicException"
