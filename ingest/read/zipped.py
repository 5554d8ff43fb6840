"""Zip files opened with suspicion: office files, EPUB and archives are all of this kind.

The directory of a zip file says how large each entry will be, and may lie: entries are counted again as
they are unpacked.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from pathlib import PurePosixPath

from corpus.errors import Locked, Refused, TooMuch, Unreadable
from ingest.read.limits import LIMITS, Limits, within

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PART = 1 << 16
_SMALL = 1_000_000  # bytes below which a high ratio harms nobody


def open_zip(data: bytes, name: str, limits: Limits = LIMITS) -> zipfile.ZipFile:
    """The zip file in these bytes; raises Unreadable where it is none, TooMuch where it unpacks to too much."""
    if data.startswith(_OLE):
        raise Locked(
            f"{name}: an encrypted or old Office file; open it, take the password off, "
            "and save it as .docx, .xlsx or .pptx"
        )
    try:
        opened = zipfile.ZipFile(io.BytesIO(data))
        entries = opened.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, EOFError, UnicodeDecodeError) as error:
        raise Unreadable(f"{name}: not a whole zip file ({error}); save or download it again") from None
    within("entries", len(entries), limits.entries, name)
    within("unpacked bytes", sum(e.file_size for e in entries), limits.unpacked, name)
    for entry in entries:
        if entry.file_size > _SMALL and entry.file_size > limits.ratio * max(entry.compress_size, 1):
            times = entry.file_size // max(entry.compress_size, 1)
            raise TooMuch(
                f"{name}: {entry.filename!r} unpacks to {times:,} times its size, "
                f"more than the limit of {limits.ratio}; it is not opened"
            )
    return opened


def unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, limits: Limits = LIMITS) -> bytes:
    """The bytes of one entry; raises Locked for an encrypted one, TooMuch for one larger than it says."""
    if entry.flag_bits & 1:
        raise Locked(f"{name}: {entry.filename!r} is encrypted; unpack the archive and add its files")
    held = bytearray()
    try:
        with archive.open(entry) as stream:
            while part := stream.read(_PART):
                held += part
                if len(held) > min(entry.file_size, limits.unpacked):
                    raise TooMuch(f"{name}: {entry.filename!r} unpacks to more than it says; it is not opened")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise Unreadable(f"{name}: {entry.filename!r} cannot be unpacked ({error}); make the archive again") from None
    return bytes(held)


def unpacked_once(data: bytes, name: str, limits: Limits = LIMITS) -> None:
    """Raise TooMuch or Unreadable unless every entry unpacks to what the directory says.

    Libraries for office files open entries themselves; after this they meet no surprise.
    """
    archive = open_zip(data, name, limits)
    for entry in archive.infolist():
        if entry.flag_bits & 1:
            raise Locked(f"{name}: {entry.filename!r} is encrypted; save it without a password")
        try:
            with archive.open(entry) as stream:
                size = 0
                while part := stream.read(_PART):
                    size += len(part)
                    if size > entry.file_size:
                        raise TooMuch(f"{name}: {entry.filename!r} unpacks to more than it says; it is not opened")
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
            ValueError,
        ) as error:
            raise Unreadable(f"{name}: {entry.filename!r} cannot be unpacked ({error}); save it again") from None


def safe_name(entry: zipfile.ZipInfo, name: str) -> str:
    """The entry's name; raises Refused for a link, a device, or a name that climbs out of the archive."""
    said = entry.filename.replace("\\", "/")
    path = PurePosixPath(said)
    if path.is_absolute() or ".." in path.parts or ":" in said.split("/")[0] or "\0" in said:
        raise Refused(f"{name}: the entry {entry.filename!r} climbs out of the archive; it is left out")
    mode = entry.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Refused(f"{name}: the entry {entry.filename!r} is a link or a device; it is left out")
    return said
