"""The web application: settings in, a WSGI application out."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask
from flask_babel import Babel
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from service import config, db, http, i18n, logs, mail, pages, reference
from service.accounts import api as accounts
from service.accounts import floods, oauth, providers, sign_on_web
from service.accounts import web as people
from service.accounts.gate import Gate
from service.accounts.people import SESSION_DAYS
from service.activities import api as activities
from service.audit import api as audit
from service.audit import web as audit_log
from service.calculations import api as calculations
from service.calculations import footprint_api
from service.calculations import web as footprints
from service.catalogue import actions as catalogue
from service.catalogue import api as factors
from service.catalogue import lci_api
from service.catalogue import web as lci
from service.config import Settings
from service.errors import DatabaseOutdated
from service.exchange import api as exchange_api
from service.exchange import partners_api
from service.exchange import web as exchange
from service.exchange.pact import api as pact
from service.jobs import api as jobs
from service.products import api as products
from service.products import web as templates
from service.reports import api as reports
from service.secret_files import signing_secret
from service.suppliers import api as suppliers
from service.suppliers import web as supply
from service.webhooks import api as webhooks

BLUEPRINTS = (
    accounts.blueprint,
    accounts.people_of,
    accounts.invited,
    accounts.programs,
    activities.blueprint,
    activities.templates,
    factors.blueprint,
    factors.own,
    calculations.blueprint,
    calculations.base_years,
    lci_api.blueprint,
    products.offered,
    products.blueprint,
    footprint_api.trials,
    footprint_api.blueprint,
    exchange_api.blueprint,
    partners_api.blueprint,
    reports.blueprint,
    reports.verification,
    audit.blueprint,
    suppliers.blueprint,
    suppliers.linked,
    exchange_api.tracing,
    jobs.blueprint,
    jobs.started,
    webhooks.blueprint,
)
PAGES = (
    reference.blueprint,
    people.blueprint,
    sign_on_web.blueprint,
    audit_log.blueprint,
    oauth.blueprint,
    pages.blueprint,
    lci.blueprint,
    templates.blueprint,
    footprints.blueprint,
    exchange.blueprint,
    supply.blueprint,
    pact.blueprint,
)
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
# Beside the file itself a form carries boundaries and a few short fields.
FORM_OVERHEAD = 64 * 1024

FORM_BYTES = 8_000_000

API_DESCRIPTION = (
    "Greenhouse-gas accounting: activity data in, inventories and signed reports out; product models in, footprints "
    "out. Amounts are exact decimals, sent and received as text. Errors have the form of RFC 9457 with a stable "
    "`code`. `Factor-Library-Version` names the published factors that an answer knew. What changes carries an ETag; a "
    "change that says by `If-Match` what was read is refused (412) where somebody was faster. Within v1 fields and "
    "endpoints are added, never removed or changed in meaning."
)


def create_app(settings: Settings | None = None, database: db.Database | None = None) -> Flask:
    """Return the application for ``settings`` (the environment by default), the factor library loaded.

    Raises:
        ConfigurationInvalid: settings that cannot be.
        DatabaseOutdated: ``tanji init`` has not been run.
        LibraryInvalid: something is wrong with the factor files.
    """
    settings = settings or config.load()
    logs.configure(settings.log_level)
    database = database or db.connect(settings)
    try:
        database.check()
    except DatabaseOutdated:
        database.dispose()
        raise
    listed = providers.read(settings.oidc_providers)
    app = Flask("service", static_folder="static", template_folder="templates")
    app.config.from_mapping(_flask_settings(settings))
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["tanji"] = http.House(
        settings, database, catalogue.library(settings.cache), mail.of(settings), Gate(), listed
    )
    Babel(app, locale_selector=i18n.language, default_translation_directories=str(i18n.TRANSLATIONS))
    pages.equip(app)
    if settings.proxies:  # what stands in front says who asked; the scheme is gunicorn's to tell
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0)  # type: ignore[method-assign]
    http.install(app)
    floods.install(app, settings)  # whoever is refused is counted too
    http.guard(app)
    oauth.install(app)
    api = http.Api(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    reference.document(app, api)
    for page in PAGES:
        app.register_blueprint(page)
    # Programs are let in by a token that no browser sends by itself; the forms of pages carry one of their own.
    guard = CSRFProtect(app)
    for exempt in (*BLUEPRINTS, oauth.blueprint, pact.blueprint):
        guard.exempt(exempt)
    return app


def _flask_settings(settings: Settings) -> dict[str, object]:
    own = urlsplit(settings.base_url).hostname or ""
    return {
        "API_TITLE": "Tanji 碳迹",
        "API_VERSION": "1",
        "API_SPEC_OPTIONS": {"info": {"description": API_DESCRIPTION, "license": {"name": "Apache-2.0"}}},
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": "/api",
        "OPENAPI_JSON_PATH": "openapi.json",
        "MAX_CONTENT_LENGTH": settings.max_upload_bytes + FORM_OVERHEAD,
        # The form of a product's model carries its rows along.
        "MAX_FORM_MEMORY_SIZE": min(settings.max_upload_bytes, FORM_BYTES),
        # A page elsewhere that makes its own name point to 127.0.0.1 must not reach this service.
        "TRUSTED_HOSTS": [*LOOPBACK, own],
        "BABEL_DEFAULT_LOCALE": "en",
        "SECRET_KEY": signing_secret(settings),
        "SESSION_COOKIE_NAME": "__Host-tanji" if settings.is_secure else "tanji",
        "SESSION_COOKIE_SECURE": settings.is_secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(days=SESSION_DAYS),
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session
        "WTF_CSRF_SSL_STRICT": False,  # the origin is looked at for every request already
    }
