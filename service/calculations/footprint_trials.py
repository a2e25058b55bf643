"""Footprints that nobody stores: a model by one method or by several side by side, in one scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.metadata import version

from sqlmodel import Session

from factors.library import Library
from lca.background import Background
from lca.errors import UnknownDatabase
from lca.footprint import Footprint
from lca.inventories import SHIPPED
from lca.inventories import background as shipped_background
from lca.product_model import Model
from service.accounts.actions import Actor
from service.calculations import footprints
from service.calculations.footprints import Knowledge
from service.catalogue import actions as catalogue
from service.catalogue import inventories


@dataclass(frozen=True, slots=True)
class Trial:
    """What to compute: the method of the study first, those that stand beside it after; other values of parameters."""

    methods: Sequence[str]
    scenario: str = ""
    parameters: Mapping[str, float] = field(default_factory=dict)


def published(library: Library) -> Knowledge:
    """Return what supplies are found in where no organisation is acted for: nothing of anybody's own."""
    return Knowledge(library, background=_shipped)


def _shipped(name: str) -> Background:
    if name not in SHIPPED:
        raise UnknownDatabase(name, list(SHIPPED))
    return shipped_background(name)


def own(session: Session, actor: Actor, library: Library) -> Knowledge:
    """Return what supplies of the actor's organisation are found in; nothing is stored on the way."""

    @cache
    def background(name: str) -> Background:
        return inventories.looked_at(session, actor, name)

    return Knowledge(library, catalogue.overlay(session, actor, library), background)


def computed(model: Model, trial: Trial, knowledge: Knowledge, now: datetime) -> list[Footprint]:
    """Return the footprint of a model by each method, the study's own first; nothing is stored.

    Raises:
        UnknownScenario: the model has none of this name.
        As ``footprints.of_model``.
    """
    overrides = footprints.overrides_of(model, trial.scenario, trial.parameters)
    methods = tuple(dict.fromkeys(trial.methods))
    return [
        footprints.of_model(model, method, knowledge, now, version("tanji"), overrides=overrides) for method in methods
    ]
