"""OAuth2 client credentials (RFC 6749, 4.4): the address at which programs get their tokens."""

from __future__ import annotations

import secrets
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, InvalidScopeError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue

from service import db
from service.accounts import clients
from service.accounts.models import ApiClient
from service.http import now

blueprint = Blueprint("oauth", __name__)
server = AuthorizationServer()


class Client(ClientMixin):  # type: ignore[misc]
    """A client as the library of the protocol asks about it."""

    def __init__(self, row: ApiClient) -> None:
        self.row = row

    def get_client_id(self) -> str:
        """Return its id."""
        return self.row.id

    def get_allowed_scope(self, scope: str | None) -> str:
        """Return what of the scopes asked for it may have; all of them where none is named."""
        held = self.row.scopes.split()
        return " ".join(one for one in held if not scope or one in scope.split())

    def check_client_secret(self, client_secret: str) -> bool:
        """Tell whether this is its secret."""
        return bool(clients.is_secret(self.row, client_secret, now()))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Tell whether it may say who it is in this way."""
        return endpoint == "token" and method in ("client_secret_basic", "client_secret_post")

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether it may get a token in this way."""
        return bool(grant_type == ClientCredentialsGrant.GRANT_TYPE)

    def check_response_type(self, response_type: str) -> bool:
        """Tell that nobody signs in through it."""
        del response_type
        return False


class Grant(ClientCredentialsGrant):  # type: ignore[misc]
    """The one way to a token here; a client says who it is by HTTP Basic or in the form."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")

    def validate_requested_scope(self) -> None:
        """Refuse scopes that the client does not have, rather than leave them out in silence.

        Raises:
            InvalidScopeError: one of them is not its own.
        """
        asked = self.request.payload.scope or ""
        if set(asked.split()) - set(self.request.client.row.scopes.split()):
            raise InvalidScopeError


@blueprint.post("/oauth/token")
def token() -> ResponseReturnValue:
    """Give a client a token."""
    response: ResponseReturnValue = server.create_token_response()
    return response


def install(app: Flask) -> None:
    """Make the server of tokens part of ``app``."""
    app.config["OAUTH2_SCOPES_SUPPORTED"] = None
    server.init_app(app, query_client=_query, save_token=_save)
    server.register_grant(Grant)
    server.register_token_generator("default", _token)


def _query(client_id: str) -> Client | None:
    row = db.session().get(ApiClient, client_id)
    return Client(row) if row and row.revoked is None else None


def _token(*, client: Client, scope: str, **_: Any) -> dict[str, Any]:
    granted = client.get_allowed_scope(scope)
    return {
        "token_type": "Bearer",
        "access_token": f"tanji_{secrets.token_urlsafe(32)}",
        "expires_in": clients.TOKEN_SECONDS,
        "scope": granted,
    }


def _save(token: dict[str, Any], request: Any) -> None:
    clients.let_in(db.session(), request.client.row, token["access_token"], token["scope"], now())
