"""The text of a PDF letter; scanned pages are refused, not guessed at."""

from __future__ import annotations

import io
import logging

from guidecheck.letters.reading import NotReadable

MOST_PAGES = 60
LEAST_ON_A_PAGE = 20
"""Characters below which a page with a picture on it counts as scanned."""

_LIGATURES = str.maketrans({"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl"})
"""Two or three letters that a font has one sign for: words with it would not be found."""


def pdf_text(data: bytes) -> str:
    """Return the text of a PDF, pages separated by form feeds.

    Raises:
        NotReadable: damaged, protected, too long, scanned, or the extra is not installed.
    """
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError:
        raise NotReadable("a PDF file; reading it needs pypdf: pip install 'guidecheck[letters]'") from None
    # pypdf warns of every flaw it mends, with words of the file.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise NotReadable("a PDF file protected by a password")
        count = len(reader.pages)
        if count > MOST_PAGES:
            raise NotReadable(f"a PDF file of {count} pages: a decision letter has {MOST_PAGES} at most")
        pages = [page.extract_text() or "" for page in reader.pages]
        bare = [n for n, text in enumerate(pages, 1) if len(text.strip()) < LEAST_ON_A_PAGE]
        scanned = [n for n in bare if not pages[n - 1].strip() and _has_picture(reader, n - 1)]
    except NotReadable:
        raise
    except (PyPdfError, ValueError, OSError) as error:
        raise NotReadable(f"a damaged PDF file: {type(error).__name__}") from None
    except Exception as error:
        # pypdf raises whatever a damaged file leads it to; the letter is refused by name all the same.
        raise NotReadable(f"a PDF file that cannot be read: {type(error).__name__}") from None
    if scanned or len(bare) == count:
        named = ", ".join(str(n) for n in (scanned or bare)[:5])
        raise NotReadable(f"a PDF file with scanned pages (page {named}): there is no text to read")
    return "\f".join(pages).translate(_LIGATURES)


def _has_picture(reader: object, index: int) -> bool:
    try:
        return bool(list(reader.pages[index].images.keys()))  # type: ignore[attr-defined]
    except Exception:
        return True
