"""PNG files of every colour type and depth, and the RGB that Pillow makes of them.

Usage: python generate.py > cases.json
"""
import base64
import io
import json
import random
import struct
import warnings
import zlib

from PIL import Image

PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]  # x, y, step x, step y
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed(row, depth):
    """Samples of one row as bytes."""
    bits = "".join(format(sample, f"0{depth}b") for sample in row)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def png(rows, width, depth, colour, extra, is_interlaced):
    lines = b""
    step = CHANNELS[colour]
    for x0, y0, dx, dy in PASSES if is_interlaced else [(0, 0, 1, 1)]:
        for row in rows[y0::dy]:
            samples = [s for x in range(x0, width, dx) for s in row[x * step:(x + 1) * step]]
            lines += b"\0" + packed(samples, depth) if samples else b""
    header = struct.pack(">IIBBBBB", width, len(rows), depth, colour, 0, 0, int(is_interlaced))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunk(*one) for one in extra) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def main():
    warnings.simplefilter("ignore")
    dice, cases = random.Random(3), []
    extras = {"": [], "gAMA 22727": [(b"gAMA", struct.pack(">I", 22727))], "gAMA 100000 and cHRM": [(b"gAMA", struct.pack(">I", 100000)),
              (b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000))], "sRGB": [(b"sRGB", b"\0")]}
    for colour, depths in {0: (1, 2, 4, 8), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}.items():  # grey of 16 bits: see README
        for depth in depths:
            for name, extra in extras.items():
                for is_transparent in (False, True) if colour in (0, 2, 3) and name == "" else (False,):
                    is_interlaced = dice.random() < 0.5
                    width, height = dice.randrange(1, 10), dice.randrange(1, 7)
                    entries = min(1 << depth, 13) if colour == 3 else 1 << depth
                    rows = [[dice.randrange(entries) for _ in range(width * CHANNELS[colour])] for _ in range(height)]
                    more = list(extra)
                    if colour == 3:
                        more.append((b"PLTE", bytes(dice.randrange(256) for _ in range(3 * entries))))
                    if is_transparent:
                        more.append((b"tRNS", bytes(dice.randrange(256) for _ in range(entries)) if colour == 3
                                     else b"".join(struct.pack(">H", sample) for sample in rows[0][:CHANNELS[colour]])))
                    data = png(rows, width, depth, colour, more, is_interlaced)
                    image = Image.open(io.BytesIO(data)).convert("RGB")
                    what = f"colour type {colour}, {depth} bits" + (f", {name}" if name else "") + (", tRNS" if is_transparent else "") + (", interlaced" if is_interlaced else "")
                    cases.append({"what": what, "width": image.width, "height": image.height, "png": base64.b64encode(data).decode(), "rgb": image.tobytes().hex()})
    print("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]")


main()
