"""Providers of single sign-on (OpenID Connect): who they are, as the file of ``TANJI_OIDC_PROVIDERS`` lists them.

- code: works
  name_zh: 公司账号
  name_en: Company account
  issuer: https://login.example.com/realms/works
  client_id: tanji
  client_secret_file: /run/secrets/tanji-oidc
  hosts: [keys.example.com]  # only where the provider answers at other hosts than its issuer's
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from factors.strict_yaml import StrictLoader
from service.config import is_loopback
from service.errors import N_, ConfigurationInvalid
from service.i18n import Text

VARIABLE = "TANJI_OIDC_PROVIDERS"
NEEDED = ("code", "name_zh", "name_en", "issuer", "client_id", "client_secret_file")
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")

NOT_A_LIST = N_("'%(file)s' is no YAML list of providers")
UNKNOWN_KEY = N_("provider %(number)s: '%(key)s' is nothing that is said of one; there are: %(choices)s")
KEY_MISSING = N_("provider %(number)s: '%(key)s' is missing, or no text")
WRONG_CODE = N_("provider %(number)s: '%(value)s' is no code, or another one's: small letters, digits and '-'")
WRONG_ISSUER = N_("provider %(number)s: '%(value)s' is no https address; http is for this machine alone")
WRONG_HOSTS = N_("provider %(number)s: 'hosts' is no list of names of hosts")
NO_SECRET = N_("provider %(number)s: there is no secret in the file '%(value)s'")


@dataclass(frozen=True, slots=True)
class Provider:
    """Somebody who vouches for people: where, and who this service is there."""

    code: str
    name_zh: str
    name_en: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    hosts: frozenset[str] = frozenset()

    def has(self, url: str) -> bool:
        """Tell whether an address is one of the provider's, of the issuer's scheme."""
        try:
            parts, own = urlsplit(url), urlsplit(self.issuer)
            is_at_issuer = (parts.hostname, parts.port) == (own.hostname, own.port)
        except ValueError:
            return False
        is_plain = bool(parts.hostname) and "@" not in parts.netloc and "\\" not in url
        return is_plain and parts.scheme == own.scheme and (is_at_issuer or parts.hostname in self.hosts)


def read(path: Path | None) -> tuple[Provider, ...]:
    """Return the providers of a file, none without one.

    Raises:
        ConfigurationInvalid: everything that is wrong with it.
    """
    if path is None:
        return ()
    try:
        listed = yaml.load(path.read_text(encoding="utf-8"), StrictLoader)  # noqa: S506  a safe one
    except (yaml.YAMLError, UnicodeDecodeError):
        listed = None
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise ConfigurationInvalid([(VARIABLE, Text(NOT_A_LIST, file=path))])
    problems: list[tuple[str, Text]] = []
    found: list[Provider] = []
    for number, said in enumerate(listed, 1):
        wrong = [Text(message, number=number, **told) for message, told in _wrong(said, {one.code for one in found})]
        problems += [(VARIABLE, text) for text in wrong]
        if not wrong:
            kept = {name: said[name] for name in NEEDED if name != "client_secret_file"}
            hosts = frozenset(name.lower() for name in said.get("hosts", ()))
            found.append(Provider(**kept, client_secret=_secret(said["client_secret_file"]), hosts=hosts))
    if problems:
        raise ConfigurationInvalid(problems)
    return tuple(found)


def _wrong(said: Mapping[Any, Any], taken: set[str]) -> Iterator[tuple[str, dict[str, object]]]:
    for key in said:
        if key not in (*NEEDED, "hosts"):
            yield UNKNOWN_KEY, {"key": key, "choices": ", ".join((*NEEDED, "hosts"))}
    missing = [key for key in NEEDED if not isinstance(said.get(key), str) or not said[key].strip()]
    for key in missing:
        yield KEY_MISSING, {"key": key}
    if "code" not in missing and (not CODE.fullmatch(said["code"]) or said["code"] in taken):
        yield WRONG_CODE, {"value": said["code"]}
    if "issuer" not in missing and not _is_issuer(said["issuer"]):
        yield WRONG_ISSUER, {"value": said["issuer"]}
    if "client_secret_file" not in missing and not _secret(said["client_secret_file"]):
        yield NO_SECRET, {"value": said["client_secret_file"]}
    hosts = said.get("hosts", [])
    if not isinstance(hosts, list) or not all(isinstance(one, str) for one in hosts):
        yield WRONG_HOSTS, {}


def _is_issuer(value: str) -> bool:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return False
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    return is_safe and bool(parts.hostname) and not ("@" in parts.netloc or parts.query or parts.fragment)


def _secret(file: str) -> str:
    path = Path(file)
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""
