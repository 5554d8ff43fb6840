"""Fetching a public page: the address of every hop is checked, and the socket goes to the address that was.

A name that leads to this machine or its neighbours is refused, whether it says so, its DNS does, or a
redirect leads there; and so is everything that is not plain http(s), goes on for ever, or is no document.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from corpus.errors import Refused, TooMuch, Unreadable
from ingest.read import format_of, format_of_type, suffixes
from ingest.read.limits import MAX_FILE

if TYPE_CHECKING:
    import httpx

Resolve = Callable[..., list[Any]]
HOPS = 5
SECONDS = 60.0  # for all hops and the whole body
_PATIENCE = 15.0  # seconds for one answer of the network
_PORTS = (80, 443)
# Addresses that lead to others: they are global by the letter and can end anywhere.
_THROUGH = tuple(ipaddress.ip_network(n) for n in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))


@dataclass(frozen=True, slots=True)
class Fetched:
    """A body, the address that it came from in the end, and a name with the ending of its format."""

    url: str
    name: str
    data: bytes


def fetch(
    url: str, resolve: Resolve | None = None, transport: httpx.BaseTransport | None = None, seconds: float = SECONDS
) -> Fetched:
    """The document at a public address; raises Refused, TooMuch or Unreadable with the reason."""
    import httpx

    until = time.monotonic() + seconds
    asked = url
    for _hop in range(HOPS):
        parts = _parts(url)
        ip = _address(parts, resolve or socket.getaddrinfo)
        host = f"[{ip}]" if ":" in ip else ip
        pinned = parts._replace(netloc=host + (f":{parts.port}" if parts.port else ""), fragment="").geturl()
        headers = {"Host": parts.netloc, "Accept-Encoding": "gzip", "User-Agent": "footnote"}
        try:
            with (
                httpx.Client(transport=transport, timeout=_PATIENCE, trust_env=False) as client,
                client.stream(
                    "GET", pinned, headers=headers, extensions={"sni_hostname": parts.hostname or ""}
                ) as answer,
            ):
                if answer.is_redirect:
                    url = urljoin(url, answer.headers.get("location", ""))
                    continue
                if answer.status_code != 200:
                    raise Unreadable(f"{asked}: the server answers {answer.status_code}; open the address and check it")
                name = _name(parts, answer.headers.get("content-type", ""), asked)
                return Fetched(url, name, _body(answer, asked, until, seconds))
        except httpx.HTTPError as error:
            why = f"{type(error).__name__}: {error}".rstrip(": ")
            raise Unreadable(f"{asked}: cannot be fetched ({why}); check the address") from None
        except httpx.InvalidURL as error:
            raise Refused(f"{asked}: not an address ({error})") from None
    raise Refused(f"{asked}: it leads on more than {HOPS} times; give the address where it ends")


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(f"{url}: not an address ({error}); check it") from None
    if parts.scheme not in ("http", "https"):
        raise Refused(f"{url}: {parts.scheme or 'no'} scheme; only http and https addresses are fetched")
    if not parts.hostname or any(c.isspace() for c in url):
        raise Refused(f"{url}: names no server; check the address")
    if parts.username is not None or parts.password is not None:
        raise Refused(f"{parts.hostname}: an address with a user name or password is not fetched; leave them out")
    if port not in (None, *_PORTS):
        raise Refused(f"{url}: port {port}; only 80 and 443 are fetched")
    return parts


def _address(parts: SplitResult, resolve: Resolve) -> str:
    """The one address that is connected to; raises Refused unless all that the name leads to are public."""
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = {str(a[4][0]).partition("%")[0] for a in resolve(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        raise Unreadable(f"{host}: the server is not found ({error}); check the address") from None
    private = sorted(a for a in found if not is_public(a))
    if private or not found:
        says = private[0] if private else "nothing"
        raise Refused(f"{host}: it leads to {says}, which is no public address; save the page as a file and add that")
    return sorted(found, key=lambda a: (":" in a, a))[0]


def is_public(address: str) -> bool:
    """Whether an address is one of the public network and stands for no other."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and (ip.ipv4_mapped or any(ip in net for net in _THROUGH)):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not ip.is_unspecified


def _name(parts: SplitResult, kind: str, asked: str) -> str:
    """A name for messages and the id, with an ending that tells the format; never a path."""
    said = unquote(parts.path).rstrip("/").rpartition("/")[2] or parts.hostname or "page"
    said = re.sub(r"[^\w. -]+", "-", said)[:120].strip(". -") or "page"
    by_type, by_name = format_of_type(kind), format_of(said)
    plain = kind.partition(";")[0].strip().lower()
    if by_type is None and (by_name is None or plain not in ("", "application/octet-stream", "binary/octet-stream")):
        raise Unreadable(f"{asked}: the server calls it {plain or 'nothing'!r}; readable are {', '.join(suffixes())}")
    if by_type is None or by_type is by_name or (by_name is not None and by_type.name == "text"):
        return said
    return said + by_type.suffixes[0]


def _body(answer: httpx.Response, asked: str, until: float, seconds: float) -> bytes:
    said = answer.headers.get("content-length", "")
    if said.isdigit() and int(said) > MAX_FILE:
        raise TooMuch(
            f"{asked}: {int(said):,} bytes are more than the limit of {MAX_FILE:,}; add a part of it as a file"
        )
    body = bytearray()
    for part in answer.iter_bytes():
        body += part
        if len(body) > MAX_FILE:
            raise TooMuch(f"{asked}: more than the limit of {MAX_FILE:,} bytes; add a part of it as a file")
        if time.monotonic() > until:
            raise TooMuch(f"{asked}: not whole after {seconds:g} seconds; save it as a file and add that")
    return bytes(body)
