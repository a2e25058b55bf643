"""A file that is no product model, or a model that no file holds, with every reason in both languages."""

from __future__ import annotations

from collections.abc import Sequence

from service.activities.loading import wrong
from service.activities.problems import Problem
from service.errors import SHOWN, InputInvalid


class ModelFileInvalid(InputInvalid):
    """A file that cannot be read or written as a product model; ``problems`` tells all of it in both languages."""

    code = "model-file-invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__([wrong(one) for one in self.problems[:SHOWN]])
