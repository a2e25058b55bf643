"""Mail by a real SMTP server on this machine: invitations, forgotten passwords, and what cannot be sent."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask
from people_made import PASSWORD, bearer, fill, form, signed_in
from sqlalchemy import text

from service import config, mail
from service.accounts import people, resets
from service.app import create_app
from service.config import Settings
from service.errors import ConfigurationInvalid

OWNER, CY = "owner@one.example", "cy@new.example"
NEW = "another way to Xiangyang"


class Box:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        found: int = opened.getsockname()[1]
        return found


@pytest.fixture
def server() -> Iterator[Controller]:
    made = Controller(Box(), hostname="127.0.0.1", port=free_port())
    made.start()
    yield made
    made.stop()


@pytest.fixture
def app(settings: Settings, server: Controller) -> Iterator[Flask]:
    url = f"smtp://127.0.0.1:{server.port}"
    made = create_app(replace(settings, smtp_url=url, mail_from="tanji@one.example"))
    with made.extensions["tanji"].database.session(write=True) as session:
        fill(session)
    yield made
    delivered(server)
    made.extensions["tanji"].database.dispose()


def delivered(server: Controller) -> list[EmailMessage]:
    """What has come, once nothing is on its way."""
    for one in [mail.soon(lambda: None) for _ in range(8)]:
        one.result(20)
    mail._beside().shutdown(wait=True)
    mail._beside.cache_clear()
    found: list[EmailMessage] = server.handler.messages
    return found


def link_in(message: EmailMessage) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/\S+)", message.get_content())
    assert found
    return found[1]


def forgotten(app: Flask, email: str) -> str:
    client = app.test_client()
    answer = client.post("/sign-in/forgotten", data={**form(client, "/sign-in/forgotten"), "email": email})
    assert answer.status_code == 200
    return answer.text


def test_a_forgotten_password_is_set_anew_once_and_all_sessions_end(app: Flask, server: Controller) -> None:
    before, _ = signed_in(app, OWNER)
    assert "/sign-in/forgotten" in app.test_client().get("/sign-in").text
    told = {forgotten(app, email) for email in (" Owner@One.example", "nobody@one.example", "no address")}
    assert len(told) == 1
    [message] = delivered(server)
    assert (message["To"], message["From"]) == (OWNER, "tanji@one.example")
    client, address = app.test_client(), link_in(message)
    sent = {**form(client, address), "new": NEW}
    assert client.post(address, data={**sent, "new": "short"}).status_code == 422
    assert client.post(address, data=sent).location == "/sign-in"
    assert before.get("/account").status_code == 303
    assert client.get(address).status_code == 404
    assert client.post(address, data={**sent, **form(client, "/sign-in")}).status_code == 404
    assert signed_in(app, OWNER)[1].status_code == 401
    assert signed_in(app, OWNER, NEW)[1].status_code == 303


def test_mails_speak_the_language_of_the_page(app: Flask, server: Controller) -> None:
    client = app.test_client()
    at = "/sign-in/forgotten?language=zh"
    client.post(at, data={**form(client, at), "email": OWNER})
    [message] = delivered(server)
    assert "重新设置" in message["Subject"]


def test_nobody_is_sent_more_than_a_few(app: Flask, server: Controller) -> None:
    for _ in range(resets.MOST + 2):
        forgotten(app, OWNER)
    assert len(delivered(server)) == resets.MOST


def test_an_invitation_goes_to_whom_it_is_for_and_is_not_shown(app: Flask, server: Controller) -> None:
    sent = {"email": CY, "role": "reader"}
    made = app.test_client().post("/api/v1/organisations/one/invitations", json=sent, headers=bearer(app, OWNER))
    assert (made.status_code, made.json["link"]) == (201, "")
    client, _ = signed_in(app, OWNER)
    page = "/organisations/one/people"
    shown = client.post(f"{page}/invitations", data={**form(client, page), **sent})
    assert shown.status_code == 201
    assert "/invitation/" not in shown.text
    first, second = delivered(server)
    assert first["To"] == second["To"] == CY
    guest, addresses = app.test_client(), {link_in(first), link_in(second)}
    assert sorted(guest.get(one).status_code for one in addresses) == [200, 404]  # the later one is good
    [address] = [one for one in addresses if guest.get(one).status_code == 200]
    assert guest.post(address, data={**form(guest, address), "password": PASSWORD}).status_code == 303


def test_a_refused_invitation_sends_nothing(app: Flask, server: Controller) -> None:
    sent = {"email": CY, "role": "king"}
    app.test_client().post("/api/v1/organisations/one/invitations", json=sent, headers=bearer(app, OWNER))
    assert delivered(server) == []


def test_resets_expire_and_all_of_them_end_with_the_first_that_is_used(app: Flask) -> None:
    now = datetime.now(UTC)
    database = app.extensions["tanji"].database
    with database.session(write=True) as session:
        tokens = []
        for at in (now - resets.VALID, now, now):
            found = resets.ask(session, OWNER, at)
            assert found
            tokens.append(found[1])
        with pytest.raises(resets.ResetEnded):
            resets.use(session, tokens[0], NEW, now)
        resets.use(session, tokens[1], NEW, now)
        with pytest.raises(resets.ResetEnded):
            resets.use(session, tokens[2], NEW, now)
        assert tokens[1] not in repr(session.execute(text("SELECT * FROM password_reset")).all())
        people.person(session, "editor@one.example").disabled = now
        session.flush()
        assert resets.ask(session, "editor@one.example", now + timedelta(hours=2)) is None


def test_without_a_server_nothing_is_sent_and_that_is_said(settings: Settings) -> None:
    made = create_app(settings)
    client = made.test_client()
    assert made.extensions["tanji"].mail.send(OWNER, "x", "y") is False
    assert "/sign-in/forgotten" not in client.get("/sign-in").text
    assert "No mail is sent from here" in client.get("/sign-in/forgotten").text
    made.extensions["tanji"].database.dispose()


# --- the server ------------------------------------------------------------------------------------


def smtp(server: Controller, **more: Any) -> mail.Smtp:
    return mail.Smtp("127.0.0.1", server.port, "tanji@one.example", **{"may_be_plain": True, **more})


def test_to_another_machine_nothing_goes_in_plain(server: Controller) -> None:
    assert not smtp(server, may_be_plain=False).send(OWNER, "x", "y")
    assert smtp(server).send(OWNER, "主题", "正文")
    [message] = delivered(server)
    assert (message["Subject"], message.get_content().strip()) == ("主题", "正文")


@pytest.mark.parametrize("to", ["a@b.example\r\nBcc: c@d.example", "", "<x>@y@z", "a b@c.example"])
def test_odd_addresses_get_nothing(to: str, server: Controller) -> None:
    assert not smtp(server).send(to, "x", "y")
    assert delivered(server) == []


def test_a_server_that_is_not_there_stops_nobody() -> None:
    assert not mail.Smtp("127.0.0.1", 1, "tanji@one.example", may_be_plain=True).send(OWNER, "x", "y")


def test_the_server_is_told_user_and_password() -> None:
    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        is_right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"bo", b"p@ss")
        return AuthResult(success=is_right, handled=False)

    made = Controller(Box(), hostname="127.0.0.1", port=free_port(), authenticator=check, auth_require_tls=False)
    made.start()
    try:
        assert smtp(made, user="bo", password="p@ss").send(OWNER, "x", "y")
        assert not smtp(made, user="bo", password="wrong").send(OWNER, "x", "y")
    finally:
        made.stop()


@dataclass(frozen=True)
class Certified:
    """A certificate for this machine, made by itself: it is its own authority."""

    certificate: Path
    key: Path

    @property
    def context(self) -> ssl.SSLContext:
        made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        made.load_cert_chain(self.certificate, self.key)
        return made


def certified(folder: Path, *addresses: str) -> Certified:
    folder.mkdir()
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(one)) for one in addresses])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
    made = builder.add_extension(names, critical=True).sign(key, hashes.SHA256())
    found = Certified(folder / "certificate.pem", folder / "key.pem")
    found.certificate.write_bytes(made.public_bytes(Encoding.PEM))
    found.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return found


class Listening(Box):
    """Keeps by which protocol each message came."""

    def __init__(self) -> None:
        super().__init__()
        self.spoken: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.spoken.append(server.transport.get_extra_info("ssl_object").version())
        return await super().handle_DATA(server, session, envelope)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_tls_is_spoken_with_a_server_whose_authority_is_trusted(scheme: str, tmp_path: Path) -> None:
    own, other = certified(tmp_path / "own", "127.0.0.1"), certified(tmp_path / "other", "127.0.0.1")
    tls = {"tls_context": own.context, "require_starttls": True} if scheme == "smtp" else {"ssl_context": own.context}
    made = Controller(Listening(), hostname="127.0.0.1", port=free_port(), **tls)
    made.start()
    try:
        given = {"TANJI_SMTP_URL": f"{scheme}://127.0.0.1:{made.port}", "TANJI_MAIL_FROM": "tanji@one.example"}
        for authority, is_taken in ((own, True), (other, False)):
            found = mail.of(config.load({**given, "TANJI_SMTP_AUTHORITY": str(authority.certificate)}))
            assert found.send(OWNER, "主题", "x") is is_taken
        [message] = made.handler.messages
        assert message["Subject"] == "主题"
        assert made.handler.spoken[0].startswith("TLSv1.")
    finally:
        made.stop()


def test_a_certificate_of_another_name_is_refused(tmp_path: Path) -> None:
    own = certified(tmp_path / "own", "127.0.0.9")
    made = Controller(Box(), hostname="127.0.0.1", port=free_port(), tls_context=own.context)
    made.start()
    try:
        assert not smtp(made, may_be_plain=False, authority=own.certificate).send(OWNER, "x", "y")
        assert made.handler.messages == []
    finally:
        made.stop()


def test_the_setting_is_read_and_wrong_ones_are_told_without_the_password() -> None:
    sender = {"TANJI_MAIL_FROM": "tanji@one.example"}
    found = mail.of(config.load({"TANJI_SMTP_URL": "smtps://bo:p%40ss@mail.example", **sender}))
    assert isinstance(found, mail.Smtp)
    assert (found.host, found.port, found.user, found.password) == ("mail.example", 465, "bo", "p@ss")
    assert (found.from_the_first, found.may_be_plain) == (True, False)
    assert "p@ss" not in repr(found)
    for url in ("http://bo:hush@mail.example", "smtp://bo:hush@", "smtp://bo:hush@h:x", "smtp://[hush", "hush"):
        with pytest.raises(ConfigurationInvalid) as caught:
            config.load({"TANJI_SMTP_URL": url, **sender})
        assert [item.where for item in caught.value.wrong] == ["TANJI_SMTP_URL"]
        assert "hush" not in str(caught.value)
    with pytest.raises(ConfigurationInvalid) as caught:
        config.load({"TANJI_SMTP_URL": "smtp://mail.example"})
    assert [item.where for item in caught.value.wrong] == ["TANJI_MAIL_FROM"]
