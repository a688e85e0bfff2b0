"""What copies of a value take with them."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from typing import Any


class WithoutMemory:
    """Of a dataclass: a copy, and what another process is sent, has what it was made of and remembers nothing.

    What it has worked out knows its parts by their identity, and those of a copy are others.
    """

    def __getstate__(self) -> dict[str, Any]:
        """Return the state that `pickle` and `copy` take."""
        assert is_dataclass(self)
        state = {}
        for field in fields(self):
            if field.init:
                state[field.name] = getattr(self, field.name)
            elif field.default_factory is not MISSING:
                state[field.name] = field.default_factory()
        return state
