"""How the predictions fit the twelve invented letters and the real cases: the table of docs/fit.md.

    python benchmarks/fit_scores.py

California and Texas apart; with the items that got no prediction, intervals, and the rate of always giving the
commoner outcome. So few cases say little about accuracy: docs/fit.md says what each of them turned on.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent


def guidecheck(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "guidecheck", *words], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)


def rate(figure: dict[str, float] | None) -> str:
    return "none" if figure is None else f"{figure['value']:.0%} ({figure['low']:.0%} to {figure['high']:.0%})"


def row(name: str, group: dict[str, Any]) -> str:
    confusion = group["confusion"]
    right = confusion["predicted_upheld"]["upheld"] + confusion["predicted_overturned"]["overturned"]
    scored, items = group["scored"], group["items"]
    cells = [name, items, f"{scored} ({scored / items:.0%})", right, rate(group["accuracy"])]
    return f"| {' | '.join(map(str, [*cells, rate(group['majority_baseline'])]))} |"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        cases, letters = Path(folder, "cases.json"), Path(folder, "letters.json")
        flat = Path(folder, "letters.jsonl")
        guidecheck("letters", "read", str(HERE / "tests/letters/invented"), "--out", str(flat), "--flat")
        guidecheck("batch", str(flat), "--metrics", str(letters))
        guidecheck("batch", str(HERE / "examples/cases"), "--metrics", str(cases))
        of_letters, of_cases = json.loads(letters.read_text()), json.loads(cases.read_text())
    digest = of_cases["library"]["digest"].partition(":")[2][:12]
    today = datetime.now(UTC).date()
    print(f"{today}, rules {of_cases['library']['version']}, digest {digest}\n")
    print("| | Items | Predicted | Right | Accuracy | Always the commoner outcome |")
    print("|---|---|---|---|---|---|")
    print(row("Twelve invented letters, as the letter reader reads them", of_letters["overall"]))
    for name, group in of_cases["by"]["jurisdiction"].items():
        print(row(f"Real cases, {name.capitalize()}", group))


if __name__ == "__main__":
    main()
