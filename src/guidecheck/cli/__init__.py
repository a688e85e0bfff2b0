"""The command line: one module a command group; the only part that prints and exits."""

from guidecheck.cli.main import run

__all__ = ["run"]
