"""Who may send documents: the page itself, under a name that is this computer's."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

MARK = "x-footnote-file"  # a header that no form can send: another site's script would have to ask first
Names = frozenset[str]


def allowed(setting: str, host: str) -> Names | None:
    """The names under which the page takes documents, or None where it takes none.

    `setting` is "on", "off", names with commas between them, or empty: then uploads are on where the page is
    served to this computer alone, since the page asks nobody who they are.
    """
    said = setting.strip().lower()
    if said == "off" or (not said and not loopback(host)):
        return None
    more = [] if said in ("", "on") else [n.strip() for n in said.split(",")]
    return frozenset({"localhost", socket.gethostname().lower(), *more} - {""})


def loopback(host: str) -> bool:
    """Whether an address is served to this computer alone."""
    try:
        return host.lower() == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def foreign(headers: Mapping[str, str], names: Names) -> str:
    """Why a request does not come from the page itself; empty where it does.

    A name that is not ours would be another site's whose address was changed to ours (DNS rebinding); a number
    cannot be changed so.
    """
    host = headers.get("host", "")
    name = (urlsplit(f"//{host}").hostname or "").lower()
    if name not in names and not numeric(name):
        return f"documents are not taken under the name {name[:80]!r}; see the setting FOOTNOTE_UPLOADS"
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
        return "documents are taken from this page only, not from another site"
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return "documents are taken from this page only, not from another site"
    return "" if MARK in headers else "documents are taken from this page only"


def numeric(name: str) -> bool:
    """Whether a host is an address in numbers."""
    try:
        return bool(ipaddress.ip_address(name))
    except ValueError:
        return False
