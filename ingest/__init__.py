"""How documents get in: reading, splitting, embedding, writing the library."""

from ingest.build import Report, add_sources, create_library, open_library, remove_source

__all__ = ["Report", "add_sources", "create_library", "open_library", "remove_source"]
