"""`python -m guidecheck`."""

from guidecheck.cli import run

run()
