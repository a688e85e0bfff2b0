"""Small PDF files for the tests, made by hand so that no further package is needed."""

from __future__ import annotations


def make_pdf(pages: list[str], *, picture_only: bool = False) -> bytes:
    """Return a PDF with a page for each text; with `picture_only` the pages hold a picture and no text."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    for text in pages:
        lines = "".join(
            f"({line.replace(chr(92), '').replace('(', chr(92) + '(').replace(')', chr(92) + ')')}) Tj T*\n"
            for line in text.splitlines()
        )
        stream = (
            b"q 100 0 0 100 0 0 cm /I Do Q" if picture_only else f"BT /F 9 Tf 40 760 Td 11 TL {lines}ET".encode()
        )
        kids.append(len(objects) + 1)
        held = b"/XObject << /I 3 0 R >>" if picture_only else b"/Font << /F 3 0 R >>"
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << %s >> /Contents %d 0 R >>"
            % (held, len(objects) + 2)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    # The font or picture stands third, so that its number is known.
    extra = (
        b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray"
        b" /BitsPerComponent 8 /Length 1 >>"
        b"\nstream\n\xff\nendstream"
        if picture_only
        else b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    )
    shifted = [objects[0], b"", extra, *objects[2:]]
    # Every page and its contents have moved up by one.
    for index in range(3, len(shifted), 2):
        shifted[index] = shifted[index].replace(
            b"/Contents %d 0 R" % (index + 1), b"/Contents %d 0 R" % (index + 2)
        )
    kids = [number + 1 for number in kids]
    shifted[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(b"%d 0 R" % k for k in kids), len(kids))
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(shifted, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(shifted) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(shifted) + 1, start)
