#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Make the site's raster pictures, icons and download files.

What this writes is committed, so building the site does not need it. It uses
the standard library alone and no clock and no outside randomness: a second
run changes nothing (but another zlib may pack the same pixels otherwise).

    python3 tools/make_assets.py
"""

import hashlib
import math
import random
import struct
import zipfile
import zlib
from pathlib import Path

SITE = Path(__file__).resolve().parent.parent
POSTS = SITE / "content" / "posts"
STATIC = SITE / "static"

YELLOW = (246, 210, 86)
INK = (27, 31, 42)
NIGHT = (16, 19, 26)
BLUE = (84, 116, 236)
RED = (214, 72, 60)
PAPER = (246, 247, 249)


# PNG and ICO


def chunk(kind, data):
    crc = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


def png(width, height, rows, palette=None, alpha=False):
    """A PNG of the rows: bytes of palette indices, or of RGB(A) samples."""
    colour = 3 if palette else 6 if alpha else 2
    out = [b"\x89PNG\r\n\x1a\n"]
    out.append(
        chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0))
    )
    if palette:
        out.append(chunk(b"PLTE", bytes(v for rgb in palette for v in rgb)))
    raw = b"".join(b"\0" + bytes(row) for row in rows)
    out.append(chunk(b"IDAT", zlib.compress(raw, 9)))
    out.append(chunk(b"IEND", b""))
    return b"".join(out)


def ico(pngs):
    """An ICO that holds PNGs, given as {size: bytes}."""
    out = struct.pack("<HHH", 0, 1, len(pngs))
    at = len(out) + 16 * len(pngs)
    for size, data in pngs.items():
        out += struct.pack(
            "<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(data), at
        )
        at += len(data)
    return out + b"".join(pngs.values())


def mix(a, b, t):
    return tuple(round(x + (y - x) * t) for x, y in zip(a, b))


def ramp(stops, count):
    """count colours through the stops, which are evenly spaced."""
    colours = []
    for i in range(count):
        t = i / (count - 1) * (len(stops) - 1)
        k = min(int(t), len(stops) - 2)
        colours.append(mix(stops[k], stops[k + 1], t - k))
    return colours


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    print(f"{len(data):8} {path.relative_to(SITE)}")


def cells(grid, cell_w, cell_h):
    """Rows of pixels from a grid of palette indices."""
    for line in grid:
        row = b"".join(bytes([v]) * cell_w for v in line)
        for _ in range(cell_h):
            yield row


# The pictures


def nearest_copy():
    """Each point in the colour of its distance from the nearest of 23 nodes."""
    width, height, bands = 1280, 640, 40
    rng = random.Random(9110)
    nodes = []
    while len(nodes) < 23:
        p = (rng.uniform(20, width - 20), rng.uniform(20, height - 20))
        if all(math.dist(p, q) > 105 for q in nodes):
            nodes.append(p)
    palette = ramp([YELLOW, (196, 128, 72), (92, 62, 110), (36, 40, 84), NIGHT], bands)
    palette += [INK, PAPER]
    rows = []
    for y in range(height):
        row = bytearray(width)
        near = [(x, (y - ny) ** 2) for x, ny in nodes]
        for x in range(width):
            d2 = min((x - nx) * (x - nx) + dy2 for nx, dy2 in near)
            d = math.sqrt(d2)
            if d < 5:
                row[x] = bands + 1
            elif d < 8:
                row[x] = bands
            else:
                row[x] = min(bands - 1, int(d / 5))
        rows.append(row)
    return png(width, height, rows, palette)


M64 = (1 << 64) - 1
# Bytes 24 to 55 of the default secret of XXH3.
SECRET = bytes.fromhex(
    "7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221b8084674f743248e"
)


def fnv1a(data):
    h = 0xCBF29CE484222325
    for byte in data:
        h = (h ^ byte) * 0x100000001B3 & M64
    return h


def xxh3(data):
    """XXH3_64bits of 16 bytes with seed 0."""
    s = struct.unpack("<4Q", SECRET)
    first, last = struct.unpack("<2Q", data)
    low = first ^ s[0] ^ s[1]
    high = last ^ s[2] ^ s[3]
    product = low * high
    fold = (product & M64) ^ (product >> 64)
    swapped = int.from_bytes(low.to_bytes(8, "little"), "big")
    h = (16 + swapped + high + fold) & M64
    h ^= h >> 37
    h = h * 0x165667919E3779F9 & M64
    return h ^ h >> 32


def avalanche():
    """How often flipping an input bit (x) flips an output bit (y)."""
    assert fnv1a(b"foobar") == 0x85944171F73967E8
    assert xxh3(b"0123456789abcdef") == 0x64439946D8FA212D
    rng = random.Random(64)
    samples = 256
    shades = 33
    palette = ramp([INK, (70, 72, 120), BLUE, (170, 190, 230), YELLOW], shades)
    palette.append(PAPER)
    grids = []
    for function in (fnv1a, xxh3):
        counts = [[0] * 64 for _ in range(128)]
        for _ in range(samples):
            data = rng.randbytes(16)
            base = function(data)
            for bit in range(128):
                other = bytearray(data)
                other[bit // 8] ^= 1 << bit % 8
                diff = base ^ function(bytes(other))
                line = counts[bit]
                while diff:
                    lowest = diff & -diff
                    line[lowest.bit_length() - 1] += 1
                    diff ^= lowest
        # One half is ideal; never and always are equally bad.
        grids.append(
            [
                [
                    round((1 - abs(2 * counts[x][y] / samples - 1)) * (shades - 1))
                    for x in range(128)
                ]
                for y in range(63, -1, -1)
            ]
        )
    rows = list(cells(grids[0], 10, 5))
    rows += [bytes([shades]) * 1280] * 16
    rows += list(cells(grids[1], 10, 5))
    return png(1280, len(rows), rows, palette)


def byte_map():
    """25,600 bytes of markup on the left, what deflate makes of them right."""
    rng = random.Random(1951)
    words = "cache edge range etag vary brotli fresh stale origin digest node".split()
    text = '<?xml version="1.0" encoding="utf-8"?>\n<urlset>\n'
    while len(text) < 25600:
        path = "/".join(rng.choice(words) for _ in range(3))
        day = f"2025-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        text += (
            "  <url>\n"
            f"    <loc>http://127.0.0.1:8080/{path}/</loc>\n"
            f"    <lastmod>{day}</lastmod>\n"
            "  </url>\n"
        )
    raw = text[:25600].encode()
    packed = zlib.compress(raw, 9)
    shades = 64
    palette = ramp([NIGHT, (52, 60, 110), BLUE, (236, 190, 110), YELLOW], shades)
    palette.append(PAPER)

    def block(data):
        data = [b // 4 for b in data] + [shades] * (25600 - len(data))
        return [data[i : i + 160] for i in range(0, 25600, 160)]

    gap = [shades] * 8
    grid = [a[:156] + gap + b[:156] for a, b in zip(block(raw), block(packed))]
    print(f"         deflate: {len(raw)} bytes to {len(packed)}")
    return png(1280, 640, list(cells(grid, 4, 4)), palette)


def hit_ratio():
    """Hit ratio by request rate (x) and lifetime (y), both logarithmic."""
    width, height, bands = 1280, 640, 24
    palette = ramp([NIGHT, (50, 54, 110), BLUE, (214, 150, 90), YELLOW], bands)
    palette.append(PAPER)
    levels = (0.5, 0.9, 0.99)
    rows = []
    for y in range(height):
        lifetime = 10 ** (5 * (1 - y / height))  # 1 s to about a day
        row = bytearray(width)
        for x in range(width):
            rate = 10 ** (5 * x / width - 5)  # about one a day to one a second
            load = rate * lifetime
            ratio = load / (1 + load)
            row[x] = min(bands - 1, int(ratio * bands))
            # Contours: the load where the ratio is that level, a pixel or so.
            for level in levels:
                if abs(math.log10(load) - math.log10(level / (1 - level))) < 0.012:
                    row[x] = bands
        rows.append(row)
    return png(width, height, rows, palette)


def lru():
    """An LRU cache of 32 under Zipf requests for 128 objects, over time."""
    rng = random.Random(5861)
    weights = [1 / (rank + 1) for rank in range(128)]
    palette = [NIGHT, (52, 60, 104), YELLOW, RED]
    cache = []
    columns = []
    hits = requests = 0
    for _ in range(320):
        column = [0] * 128
        asked = rng.choices(range(128), weights, k=6)
        state = {}
        for name in asked:
            requests += 1
            if name in cache:
                hits += 1
                cache.remove(name)
                state.setdefault(name, 2)
            else:
                state[name] = 3
                if len(cache) == 32:
                    cache.pop(0)
            cache.append(name)
        for name in cache:
            column[name] = 1
        for name, mark in state.items():
            column[name] = mark
        columns.append(column)
    print(f"         lru: {hits} hits of {requests}")
    grid = [[column[rank] for column in columns] for rank in range(128)]
    return png(1280, 640, list(cells(grid, 4, 5)), palette)


# Icons


def in_round_rect(x, y, size, radius):
    dx = max(radius - x, x - (size - radius), 0)
    dy = max(radius - y, y - (size - radius), 0)
    return dx * dx + dy * dy <= radius * radius


MARK = ((8, 8), (16, 8), (8, 16), (24, 16), (16, 24), (24, 24))


def icon(size, rounded=True, sub=4):
    """The mark of the site: six holes in a square of tape."""
    rows = []
    for py in range(size):
        row = bytearray()
        for px in range(size):
            inside = hole = 0
            for i in range(sub * sub):
                x = (px + (i % sub + 0.5) / sub) * 32 / size
                y = (py + (i // sub + 0.5) / sub) * 32 / size
                if not rounded or in_round_rect(x, y, 32, 7):
                    inside += 1
                    if any((x - a) ** 2 + (y - b) ** 2 <= 6.25 for a, b in MARK):
                        hole += 1
            colour = mix(YELLOW, INK, hole / inside) if inside else YELLOW
            row += bytes(colour) + bytes([round(255 * inside / (sub * sub))])
        rows.append(row)
    return png(size, size, rows, alpha=True)


def card():
    """The picture of a shared link: tape that reads HTTP/1.1 200 OK."""
    width, height = 1200, 630
    text = b"HTTP/1.1 200 OK\r\n"
    across, down, top = width / (len(text) + 1), 54, 45
    rows_of_bits = (9, 8, 7, 5, 4, 3, 2, 1)  # the feed holes are in row 6
    dots = []
    for i, byte in enumerate(text, 1):
        dots.append((across * i, top + down * 6, 9))
        for bit, row in enumerate(rows_of_bits):
            if byte >> bit & 1:
                dots.append((across * i, top + down * row, 19))
    palette = ramp([YELLOW, INK], 8) + [NIGHT]
    rows = [
        bytearray([0 if top <= y < height - top else 8]) * width for y in range(height)
    ]
    for cx, cy, r in dots:
        for y in range(int(cy - r) - 1, int(cy + r) + 2):
            for x in range(int(cx - r) - 1, int(cx + r) + 2):
                t = max(0.0, min(1.0, r - math.hypot(x - cx, y - cy) + 0.5))
                rows[y][x] = max(rows[y][x], round(7 * t))
    return png(width, height, rows, palette)


# Files to download


def offsets():
    """256 KiB of eight-byte lines, each its own offset in hexadecimal."""
    return b"".join(b"%07x\n" % i for i in range(0, 256 * 1024, 8))


def noise():
    """128 KiB that no coding makes smaller: SHA-256 in counter mode."""
    return b"".join(
        hashlib.sha256(b"noise %d" % i).digest() for i in range(128 * 1024 // 32)
    )


def messages(path):
    """A zip of small HTTP messages; stored, with the epoch of zip as date."""
    files = {
        "get.http": "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n",
        "head.http": "HEAD / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n",
        "range.http": "GET /downloads/offsets.bin HTTP/1.1\r\n"
        "Host: 127.0.0.1:8080\r\nRange: bytes=4096-4103\r\n\r\n",
        "ranges.http": "GET /downloads/offsets.bin HTTP/1.1\r\n"
        "Host: 127.0.0.1:8080\r\nRange: bytes=0-7,-8\r\n\r\n",
        "coding.http": "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"
        "Accept-Encoding: zstd, br;q=0.9, gzip;q=0.5\r\n\r\n",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as out:
        for name, text in files.items():
            info = zipfile.ZipInfo("messages/" + name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o644 << 16
            info.create_system = 3
            out.writestr(info, text)


def main():
    write(POSTS / "what-near-means" / "nearest.png", nearest_copy())
    write(POSTS / "xxh3-for-etags" / "avalanche.png", avalanche())
    write(POSTS / "what-not-to-compress" / "bytes.png", byte_map())
    write(POSTS / "hit-ratio-arithmetic" / "hit-ratio.png", hit_ratio())
    write(POSTS / "watching-an-lru" / "lru.png", lru())

    write(STATIC / "favicon.ico", ico({16: icon(16, sub=8), 32: icon(32)}))
    write(STATIC / "icons" / "touch-180.png", icon(180, rounded=False))
    write(STATIC / "icons" / "icon-192.png", icon(192))
    write(STATIC / "icons" / "icon-512.png", icon(512))
    write(STATIC / "icons" / "card.png", card())

    downloads = STATIC / "downloads"
    write(downloads / "offsets.bin", offsets())
    write(downloads / "noise.bin", noise())
    messages(downloads / "messages.zip")
    names = ("messages.zip", "noise.bin", "offsets.bin")
    sums = "".join(
        f"{hashlib.sha256((downloads / n).read_bytes()).hexdigest()}  {n}\n"
        for n in names
    )
    write(downloads / "SHA256SUMS", sums.encode())


if __name__ == "__main__":
    main()
