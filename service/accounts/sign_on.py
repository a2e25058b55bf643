"""Single sign-on by OpenID Connect: an authorization code with PKCE, state and nonce, and an ID token that is checked.

Nothing is fetched from anywhere but the provider's own hosts, no redirect is followed, size and time are limited.
The provider decides how people prove who they are, with how many factors; here it is only asked whom it vouches for.
"""

from __future__ import annotations

import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import urllib3
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from urllib3.exceptions import HTTPError

from service import logs
from service.accounts.providers import Provider
from service.errors import N_, ServiceError
from service.i18n import Text

SECONDS, MOST_BYTES, CHUNK = 10.0, 512 * 1024, 16 * 1024
WITHIN_SECONDS = 600
"""How long somebody may take to sign in at the provider."""

LONGEST_NAME = 100
SKEW_SECONDS = 60
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures by a key that the provider alone has: not ``none``, and none by a secret that both sides know."""

KEY_TYPES = frozenset({"RSA", "EC", "OKP"})
DISCOVERY = "/.well-known/openid-configuration"

NOT_BEGUN = N_("it was not begun in this browser, or took too long: begin again")
REFUSED = N_("the provider answered '%(said)s'")
UNREACHABLE = N_("the provider does not answer as it should (%(place)s)")
ELSEWHERE = N_("the provider names an address that is not its own (%(place)s)")
UNPROVEN = N_("what the provider said cannot be verified")

log = logs.get("tanji.sign_on")


class SignOnFailed(ServiceError):
    """A provider vouched for nobody, or for somebody who may not come in."""

    code = "sign-on-failed"
    message = N_("signing in by the provider failed: %(reason)s")
    status = 401

    def __init__(self, reason: Text) -> None:
        super().__init__(reason=reason)


class Fetch(Protocol):
    """Something that asks a provider's host."""

    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> tuple[int, bytes]:
        """Return status and body of the answer.

        Raises:
            OSError: there is none.
        """


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that waits for its answer: what the browser keeps, signed, to hold the answer against."""

    provider: str
    state: str
    nonce: str
    verifier: str
    since: int
    wanted: str
    invitation: str = ""  # secret of the one that is taken up by it


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom a provider vouches for."""

    issuer: str
    subject: str
    email: str
    is_email_verified: bool
    name: str = ""


def fetch(method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> tuple[int, bytes]:
    """Ask a host, without following it anywhere.

    Raises:
        OSError: there is no answer, or one that is too long or takes too long.
    """
    deadline = time.monotonic() + SECONDS
    with urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(total=SECONDS)) as pool:
        try:
            sent = {"Accept": "application/json", "Accept-Encoding": "identity", **headers}
            answer = pool.request(method, url, body=body or None, headers=sent, redirect=False, preload_content=False)
            content = bytearray()
            for chunk in answer.stream(CHUNK, decode_content=False):
                content += chunk
                if len(content) > MOST_BYTES or time.monotonic() > deadline:
                    raise TimeoutError
        except HTTPError as error:
            raise OSError(type(error).__name__) from error
    return answer.status, bytes(content)


def begin(
    provider: Provider, ask: Fetch, redirect_uri: str, wanted: str, language: str, now: datetime, invitation: str = ""
) -> tuple[str, Begun]:
    """Return the provider's address at which somebody signs in, and what his browser keeps meanwhile.

    Raises:
        SignOnFailed: the provider does not say where that is.
    """
    metadata = _discovered(provider, ask)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    begun = Begun(provider.code, state, nonce, verifier, int(now.timestamp()), wanted, invitation)
    address = prepare_grant_uri(
        metadata["authorization_endpoint"], provider.client_id, "code", redirect_uri, "openid email profile",
        begun.state, nonce=begun.nonce, code_challenge=create_s256_code_challenge(begun.verifier),
        code_challenge_method="S256", ui_locales=language,
    )  # fmt: skip
    return str(address), begun


def finish(
    provider: Provider, ask: Fetch, begun: Begun | None, answer: Mapping[str, str], redirect_uri: str, now: datetime
) -> Vouched:
    """Return whom the provider vouches for by its ``answer``, which the browser brought along.

    Raises:
        SignOnFailed: for nobody, not in time, or not as this browser asked; or it cannot be verified.
    """
    is_begun = begun is not None and begun.provider == provider.code
    if begun is None or not is_begun or not 0 <= now.timestamp() - begun.since < WITHIN_SECONDS:
        raise SignOnFailed(Text(NOT_BEGUN))
    is_ours = hmac.compare_digest(answer.get("state", "").encode(), begun.state.encode())
    if not is_ours or answer.get("iss", provider.issuer) != provider.issuer:  # RFC 9207: not another provider's answer
        raise SignOnFailed(Text(NOT_BEGUN))
    if "code" not in answer:
        raise SignOnFailed(Text(REFUSED, said=answer.get("error", "-")[:80]))
    metadata = _discovered(provider, ask)
    token = _exchanged(provider, ask, metadata, answer["code"], begun.verifier, redirect_uri)
    claims = _verified(provider, ask, metadata, token, begun.nonce, now)
    if "email" not in claims:
        claims |= _told(provider, ask, metadata, token, claims["sub"])
    email, name = claims.get("email"), claims.get("name")
    return Vouched(
        issuer=provider.issuer,
        subject=claims["sub"],
        email=email if isinstance(email, str) else "",
        is_email_verified=claims.get("email_verified") is True,
        name=name.strip()[:LONGEST_NAME] if isinstance(name, str) and name.isprintable() else "",
    )


def _discovered(provider: Provider, ask: Fetch) -> dict[str, Any]:
    found = _asked(provider, ask, "GET", provider.issuer.rstrip("/") + DISCOVERY, {})
    if found.get("issuer") != provider.issuer:
        raise _unproven("issuer")
    for place in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not isinstance(found.get(place), str) or not provider.has(found[place]):
            raise SignOnFailed(Text(ELSEWHERE, place=place))
    return found


def _exchanged(
    provider: Provider, ask: Fetch, metadata: Mapping[str, Any], code: str, verifier: str, redirect_uri: str
) -> dict[str, Any]:
    """Return the tokens that the provider gives for a code."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if "client_secret_basic" in metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
        pair = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
        headers |= urllib3.make_headers(basic_auth=pair)
    else:
        form |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
    return _asked(provider, ask, "POST", metadata["token_endpoint"], headers, urlencode(form).encode())


def _verified(
    provider: Provider, ask: Fetch, metadata: Mapping[str, Any], token: Mapping[str, Any], nonce: str, now: datetime
) -> dict[str, Any]:
    """Return the claims of an ID token whose signature, issuer, audience, times and nonce are right."""
    listed = _asked(provider, ask, "GET", metadata["jwks_uri"], {}).get("keys", [])
    options = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
    }
    asked = {"nonce": nonce, "client_id": provider.client_id, "access_token": token.get("access_token", "")}
    try:
        usable = [one for one in listed if one.get("kty") in KEY_TYPES and one.get("use", "sig") == "sig"]
        read = jwt.decode(str(token["id_token"]), KeySet.import_key_set({"keys": usable}), algorithms=[*ALGORITHMS])
        claims = CodeIDToken(read.claims, read.header, options, asked)
        claims.validate(now=int(now.timestamp()), leeway=SKEW_SECONDS)
        subject = claims["sub"]
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unproven(type(error).__name__) from error
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:  # as the specification says
        raise _unproven("sub")
    return dict(claims)


def _told(
    provider: Provider, ask: Fetch, metadata: Mapping[str, Any], token: Mapping[str, Any], subject: str
) -> dict[str, Any]:
    """Return what the provider tells of somebody beside the token: many keep the e-mail address out of it."""
    place = metadata.get("userinfo_endpoint")
    if place is None:
        return {}
    if not isinstance(place, str) or not provider.has(place):
        raise SignOnFailed(Text(ELSEWHERE, place="userinfo_endpoint"))
    found = _asked(provider, ask, "GET", place, {"Authorization": f"Bearer {token.get('access_token', '')}"})
    if found.get("sub") != subject:
        raise _unproven("userinfo")
    return {name: found[name] for name in ("email", "email_verified", "name") if name in found}


def _asked(
    provider: Provider, ask: Fetch, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
) -> dict[str, Any]:
    place = url.removeprefix(provider.issuer)[:80]
    try:
        status, content = ask(method, url, headers, body)
        found = json.loads(content)
    except (OSError, ValueError, RecursionError) as error:
        log.warning("provider", provider=provider.code, place=place, error=type(error).__name__)
        raise SignOnFailed(Text(UNREACHABLE, place=place)) from error
    if status != 200 or not isinstance(found, dict):
        log.warning("provider", provider=provider.code, place=place, status=status)
        raise SignOnFailed(Text(UNREACHABLE, place=place))
    return found


def _unproven(what: str) -> SignOnFailed:
    log.warning("provider", unproven=what)
    return SignOnFailed(Text(UNPROVEN))
