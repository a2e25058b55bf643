"""The way out leads outside and nowhere else: every trick to reach the inside, and limits of time and size."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest

from service.errors import InputInvalid, ServiceError
from service.outside import MOST_BYTES, Answer, Nowhere, Outside, Unreachable

INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "2002:7f00:1::",  # 6to4 of 127.0.0.1
    "2002:a00:1::",
    "64:ff9b::7f00:1",  # NAT64 of 127.0.0.1
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
]
PUBLIC = ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"]


def names(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda _host, _port: addresses


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_inside_is_not_followed(address: str) -> None:
    for found in ((address,), ("8.8.8.8", address), (address, "8.8.8.8")):
        with pytest.raises(Unreachable, match="no public address"):
            Outside(resolve=names(*found), seconds=1).post("https://example.org/", b"", {})


@pytest.mark.parametrize("address", [one for one in INSIDE if "%" not in one])
def test_an_address_inside_is_not_written_down(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(InputInvalid):
        Outside().check(f"https://{host}/hook")


@pytest.mark.parametrize(
    "host",
    [
        *("2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.1", "017700000001", "0", "0x0"),
        *("2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "3232235777", "192.168.257", "127.0.0.1."),
    ],
)
def test_other_spellings_of_addresses_inside(host: str) -> None:
    """As the system's own resolver reads them: decimal, octal, hexadecimal, with parts left out."""
    with pytest.raises((InputInvalid, Unreachable)):
        Outside(seconds=1).post(f"https://{host}/", b"", {})


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    assert Outside().check(f"https://{host}/hook").path == "/hook"


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.org/", "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "//example.org/"),
        *("https://", "https:///x", "https://me@example.org/", "https://me:you@example.org/", "https://example.org/#x"),
        *("https://example.org:0/", "https://example.org:99999/", "https://example.org:x/", "https://[::1/", ""),
        *(
            "https://example.org/\r\nX: y",
            "https://example.org/ x",
            "https://example.org\\@127.0.0.1/",
            "https://é.org/",
        ),
        *("https://example.org/" + "x" * 2000, "https://127.0.0.1#@example.org/", "https://example.org\t/"),
    ],
)
def test_addresses_that_nothing_is_sent_to(url: str) -> None:
    with pytest.raises(InputInvalid):
        Outside().check(url)


def test_loopback_is_for_development_alone_and_nothing_else_goes_without_tls() -> None:
    own = Outside(loopback=True)
    assert own.check("http://127.0.0.1:9000/x").port == 9000
    assert own.check("https://[::1]/x").hostname == "::1"
    with pytest.raises(InputInvalid):
        own.check("http://8.8.8.8/")
    with pytest.raises(InputInvalid):
        own.check("http://10.0.0.1/")
    with pytest.raises(Unreachable, match="no public address"):
        Outside(loopback=True, resolve=names("8.8.8.8")).post("http://example.org/", b"", {})


def test_the_name_is_asked_for_once_and_the_connection_goes_where_it_was_judged() -> None:
    """DNS rebinding: the second answer would lead inside; nobody asks a second time."""
    with a_server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as (port, heard):
        asked: list[str] = []

        def rebinding(host: str, _: int) -> Sequence[str]:
            asked.append(host)
            return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

        own = Outside(loopback=True, resolve=rebinding)
        answer = own.post(f"http://rebinds.example:{port}/x?y=1", b"body", {"a-b": "c"})
    assert answer == Answer(200, "ok")
    assert asked == ["rebinds.example"]
    request = heard[0].decode()
    assert request.startswith("POST /x?y=1 HTTP/1.1\r\n")
    assert f"Host: rebinds.example:{port}\r\n" in request
    assert "a-b: c\r\n" in request


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with a_server(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n") as (port, heard):
        assert Outside(loopback=True).post(f"http://127.0.0.1:{port}/", b"", {}).status == 302
    assert len(heard) == 1


def test_a_long_answer_is_cut_off() -> None:
    size = MOST_BYTES * 3
    with a_server(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode() + b"x" * size) as (port, _):
        assert len(Outside(loopback=True).post(f"http://127.0.0.1:{port}/", b"", {}).body) == MOST_BYTES


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"])
def test_an_answer_that_drips_ends_in_time(start: bytes) -> None:
    with a_server(start, drip=True) as (port, _), pytest.raises(Unreachable):
        Outside(loopback=True, seconds=1).post(f"http://127.0.0.1:{port}/", b"", {})


def test_without_tls_or_without_a_listener_there_is_no_answer() -> None:
    with a_server(b"HTTP/1.1 200 OK\r\n\r\n") as (port, _), pytest.raises(Unreachable):
        Outside(loopback=True, seconds=5).post(f"https://127.0.0.1:{port}/", b"", {})
    with pytest.raises(Unreachable):
        Outside(loopback=True, seconds=5).post(f"http://127.0.0.1:{port}/", b"", {})


def test_what_is_no_http_is_no_answer() -> None:
    with a_server(b"SSH-2.0-OpenSSH_9.2\r\n") as (port, _), pytest.raises(Unreachable):
        Outside(loopback=True, seconds=5).post(f"http://127.0.0.1:{port}/", b"", {})


def test_a_name_that_nobody_knows() -> None:
    def unknown(*_: object) -> Sequence[str]:
        raise socket.gaierror(-2, "Name or service not known")

    for resolve in (unknown, names()):
        with pytest.raises(Unreachable):
            Outside(resolve=resolve).post("https://nobody.example/", b"", {})


def test_the_null_twin_keeps_what_would_be_sent() -> None:
    nowhere = Nowhere([Answer(500, "no"), Unreachable("x", "y")])
    assert nowhere.post("https://a.example/", b"1", {"k": "v"}).status == 500
    with pytest.raises(ServiceError):
        nowhere.post("https://a.example/", b"2", {})
    assert nowhere.post("https://a.example/", b"3", {}).status == 200
    assert [body for _, body, _ in nowhere.sent] == [b"1", b"2", b"3"]


@contextmanager
def a_server(answer: bytes, *, drip: bool = False) -> Iterator[tuple[int, list[bytes]]]:
    """A server of this machine that gives one answer, whole or drop by drop without end."""
    heard: list[bytes] = []
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(10)

        def serve() -> None:
            try:
                connection, _ = listening.accept()
                with connection:
                    connection.settimeout(5)
                    heard.append(connection.recv(65536))
                    connection.sendall(answer)
                    while drip and not over.wait(0.1):
                        connection.sendall(b"x")
            except OSError:
                return  # hung up on

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1], heard
        over.set()
        thread.join(20)
