"""Who may do what: roles, verbs, scopes, and the rule of every address, each in one table.

A person has roles in organisations; an API client and a personal token are held to the roles that their scopes give.
Every address has a rule here, and one without is not answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from service.errors import N_

READER, REVIEWER, EDITOR, OWNER = "reader", "reviewer", "editor", "owner"
VERIFIER, INDEPENDENT = "verifier", "independent_reviewer"
SUPPLIER = "supplier"
"""Whoever holds the link of a request: answers it, and sees nothing else."""

PARTNER = "partner"
"""Another party's program, which exchanges footprints and sees nothing else."""

OPERATOR = "operator"
"""Runs the service: makes organisations and people, checks the audit log; on its own machine it acts for anyone."""

ROLES: Mapping[str, str] = MappingProxyType(
    {
        OWNER: N_("owner"),
        EDITOR: N_("editor"),
        REVIEWER: N_("reviewer"),
        READER: N_("reader"),
        VERIFIER: N_("verifier"),
        INDEPENDENT: N_("independent reviewer"),
    }
)
"""Roles that a person may have in an organisation; those of a certification body are the last two and its owner's."""

BODY_ROLES = frozenset({OWNER, VERIFIER, INDEPENDENT, READER})
COMPANY_ROLES = frozenset({OWNER, EDITOR, REVIEWER, READER})

IMPLIED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        OWNER: frozenset({OWNER, EDITOR, REVIEWER, READER}),
        EDITOR: frozenset({EDITOR, READER}),
        REVIEWER: frozenset({REVIEWER, READER}),
        VERIFIER: frozenset({VERIFIER, READER}),
        INDEPENDENT: frozenset({INDEPENDENT, READER}),
    }
)
"""Role -> the roles that whoever has it has too; a role that is not listed stands alone."""

CAPACITIES: Mapping[str, str] = MappingProxyType(
    {
        "manufacturer": N_("manufacturer"),
        "lead": N_("supply-chain lead"),
        "body": N_("certification body"),
        "curator": N_("association or curator"),
        "authority": N_("authority"),
        "park": N_("park"),
        "operator": N_("operator"),
    }
)
"""In what an organisation may stand; it may be several."""

READING = frozenset({READER, REVIEWER, EDITOR, OWNER, VERIFIER, INDEPENDENT, OPERATOR})
WRITING = frozenset({EDITOR, OWNER, OPERATOR})
DECIDING = frozenset({OWNER, OPERATOR})
VERBS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        N_("read"): READING,
        N_("submit"): WRITING,
        N_("correct"): WRITING,
        N_("attach evidence"): WRITING,
        N_("change sites"): WRITING,
        N_("submit instruments"): WRITING,
        N_("submit own factors"): WRITING,
        N_("import life-cycle inventories"): WRITING,
        N_("submit products"): WRITING,
        N_("run footprints"): WRITING,
        N_("close periods"): frozenset({OWNER, REVIEWER, OPERATOR}),
        N_("reopen periods"): frozenset({OWNER, REVIEWER, OPERATOR}),
        N_("run inventories"): WRITING,
        N_("issue reports"): WRITING,
        N_("publish footprints"): DECIDING,
        N_("manage partners"): DECIDING,
        N_("manage suppliers"): WRITING,
        N_("decide on suppliers' footprints"): frozenset({OWNER, REVIEWER, EDITOR, OPERATOR}),
        N_("answer requests"): frozenset({SUPPLIER, EDITOR, OWNER, OPERATOR}),
        N_("contribute to sector data"): DECIDING,
        N_("curate sector data"): WRITING,
        N_("release sector data"): DECIDING,
        N_("exchange footprints"): frozenset({PARTNER, EDITOR, OWNER, OPERATOR}),
        N_("change the organisation"): DECIDING,
        N_("manage people"): DECIDING,
        N_("export the audit log"): DECIDING,
        N_("manage webhooks"): DECIDING,
        N_("manage clients"): DECIDING,
        N_("create organisations"): frozenset({OPERATOR}),
        N_("check the audit log"): frozenset({OPERATOR}),
    }
)
"""Verb -> the roles that may do it; a role that is not listed may not."""

SCOPES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "read": frozenset({READER}),
        "write": frozenset({READER, EDITOR}),
        "decide": frozenset({READER, EDITOR, REVIEWER, OWNER}),
        "pact": frozenset({PARTNER}),
    }
)
"""Scope of a token -> the roles in which its holder may act, as far as the holder has them."""

SCOPES_TOLD: Mapping[str, str] = MappingProxyType(
    {
        "read": N_("see everything"),
        "write": N_("see everything and enter data"),
        "decide": N_("all that the person may do"),
        "pact": N_("exchange footprints, nothing else"),
    }
)
"""Scope of a token -> what a person reads where one is made."""

PUBLIC, SIGNED_IN = "", "sign in"

RULES: Mapping[str, str] = MappingProxyType(
    {
        # What anyone may know: the program, published factors, and whether a report is sound.
        "static": PUBLIC,
        "api-docs.openapi_json": PUBLIC,
        "reference.show": PUBLIC,
        "pages.health": PUBLIC,
        "pages.ready": PUBLIC,
        "factors.search": PUBLIC,
        "factors.match": PUBLIC,
        "factors.show": PUBLIC,
        "product-templates.listed": PUBLIC,
        "product-templates.template": PUBLIC,
        "product-templates.workbook": PUBLIC,
        "verification.verify": PUBLIC,
        "oauth.token": PUBLIC,
        # Other parties' hosts: who they are, and what they may see, the exchange itself asks.
        "pact.discovery": PUBLIC,
        "pact.token": PUBLIC,
        "pact.footprints": SIGNED_IN,
        "pact.footprint": SIGNED_IN,
        "pact.receive": SIGNED_IN,
        "pact.nothing": PUBLIC,
        "people.sign_in": PUBLIC,
        "people.enter_code": PUBLIC,
        "sign-on.begin": PUBLIC,
        "sign-on.done": PUBLIC,
        "sign-on.take_up": PUBLIC,
        "people.invitation": PUBLIC,
        "people.forgot": PUBLIC,
        "people.reset": PUBLIC,
        "people.sign_out": SIGNED_IN,
        "people.account": SIGNED_IN,
        "people.change_password": SIGNED_IN,
        "people.begin_second_factor": SIGNED_IN,
        "people.confirm_second_factor": SIGNED_IN,
        "people.turn_off_second_factor": SIGNED_IN,
        "people.end_session": SIGNED_IN,
        "people.make_token": SIGNED_IN,
        "people.revoke_token": SIGNED_IN,
        "pages.home": SIGNED_IN,
        "lci.listed": SIGNED_IN,
        "lci.show": SIGNED_IN,
        "lci.process": SIGNED_IN,
        "templates.listed": PUBLIC,
        "templates.workbook": PUBLIC,
        "activity-templates.workbook": PUBLIC,
        # What a model costs to compute is paid by somebody who is known; whose data it takes, the verb itself asks.
        "footprints.begin": SIGNED_IN,
        "footprints.upload": SIGNED_IN,
        "footprints.change": SIGNED_IN,
        "exchange.of_form": SIGNED_IN,
        "footprint-trials.compute": SIGNED_IN,
        "footprint-trials.compute_file": SIGNED_IN,
        # Whoever holds the link of a request answers it.
        "answers.asked": PUBLIC,
        "answers.state": PUBLIC,
        "answers.state_file": PUBLIC,
        "supply.answer": PUBLIC,
        "supply.table": PUBLIC,
        "supply.workbook": PUBLIC,
        # The house.
        "organisations.organisations": SIGNED_IN,
        "organisations.create": "create organisations",
        "audit.head": SIGNED_IN,
        # An organisation's own room.
        "organisations.show": "read",
        "organisations.change": "change the organisation",
        "members.members": "read",
        "members.put": "manage people",
        "members.end": "manage people",
        "people.members": "manage people",
        "people.invite": "manage people",
        "people.withdraw_invitation": "manage people",
        "invitations.listed": "manage people",
        "invitations.create": "manage people",
        "invitations.withdraw": "manage people",
        "clients.clients": "manage clients",
        "clients.create": "manage clients",
        "clients.rotate": "manage clients",
        "clients.revoke": "manage clients",
        "activities.sites": "read",
        "activities.put_site": "change sites",
        "activities.show_site": "read",
        "activities.data": "read",
        "activities.submit": "submit",
        "activities.submit_many": "submit",
        "activities.show": "read",
        "activities.correct": "correct",
        "activities.take_back": "correct",
        "activities.import_file": "submit",
        "activities.add_evidence": "attach evidence",
        "activities.evidence": "read",
        "activities.attach": "attach evidence",
        "activities.instruments": "read",
        "activities.show_instrument": "read",
        "activities.put_instrument": "submit instruments",
        "activities.products": "read",
        "activities.show_product": "read",
        "activities.put_product": "submit",
        "activities.exclusions": "read",
        "activities.show_exclusion": "read",
        "activities.put_exclusion": "submit",
        "activities.withdraw": "correct",
        "activities.periods": "read",
        "activities.close_period": "close periods",
        "activities.reopen_period": "reopen periods",
        "own-factors.own_factors": "read",
        "own-factors.submit": "submit own factors",
        "own-factors.match_own": "read",
        "own-factors.show_own": "read",
        "own-factors.withdraw": "submit own factors",
        "inventories.inventories": "read",
        "inventories.run": "run inventories",
        "inventories.rehearse": "read",
        "inventories.show": "read",
        "inventories.trace": "read",
        "inventories.recompute": "read",
        "product-footprints.reconcile": "read",
        "base years.note_change": "run inventories",
        "base years.changes": "read",
        "base years.test": "read",
        "life-cycle-inventories.listed": "read",
        "life-cycle-inventories.show": "read",
        "life-cycle-inventories.findings": "read",
        "life-cycle-inventories.processes": "read",
        "life-cycle-inventories.score": "read",
        "life-cycle-inventories.scores": "read",
        "life-cycle-inventories.export": "read",
        "life-cycle-inventories.withdraw": "import life-cycle inventories",
        "footprint-exchange.published": "read",
        "footprint-exchange.publish": "publish footprints",
        "footprint-exchange.deprecate": "publish footprints",
        "footprint-exchange.listed": "read",
        "footprint-exchange.show": "read",
        "footprint-exchange.connect": "manage partners",
        "footprint-exchange.disconnect": "manage partners",
        "footprint-exchange.request": "exchange footprints",
        "footprint-exchange.events": "read",
        "footprint-exchange.received_": "read",
        "footprint-exchange.take": "answer requests",
        "product-models.products": "read",
        "product-models.put": "submit products",
        "product-models.put_file": "submit products",
        "product-models.show": "read",
        "product-models.versions": "read",
        "product-footprints.compute_own": "read",
        "product-footprints.listed": "read",
        "product-footprints.run": "run footprints",
        "product-footprints.compare": "read",
        "product-footprints.show": "read",
        "product-footprints.snapshot": "read",
        "footprint-exports.export": "read",
        "suppliers.listed": "read",
        "suppliers.put_supplier": "manage suppliers",
        "suppliers.put_purchase": "manage suppliers",
        "suppliers.compare": "read",
        "suppliers.requested": "read",
        "suppliers.ask": "manage suppliers",
        "suppliers.renew": "manage suppliers",
        "suppliers.close": "manage suppliers",
        "suppliers.take": "answer requests",
        "suppliers.answer": "read",
        "suppliers.document": "read",
        "suppliers.accept": "decide on suppliers' footprints",
        "suppliers.reject": "decide on suppliers' footprints",
        "suppliers.accepted_ones": "read",
        "suppliers.withdraw": "decide on suppliers' footprints",
        "suppliers.give": "publish footprints",
        "supply.listed": "read",
        "supply.compare": "read",
        "supply.ask": "manage suppliers",
        "supply.renew": "manage suppliers",
        "supply.close": "manage suppliers",
        "supply.decide": "decide on suppliers' footprints",
        "supply.document": "read",
        "supply.withdraw": "decide on suppliers' footprints",
        "tracing.trace": "read",
        "tracing.impact": "read",
        "reports.issue": "issue reports",
        "reports.workbook": "read",
        "reports.snapshot": "read",
        "reports.charts": "read",
        # What a kind of work asks for, its verb asks.
        "jobs.listed": "read",
        "jobs.hand_in": "read",
        "jobs.show": "read",
        "jobs.cancel": "read",
        "jobs.report": "issue reports",
        "long work.portfolio": "read",
        "long work.monte_carlo": "read",
        "long work.import_lci": "import life-cycle inventories",
        "webhooks.listed": "manage webhooks",
        "webhooks.create": "manage webhooks",
        "webhooks.show": "manage webhooks",
        "webhooks.switch": "manage webhooks",
        "webhooks.deliveries": "manage webhooks",
        "webhooks.replay": "manage webhooks",
        "audit.entries": "read",
        "audit.proof": "read",
        "audit.export_": "export the audit log",
        "audit-log.export": "export the audit log",
        "pages.report": "issue reports",
        "footprints.listed": "read",
        "footprints.show": "read",
        "footprints.snapshot": "read",
        "footprints.compare": "read",
        "exchange.of_footprint": "read",
        "exchange.received": "read",
        "exchange.take": "answer requests",
        # Calls and releases are for everybody; of contributions the verb shows what is whose.
        "sector.collections": "read",
        "sector.open_collection": "curate sector data",
        "sector.collection": "read",
        "sector.contributions": "read",
        "sector.contribute": "contribute to sector data",
        "sector.withdraw": "contribute to sector data",
        "sector.decide": "curate sector data",
        "sector.releases": "read",
        "sector.release": "release sector data",
        "sector.dataset": "read",
        "sector.adopt": "submit own factors",
        "sector-pages.listed": "read",
        "sector-pages.show": "read",
        "sector-pages.contribute": "contribute to sector data",
        "sector-pages.withdraw": "contribute to sector data",
        "sector-pages.decide": "curate sector data",
        "sector-pages.release": "release sector data",
        "sector-pages.dataset": "read",
    }
)
"""Endpoint -> PUBLIC, SIGNED_IN, or the verb that whoever asks must be allowed for the organisation in the address."""
