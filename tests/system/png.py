"""Makes a PNG of a browser small (https://www.w3.org/TR/png-3/): 256 colours are enough for letters on plain
ground."""

import collections
import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = 256
STEP = 8  # of a channel: what differs by less is the same colour


def chunks(data):
    at = len(SIGNATURE)
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        yield kind, data[at + 8:at + 8 + length]
        at += length + 12


def paeth(left, up, corner):
    to_left, to_up, to_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
    if to_left <= to_up and to_left <= to_corner:
        return left
    return up if to_up <= to_corner else corner


def unfiltered(data, size, width):
    """The rows; size: bytes of a pixel."""
    before, length = bytearray(width * size), width * size
    for at in range(0, len(data), length + 1):
        kind, row = data[at], bytearray(data[at + 1:at + 1 + length])
        for i in range(length):
            left = row[i - size] if i >= size else 0
            corner = before[i - size] if i >= size else 0
            row[i] = (row[i] + (0, left, before[i], (left + before[i]) // 2, paeth(left, before[i], corner))[kind]) & 255
        yield row
        before = row


def coarse(value):
    return min(255, (value + STEP // 2) // STEP * STEP)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def small(data):
    """The same picture, in at most 256 colours. data: 8 bits for a channel, not interlaced."""
    parts = list(chunks(data))
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", dict(parts)[b"IHDR"])
    size = {2: 3, 6: 4}[colour]
    assert depth == 8 and not interlaced
    packed = b"".join(part for kind, part in parts if kind == b"IDAT")
    pixels = [tuple(map(coarse, row[i:i + 3])) for row in unfiltered(zlib.decompress(packed), size, width)
              for i in range(0, len(row), size)]
    palette = [one for one, _ in collections.Counter(pixels).most_common(COLOURS)]
    index = {one: number for number, one in enumerate(palette)}
    for one in set(pixels) - set(index):
        index[one] = index[min(palette, key=lambda other: sum((a - b) ** 2 for a, b in zip(one, other)))]
    rows = b"".join(b"\0" + bytes(index[one] for one in pixels[at:at + width]) for at in range(0, len(pixels), width))
    return (SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0))
            + chunk(b"PLTE", bytes(sum(palette, ()))) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))
