"""A command group that loads a command's module only when the command is named."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """Starts each command with no more than it needs; `targets` are `module:command` by command name."""

    def __init__(self, *args: Any, targets: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.targets = targets

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of the help."""
        return list(self.targets)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load and return a command, or None where the group has none of the name."""
        target = self.targets.get(cmd_name)
        if target is None:
            return None
        module, name = target.split(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command
