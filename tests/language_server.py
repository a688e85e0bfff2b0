"""A client of `yaml-language-server`, which the YAML extension of VS Code runs: what it shows somebody who edits.

It comes from npm and is needed for these tests alone: GUIDECHECK_YAML_LANGUAGE_SERVER names its program, or a
folder into which `npm install --prefix FOLDER yaml-language-server` put it.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

VARIABLE = "GUIDECHECK_YAML_LANGUAGE_SERVER"
_PATIENCE = 60


def program() -> list[str] | None:
    """Return the command that starts the server, or None where there is none."""
    named = os.environ.get(VARIABLE)
    found = Path(named) if named else None
    if found is not None and found.is_dir():
        found = found / "node_modules" / ".bin" / "yaml-language-server"
    path = str(found) if found is not None and found.exists() else shutil.which("yaml-language-server")
    return [path, "--stdio"] if path and shutil.which("node") else None


class LanguageServer:
    """A running server; `schemas` are schema files with the patterns of the files that each is for."""

    def __init__(
        self, command: list[str], folder: Path, schemas: Mapping[Path, str | list[str]], version: str
    ) -> None:
        self._process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self._diagnostics: dict[str, queue.Queue[list[dict[str, Any]]]] = {}
        self._number = 0
        self._settings = {
            "schemas": {path.as_uri(): pattern for path, pattern in schemas.items()},
            "schemaStore": {"enable": False},
            "validate": True,
            "hover": True,
            "completion": True,
            "yamlVersion": version,
        }
        threading.Thread(target=self._read, daemon=True).start()
        root = folder.as_uri()
        self._ask(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": root,
                "workspaceFolders": [{"uri": root, "name": "rules"}],
                "capabilities": {"textDocument": {"hover": {"contentFormat": ["markdown"]}}},
            },
        )
        self._tell("initialized", {})
        self._tell("workspace/didChangeConfiguration", {"settings": {"yaml": self._settings}})
        first = next(iter(schemas.values()))
        pattern = first if isinstance(first, str) else first[0]
        self._wait(folder / pattern.replace("*", "probe"))

    def _wait(self, probe: Path) -> None:
        """Wait until the schemas are in use: until then any file is fine, and nothing is offered."""
        end = time.monotonic() + _PATIENCE
        while not self.underlined({probe: "no_such_key: 1\n"})[probe]:
            assert time.monotonic() < end, "the server takes no schema"

    def __enter__(self) -> LanguageServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait(_PATIENCE)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def open(self, path: Path, text: str) -> None:
        """Open a file with a text in it."""
        uri = path.as_uri()
        self._diagnostics[uri] = queue.Queue()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})

    def underlined(self, texts: Mapping[Path, str]) -> dict[Path, list[str]]:
        """Return what would be underlined in each of several files, as `line:column: message`, both from 1."""
        for path, text in texts.items():
            self.open(path, text)
        found = {path: self._diagnostics[path.as_uri()].get(timeout=_PATIENCE) for path in texts}
        for path in texts:
            self.close(path)
        return {
            path: [
                f"{one['range']['start']['line'] + 1}:{one['range']['start']['character'] + 1}: {one['message']}"
                for one in told
            ]
            for path, told in found.items()
        }

    def close(self, path: Path) -> None:
        """Close a file."""
        self._tell("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})

    def completions(self, path: Path, text: str, line: int, column: int) -> list[str]:
        """Return what is offered at a place (from 0) of a text."""
        self.open(path, text)
        answer = self._ask("textDocument/completion", self._place(path, line, column))
        self.close(path)
        return [item["label"] for item in (answer or {}).get("items", [])]

    def hover(self, path: Path, text: str, line: int, column: int) -> str:
        """Return what is shown over a place (from 0) of a text."""
        self.open(path, text)
        answer = self._ask("textDocument/hover", self._place(path, line, column))
        self.close(path)
        contents = (answer or {}).get("contents", "")
        return str(contents["value"] if isinstance(contents, dict) else contents)

    def _place(self, path: Path, line: int, column: int) -> dict[str, Any]:
        return {"textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": column}}

    def _ask(self, method: str, parameters: object) -> Any:
        self._number += 1
        self._send({"id": self._number, "method": method, "params": parameters})
        while True:
            answer = self._answers.get(timeout=_PATIENCE)
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                return answer.get("result")

    def _tell(self, method: str, parameters: object) -> None:
        self._send({"method": method, "params": parameters})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while True:
            try:
                head = stream.readline()
                if not head:
                    return
                length = int(head.split(b":")[1])
                while stream.readline().strip():
                    pass
                message = json.loads(stream.read(length))
            except ValueError:  # the stream was closed meanwhile
                return
            if message.get("method") == "textDocument/publishDiagnostics":
                heard = self._diagnostics.get(message["params"]["uri"])
                if heard is not None:
                    heard.put(message["params"]["diagnostics"])
            elif message.get("method") == "workspace/configuration":
                sections = [item.get("section") for item in message["params"]["items"]]
                answer = [self._settings if section == "yaml" else {} for section in sections]
                self._send({"id": message["id"], "result": answer})
            elif "method" in message and "id" in message:
                self._send({"id": message["id"], "result": None})
            elif "id" in message:
                self._answers.put(message)
