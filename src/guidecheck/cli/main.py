"""The `guidecheck` command, its exit statuses, and what happens to errors."""

from __future__ import annotations

import os
import signal
import sys
import traceback

import click

from guidecheck import __version__
from guidecheck.cli.lazy import LazyGroup
from guidecheck.cli.output import guard_streams
from guidecheck.errors import GuidecheckError

USAGE_ERROR = 2
OWN_FAULT = 70
INTERRUPTED = 130

TRACEBACK_VARIABLE = "GUIDECHECK_TRACEBACK"
"""Set to 1, it shows where a fault of guidecheck's own arose."""

_COMMANDS = {
    "batch": "guidecheck.cli.batch:batch",
    "check": "guidecheck.cli.check:check",
    "deadlines": "guidecheck.cli.deadlines:deadlines",
    "letter": "guidecheck.cli.letter:letter",
    "letters": "guidecheck.cli.letters:letters",
    "new": "guidecheck.cli.new:new",
    "rules": "guidecheck.cli.rules.group:rules",
    "schema": "guidecheck.cli.schema:schema",
}


@click.group(
    cls=LazyGroup,
    targets=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="guidecheck")
def main() -> None:
    """Predict how Independent Medical Review decides a disputed treatment, and say why.

    \b
    Examples:
        guidecheck check request.yaml          what a reviewer would miss
        guidecheck new exercise                a form to fill in
        guidecheck rules lint                  what is wrong with the rules

    It informs people; it never decides care. Not medical or legal advice.
    """


def run() -> None:
    """Run the command line and exit: 2 for a mistake of the caller's, 70 for one of guidecheck's own."""
    guard_streams()
    # As an exit that is unwound, so that no half-written file and no temporary folder stays behind.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        status = main.main(standalone_mode=False)
        sys.stdout.flush()
    except GuidecheckError as error:
        for finding in error.findings:
            click.echo(str(finding), err=True)
        status = USAGE_ERROR
    except click.exceptions.Exit as stop:
        status = stop.exit_code
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        status = INTERRUPTED
    except Exception as fault:
        # DuckDB wraps what ends a query in an error of its own.
        match fault.__cause__:
            case SystemExit(code=int(ended)):
                status = ended
            case KeyboardInterrupt():
                status = INTERRUPTED
            case _:
                _tell_own_fault(fault)
                status = OWN_FAULT
    sys.exit(status if isinstance(status, int) else 0)


def _tell_own_fault(fault: Exception) -> None:
    click.echo(f"guidecheck: a fault of its own: {type(fault).__name__}: {fault}", err=True)
    if os.environ.get(TRACEBACK_VARIABLE) == "1":
        traceback.print_exc()
    click.echo("Please report it with the command and, without names, the input.", err=True)
