"""An OpenID provider in a process of its own: that of IdentityPython, certified as such; here it is given users.

    python tests/service/provider.py FOLDER PORT REDIRECT_URI

Its users and their passwords stand in ``FOLDER/users.json`` and ``FOLDER/passwords.json``.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

from flask import Flask, make_response, redirect, request
from idpyoidc.message.oauth2 import ResponseMessage
from idpyoidc.message.oidc import AccessTokenRequest, AuthorizationRequest
from idpyoidc.server import Server
from idpyoidc.server.configure import OPConfiguration
from idpyoidc.server.exception import FailedAuthentication
from werkzeug.serving import make_server

CLIENT, SECRET = "tanji", "known-to-provider-and-service-0123456789"
PAGE = '<form method="post" action="{{ action }}"><input name="token" value="{{ token }}"></form>'
NOBODY: dict[str, Any] = {"client_authn_method": None}
KEYS = [{"type": "RSA", "use": ["sig"]}, {"type": "EC", "crv": "P-256", "use": ["sig"]}]


def endpoint(path: str, name: str, **kwargs: Any) -> dict[str, Any]:
    return {"path": path, "class": f"idpyoidc.server.oidc.{name}", "kwargs": kwargs}


def configuration(folder: Path, issuer: str) -> dict[str, Any]:
    minted = {"authorization_code": {"supports_minting": ["access_token", "id_token"], "max_usage": 1}}
    login = {
        "acr": "urn:oasis:names:tc:SAML:2.0:ac:classes:InternetProtocolPassword",
        "class": "idpyoidc.server.user_authn.user.UserPassJinja2",
        "kwargs": {
            "verify_endpoint": "/verify",
            "template": "login.html",
            "db": {
                "class": "idpyoidc.server.util.JSONDictDB",
                "kwargs": {"filename": str(folder / "passwords.json")},
            },
        },
    }
    return {
        "issuer": issuer,
        "httpc_params": {"verify": False},
        "keys": {"key_defs": KEYS, "uri_path": "jwks"},
        "template_dir": str(folder),
        "subject_types_supported": ["public"],
        "scopes_supported": ["openid", "profile", "email"],
        "add_on": {
            "pkce": {
                "function": "idpyoidc.server.oauth2.add_on.pkce.add_support",
                "kwargs": {"essential": True, "code_challenge_method": "S256"},
            }
        },
        "authz": {
            "class": "idpyoidc.server.authz.AuthzHandling",
            "kwargs": {"grant_config": {"usage_rules": minted, "expires_in": 600}},
        },
        "authentication": {"user": login},
        "endpoint": {
            "provider_config": endpoint(
                ".well-known/openid-configuration", "provider_config.ProviderConfiguration", **NOBODY
            ),
            "authorization": endpoint("authorization", "authorization.Authorization", **NOBODY),
            "token": endpoint("token", "token.Token", client_authn_method=["client_secret_basic"]),
            "userinfo": endpoint("userinfo", "userinfo.UserInfo"),
        },
        "token_handler_args": {
            "key_conf": {"key_defs": [{"type": "OCT", "use": ["enc"], "kid": "code", "bytes": 24}]},
            "code": {"lifetime": 600},
            "token": {"class": "idpyoidc.server.token.jwt_token.JWTToken", "kwargs": {"lifetime": 600}},
            "id_token": {"class": "idpyoidc.server.token.id_token.IDToken", "kwargs": {}},
        },
        "userinfo": {
            "class": "idpyoidc.server.user_info.UserInfo",
            "kwargs": {"db_file": str(folder / "users.json")},
        },
    }


def application(folder: Path, issuer: str, redirect_uri: str) -> Flask:
    (folder / "login.html").write_text(PAGE)
    server = Server(OPConfiguration(configuration(folder, issuer), base_path=str(folder)), cwd=str(folder))
    context = server.context
    context.cdb[CLIENT] = {
        "client_id": CLIENT,
        "client_secret": SECRET,
        "redirect_uris": [(redirect_uri, {})],
        "response_types_supported": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "allowed_scopes": ["openid", "email", "profile"],
    }
    context.keyjar.add_symmetric(CLIENT, SECRET)
    app = Flask(__name__)

    def answered(place: Any, asked: Any, **told: Any) -> Any:
        info = place.do_response(request=asked, **told)
        is_body = info.get("response_placement", place.response_placement) == "body"
        made = make_response(info["response"], info.get("response_code", 200)) if is_body else redirect(
            info["response"]
        )  # fmt: skip
        for name, value in info["http_headers"]:
            made.headers[name] = value
        return made

    def served(name: str) -> Any:
        place = server.get_endpoint(name)
        sent = request.args.to_dict() if request.method == "GET" else request.form.to_dict()
        headers = {key.lower(): value for key, value in request.headers.items()}
        info = {"headers": headers, "method": request.method, "url": request.url, "cookie": []}
        try:
            asked = place.parse_request(sent, http_info=info)
            if not (isinstance(asked, ResponseMessage) and "error" in asked):
                asked = AccessTokenRequest(**asked) if name == "token" else asked
                told = place.process_request(asked, http_info=info)
                if "http_response" in told:
                    return make_response(told["http_response"])
                return answered(place, asked, **told)
        except Exception as error:  # noqa: BLE001  whatever the library refuses, it refuses to the client
            asked = ResponseMessage(error="invalid_request", error_description=str(error))
        print(asked.to_json(), file=sys.stderr, flush=True)
        return make_response(asked.to_json(), 400)

    app.add_url_rule("/.well-known/openid-configuration", view_func=lambda: served("provider_config"), endpoint="a")
    app.add_url_rule("/authorization", view_func=lambda: served("authorization"), endpoint="b")
    app.add_url_rule("/token", view_func=lambda: served("token"), methods=["POST"], endpoint="c")
    app.add_url_rule("/userinfo", view_func=lambda: served("userinfo"), endpoint="d")
    app.add_url_rule("/jwks", view_func=lambda: context.keyjar.export_jwks(), endpoint="e")

    @app.post("/verify")
    def verify() -> Any:
        method = context.authn_broker.get_method_by_id("user")
        try:
            user = method.verify(**request.form.to_dict())
        except FailedAuthentication:
            return "wrong", 403
        held = method.unpack_token(request.form["token"])
        asked = AuthorizationRequest().from_urlencoded(held["query"])
        place = server.get_endpoint("authorization")
        session = place.create_session(asked, user, held["authn_class_ref"], held["iat"], method)
        return answered(place, asked, **place.authz_part2(request=asked, session_id=session))

    return app


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    at = f"http://127.0.0.1:{sys.argv[2]}"
    made = application(Path(sys.argv[1]), at, sys.argv[3])
    make_server("127.0.0.1", int(sys.argv[2]), made, threaded=True).serve_forever()
