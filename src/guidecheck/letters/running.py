"""Reading many letters, on several processes, in the order of their names; nothing is lost."""

from __future__ import annotations

import gc
import multiprocessing
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from guidecheck.errors import GuidecheckError, Location, fault
from guidecheck.letters.case_form import case_data, details_data
from guidecheck.letters.corrections import Corrections, apply_corrections
from guidecheck.letters.reading import LetterReader, NotReadable
from guidecheck.letters.sources import Source, find_letters
from guidecheck.library.loading import load_library, without_garbage_collection
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import from_data
from guidecheck.requests.item_building import what_follows
from guidecheck.requests.request_reader import check_request

CHUNK = 8
AHEAD = 8
"""Chunks that a process may be ahead of what is written, so that not all letters are held in memory."""


@dataclass(frozen=True, slots=True)
class Result:
    """A letter's case and details, or the reason why there is none; `case_id` where that much is known."""

    name: str
    case_id: str | None = None
    case: Mapping[str, Any] | None = None
    details: Mapping[str, Any] | None = None
    reason: str | None = None


class _Worker:
    """What one process reads letters with."""

    def __init__(self, folders: Sequence[Path], corrections: Corrections | None) -> None:
        self.library: Library = load_library(*folders)
        self.reader = LetterReader(self.library, folders)
        self.follow = what_follows(self.library.vocabulary)
        self.corrections = corrections or Corrections()

    def read(self, source: Source) -> Result:
        """Return the result of one letter; whatever happens becomes a reason, never with the letter's words."""
        case_id = None
        try:
            text = source.read()
            case = self.reader.read(text, source.name, source.case_id, self.corrections.dates)
            case_id = case.case_id
            data = apply_corrections(case_data(case), self.corrections, self.library.vocabulary)
            check_request(from_data(data, source.name), self.library, self.follow)
            return Result(source.name, case_id, data, details_data(case))
        except NotReadable as reason:
            return Result(source.name, case_id or reason.case_id, reason=str(reason))
        except GuidecheckError as error:
            said = "; ".join(finding.message for finding in error.findings[:3])
            read = "what was read" if case_id not in self.corrections.names else "what was read and corrected"
            return Result(source.name, case_id, reason=f"{read} contradicts itself: {said}")
        except RecursionError:
            return Result(source.name, reason="too deep to be read")
        except Exception as fault:  # a fault of ours must not cost the other letters
            return Result(source.name, reason=f"a fault of guidecheck's own: {type(fault).__name__}")


_worker: _Worker | GuidecheckError | None = None
"""What this process of a pool reads letters with, or the mistake in the rules for which it can't."""


def _start(folders: Sequence[Path], corrections: Corrections | None) -> None:
    global _worker  # a process pool has no other place for what its processes keep
    with without_garbage_collection():
        try:
            _worker = _Worker(folders, corrections)
        except GuidecheckError as error:
            _worker = error
    # The patterns stay as long as the process: the collector need never look at them.
    gc.freeze()


def _read(sources: list[Source]) -> list[Result]:
    if isinstance(_worker, GuidecheckError):
        raise _worker
    assert _worker is not None
    return [_worker.read(source) for source in sources]


def read_letters(
    inputs: Iterable[str | Path],
    folders: Sequence[Path],
    *,
    jobs: int = 1,
    corrections: Corrections | None = None,
    written: Collection[Path] = (),
) -> Iterator[Result]:
    """Yield a result for every letter of the inputs, in order; a second letter of one case is refused.

    Args:
        inputs: files, folders and archives.
        folders: of rules.
        jobs: processes to read with.
        corrections: what a person corrected.
        written: places that are written meanwhile (see `find_letters`).
    """
    seen: dict[str, str] = {}
    for result in _results(find_letters(inputs, written), folders, jobs, corrections):
        if result.case is None:
            yield result
            continue
        case_id = str(result.case_id)
        first = seen.get(case_id)
        if first is None:
            seen[case_id] = result.name
            yield result
        elif first == result.name:
            yield Result(result.name, case_id, reason=f"read before, as case {case_id}: it is named twice")
        else:
            yield Result(result.name, case_id, reason=f"a second letter of case {case_id} (first: {first})")


def _results(
    sources: Iterable[Source], folders: Sequence[Path], jobs: int, corrections: Corrections | None
) -> Iterator[Result]:
    if jobs <= 1:
        worker = _Worker(folders, corrections)
        yield from map(worker.read, sources)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, context, _start, (list(folders), corrections))
    try:
        yield from _in_order(pool, iter(sources), jobs * AHEAD)
    except BrokenProcessPool:
        message = "a process that was reading letters was ended from outside, perhaps for lack of memory"
        raise fault(Location("letters read"), "process-lost", message, "try fewer --jobs") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(pool: ProcessPoolExecutor, sources: Iterator[Source], ahead: int) -> Iterator[Result]:
    """Yield results in the order of their letters, no more than some chunks of which are under way."""
    waiting: deque[Future[list[Result]]] = deque()
    while chunk := list(islice(sources, CHUNK)):
        waiting.append(pool.submit(_read, chunk))
        if len(waiting) >= ahead:
            yield from waiting.popleft().result()
    while waiting:
        yield from waiting.popleft().result()
