"""A file that is no product model, or a model that no file holds, with every reason in both languages."""

from __future__ import annotations

from collections.abc import Sequence

from lca.flaws import Flaw
from service.activities.loading import wrong
from service.activities.problems import Problem
from service.errors import SHOWN, InputInvalid, of_flaw


class ModelFileInvalid(InputInvalid):
    """A file that cannot be read or written as a product model; ``problems`` tells all of it in both languages.

    ``flaws`` are those of what could be read of it.
    """

    code = "model-file-invalid"

    def __init__(self, problems: Sequence[Problem], flaws: Sequence[Flaw] = ()) -> None:
        self.problems = tuple(problems)
        super().__init__([*map(wrong, self.problems[:SHOWN]), *map(of_flaw, flaws[:SHOWN])])
