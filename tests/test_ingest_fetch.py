"""What is fetched and what is not: only public addresses, checked at every hop, and only so much."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from corpus.errors import FootnoteError, Refused, TooMuch, Unreadable
from ingest import fetch as module
from ingest.fetch import fetch, is_public

PUBLIC = "93.184.215.14"
PAGE = b"<html><head><title>Tides</title></head><body><p>The tide rose by 2.5 metres.</p></body></html>"


def names(**known: str | list[str]) -> Callable[..., list[Any]]:
    """A resolver that knows these names; an address stands for itself."""

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        found = known.get(host.replace(".", "_"), host if host[:1].isdigit() or ":" in host else None)
        if found is None:
            raise socket.gaierror("unknown name")
        return [(0, 0, 0, "", (a, port)) for a in ([found] if isinstance(found, str) else found)]

    return resolve


def server(
    answer: Callable[[httpx.Request], httpx.Response], seen: list[httpx.Request] | None = None
) -> httpx.MockTransport:
    def handle(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        return answer(request)

    return httpx.MockTransport(handle)


def html(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=PAGE, headers={"content-type": "text/html; charset=utf-8"})


def test_a_public_page_is_fetched_from_the_address_that_was_checked() -> None:
    seen: list[httpx.Request] = []
    found = fetch("https://tides.example/a/today?d=1#top", names(tides_example=PUBLIC), server(html, seen))
    assert (found.url, found.name, found.data) == ("https://tides.example/a/today?d=1#top", "today.html", PAGE)
    assert (seen[0].url.host, seen[0].headers["host"]) == (PUBLIC, "tides.example")
    assert seen[0].extensions["sni_hostname"] == "tides.example"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
        "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "2001:0:53aa:64c:0:0:80ff:fffe", "ff02::1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_refused_by_letter_and_by_name(address: str) -> None:
    assert not is_public(address)
    host = f"[{address}]" if ":" in address else address
    for url in (f"http://{host}/", f"https://{host}/x.pdf"):
        with pytest.raises(Refused, match="no public address"):
            fetch(url, names(), server(html))
    with pytest.raises(Refused, match="no public address"):  # one bad address among good ones
        fetch("http://inside.example/", names(inside_example=[PUBLIC, address]), server(html))


@pytest.mark.parametrize("url", ["http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://localhost/"])
def test_other_ways_to_write_loopback_are_refused(url: str) -> None:
    with pytest.raises(FootnoteError, match="no public address"):
        fetch(url, lambda host, port, **_: [(0, 0, 0, "", ("127.0.0.1", port))], server(html))


def test_a_redirect_to_a_private_address_is_refused() -> None:
    def lead(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": "http://inside.example/secret"})

    resolve = names(out_example=PUBLIC, inside_example="10.0.0.7")
    with pytest.raises(Refused, match=r"inside\.example: it leads to 10\.0\.0\.7, which is no public address"):
        fetch("https://out.example/", resolve, server(lead))
    for location in ("file:///etc/passwd", "ftp://out.example/x", "gopher://out.example/", "http://out.example:22/"):
        with pytest.raises(Refused):
            fetch(
                "https://out.example/", resolve,
                server(lambda r, to=location: httpx.Response(301, headers={"location": to})),
            )  # fmt: skip


def test_a_name_that_changes_its_address_between_hops_is_checked_again() -> None:
    answers = iter([PUBLIC, "127.0.0.1"])

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        return [(0, 0, 0, "", (next(answers), port))]

    with pytest.raises(Refused, match=r"leads to 127\.0\.0\.1"):
        fetch("http://turn.example/", resolve, server(lambda r: httpx.Response(302, headers={"location": "/again"})))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("file:///etc/passwd", "only http and https"), ("ftp://a.example/", "only http and https"),
        ("http://u:p@a.example/", "user name or password"), ("http://a.example:8080/", "port 8080"),
        ("http:///x", "names no server"), ("http://a.example:99999/", "not an address"), ("http://[::1/", "not an address"),
    ],
)  # fmt: skip
def test_what_is_not_a_plain_web_address_is_refused_with_the_reason(url: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        fetch(url, names(a_example=PUBLIC), server(html))


def test_redirects_without_end_are_not_followed() -> None:
    with pytest.raises(Refused, match="leads on more than 5 times"):
        fetch(
            "http://a.example/0", names(a_example=PUBLIC),
            server(lambda r: httpx.Response(302, headers={"location": r.url.path + "0"})),
        )  # fmt: skip


class Endless(httpx.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        while True:
            yield bytes(1 << 20)


def test_a_body_without_end_is_left_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FILE", 5_000_000)
    kind = {"content-type": "application/pdf"}
    with pytest.raises(TooMuch, match="more than the limit of 5,000,000 bytes"):
        fetch(
            "http://a.example/",
            names(a_example=PUBLIC),
            server(lambda r: httpx.Response(200, stream=Endless(), headers=kind)),
        )
    with pytest.raises(TooMuch, match="6,000,000 bytes are more than the limit"):
        fetch(
            "http://a.example/",
            names(a_example=PUBLIC),
            server(lambda r: httpx.Response(200, stream=Endless(), headers=kind | {"content-length": "6000000"})),
        )
    with pytest.raises(TooMuch, match="not whole after 0 seconds"):
        fetch(
            "http://a.example/",
            names(a_example=PUBLIC),
            server(lambda r: httpx.Response(200, stream=Endless(), headers=kind)),
            seconds=0,
        )


@pytest.mark.parametrize(
    ("status", "kind", "says"),
    [
        (404, "text/html", "the server answers 404"),
        (200, "image/png", "calls it 'image/png'"),
        (200, "", "calls it 'nothing'"),
    ],
)
def test_an_answer_that_is_no_document_is_refused(status: int, kind: str, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        fetch(
            "http://a.example/x",
            names(a_example=PUBLIC),
            server(lambda r: httpx.Response(status, content=b"x", headers={"content-type": kind})),
        )


@pytest.mark.parametrize(
    ("path", "kind", "name"),
    [
        ("/r.pdf", "application/pdf", "r.pdf"), ("/r", "application/pdf", "r.pdf"), ("/", "text/html", "a.example.html"),
        ("/get.php", "text/csv", "get.php.csv"), ("/a.md", "text/plain", "a.md"), ("/x.docx", "application/octet-stream", "x.docx"),
        ("/..%2f..%2fetc%2fpasswd", "text/plain", "passwd.txt"), ("/%00%0a.html", "text/html", "html.html"),
    ],
)  # fmt: skip
def test_the_name_of_a_page_tells_its_format_and_is_no_path(path: str, kind: str, name: str) -> None:
    answer = server(lambda r: httpx.Response(200, content=b"x", headers={"content-type": kind}))
    assert fetch(f"http://a.example{path}", names(a_example=PUBLIC), answer).name == name


def test_a_name_that_nobody_knows_is_said_to_be_not_found() -> None:
    with pytest.raises(Unreadable, match="the server is not found"):
        fetch("http://nowhere.example/", names(), server(html))
