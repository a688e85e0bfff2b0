"""Commands that each end as a process of their own, forked from one that has imported what they need.

Of a process's time most goes to its imports; what ends it (its streams, its exit status, what is flushed last) is
the same for a fork of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src"), "COLUMNS": "80"}
_PARENT = """
import importlib, json, os, sys
commands, modules = json.loads(sys.argv[1])
for module in modules:
    importlib.import_module(module)
from guidecheck.cli import run
ended = []
for arguments in commands:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.dup2(writing, 2)
        sys.argv[1:] = arguments
        run()
    os.close(writing)
    with open(reading, encoding="utf-8") as said:
        text = said.read()
    ended.append((os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text))
sys.stderr.write(json.dumps(ended))
sys.stderr.flush()
os._exit(0)
"""


def run_each(commands: Sequence[Sequence[str]], *modules: str, stdout: int | IO[bytes]) -> list[tuple[int, str]]:
    """Return each command's exit status and what it says on standard error.

    Args:
        commands: the words of each, without `guidecheck`.
        modules: what is imported before; nothing that starts threads, as DuckDB and Arrow do.
        stdout: the standard output of all of them.
    """
    done = subprocess.run(
        [sys.executable, "-c", _PARENT, json.dumps([commands, modules])],
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=120,
        check=True,
    )
    return [(status, said) for status, said in json.loads(done.stderr)]
