#!/usr/bin/env python3
"""Write one small picture in every format, colour mode and layout that decoding supports, and what Pillow makes of each.

Usage: make_modes.py OUT_DIR      needs: Pillow 13, numpy, and cjpeg of libjpeg-turbo for unusual subsampling

OUT_DIR/images/NAME.EXT        the file
OUT_DIR/expected/NAME.RGB.png  convert("RGB") as decoded: EXIF orientation not applied, alpha dropped, nothing resized
OUT_DIR/expected/NAME.L.png    convert("L")
OUT_DIR/cases.json             [{"image", "mode", "lossy"}]; lossy allows for the rounding of a JPEG's inverse transform
"""
import io
import json
import pathlib
import struct
import subprocess
import sys
import zlib

import numpy as np
from PIL import Image

out = pathlib.Path(sys.argv[1])
(out / "images").mkdir(parents=True, exist_ok=True)
(out / "expected").mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(4)
cases = []


def scene(w, h, bands=3, top=255):
    y, x = np.mgrid[0:h, 0:w].astype("f8")
    planes = [
        top * (0.5 + 0.3 * np.sin(x / (2 + c) + y / 5 + c) + 0.2 * np.cos(y / (3 + c))) + rng.normal(size=(h, w)) * top / 40
        for c in range(bands)
    ]
    pixels = np.stack(planes, -1).clip(0, top)
    pixels[h // 3 : h // 2 + 1, w // 4 : w // 2 + 1] = rng.integers(0, top + 1, bands)
    return pixels.astype("u1" if top == 255 else "u2")


def image(w, h, mode):
    if mode in ("1", "L"):
        return Image.fromarray(scene(w, h, 1)[..., 0]).convert(mode)
    if mode == "P":
        return Image.fromarray(scene(w, h)).quantize(16)
    bands = {"LA": 2, "RGB": 3, "RGBA": 4, "CMYK": 4}[mode]
    merged = Image.merge(mode, [Image.fromarray(scene(w, h, 1)[..., 0]) for _ in range(bands)])
    return merged


def raw(name, data, lossy=False):
    path = out / "images" / name
    path.write_bytes(data)
    with Image.open(path) as im:
        mode = im.mode
        im.load()
        for to in ("RGB", "L"):
            converted = im.convert(to)
            converted.info.clear()  # a transparent colour would be written too
            converted.save(out / "expected" / f"{path.stem}.{to}.png", optimize=True)
    cases.append(dict(image=f"images/{name}", mode=mode, lossy=lossy))


def encode(im, fmt, **options):
    buf = io.BytesIO()
    im.save(buf, fmt, **options)
    return buf.getvalue()


def save(name, im, lossy=False, fmt=None, **options):
    fmt = fmt or {"jpg": "JPEG", "tif": "TIFF"}.get(name.split(".")[-1], name.split(".")[-1].upper())
    raw(name, encode(im, fmt, **options), lossy)


def png(name, pixels, depth, colour, extra=(), interlace=False):
    """A PNG by hand, of depths and layouts that Pillow does not write; pixels is height × width × samples."""
    h, w = pixels.shape[:2]

    def rows(part):
        data = b""
        for row in part:
            bits = "".join(format(int(v), f"0{depth}b") for v in row.reshape(-1))
            bits += "0" * (-len(bits) % 8)
            data += b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")
        return data

    if interlace:
        passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
        data = b"".join(rows(p) for x, y, dx, dy in passes if (p := pixels[y::dy, x::dx]).size)
    else:
        data = rows(pixels)

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", w, h, depth, colour, 0, 0, interlace)
    body = b"".join(chunk(k, c) for k, c in extra)
    raw(name, b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b""))


W, H = 23, 17
palette = rng.integers(0, 256, (256, 3), dtype="u1")
for depth in (1, 2, 4, 8):
    grey = (scene(W, H, 1) >> (8 - depth)) if depth < 8 else scene(W, H, 1)
    png(f"png-grey-{depth}bit.png", grey, depth, 0)
    png(f"png-palette-{depth}bit.png", grey, depth, 3, [(b"PLTE", palette[: 2**depth].tobytes())])
png("png-grey-transparent.png", scene(W, H, 1), 8, 0, [(b"tRNS", b"\0\x80")])
png("png-palette-alpha.png", scene(W, H, 1) >> 4, 8, 3, [(b"PLTE", palette[:16].tobytes()), (b"tRNS", bytes(range(0, 160, 10)))])
png("png-palette-short.png", scene(W, H, 1) >> 4, 8, 3, [(b"PLTE", palette[:9].tobytes())])
png("png-grey-16bit.png", np.where(scene(W, H, 1) > 150, scene(W, H, 1, 65535), scene(W, H, 1).astype("u2")), 16, 0)
png("png-grey-16bit-transparent.png", scene(W, H, 1).astype("u2") * 2, 16, 0, [(b"tRNS", b"\0\x80")])
png("png-grey-alpha-16bit.png", scene(W, H, 2, 65535), 16, 4)
png("png-rgb-transparent.png", scene(W, H), 8, 2, [(b"tRNS", b"\0\1\0\2\0\3")])
png("png-rgb-16bit.png", scene(W, H, 3, 65535), 16, 2)
png("png-rgba-16bit.png", scene(W, H, 4, 65535), 16, 6)
png("png-interlaced.png", scene(W, H), 8, 2, interlace=True)
png("png-interlaced-grey-2bit.png", scene(W, H, 1) >> 6, 2, 0, interlace=True)
save("png-la.png", image(W, H, "LA"))
save("png-rgba.png", image(W, H, "RGBA"))

for mode in ("1", "L", "P", "RGB", "RGBA"):
    save(f"bmp-{mode.lower()}.bmp", image(W, H, mode))



def bmp(name, pixels, bits, length=40, colours=None, compression=0, gap=0, masks=(), top_down=False, used=0):
    """A BMP by hand: a header of any length, a palette, room before the pixels."""
    h, w = pixels.shape[:2]
    packed = b""
    for row in pixels if top_down else pixels[::-1]:
        if bits < 8:
            digits = "".join(format(int(v), f"0{bits}b") for v in row.reshape(-1))
            digits += "0" * (-len(digits) % 8)
            line = int(digits, 2).to_bytes(len(digits) // 8, "big")
        else:
            line = row.tobytes()
        packed += line + b"\0" * (-len(line) % 4)
    if length == 12:
        info = struct.pack("<IHHHH", 12, w, h, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", length, w, -h if top_down else h, 1, bits, compression, 0, 0, 0, used, 0)
    behind = b"".join(struct.pack("<I", m) for m in masks)
    if length > 40:
        info, behind = (info + behind).ljust(length, b"\0"), b""
    table = b"" if colours is None else b"".join(bytes(c[::-1]) + (b"" if length == 12 else b"\0") for c in colours)
    offset = 14 + len(info + behind + table) + gap
    raw(name, b"BM" + struct.pack("<IHHI", offset + len(packed), 0, 0, offset) + info + behind + table + b"\x55" * gap + packed)


bmp("bmp-gap.bmp", scene(W, H), 24, gap=10)
bmp("bmp-top-down.bmp", scene(W, H), 24, top_down=True)
bmp("bmp-os2.bmp", scene(W, H, 1) >> 4, 4, length=12, colours=palette[:16])
bmp("bmp-os2-2.bmp", scene(W, H, 1) >> 4, 8, length=64, colours=palette[:16], used=16)
bmp("bmp-v4.bmp", scene(W, H), 24, length=108)
bmp("bmp-v5-palette-gap.bmp", scene(W, H, 1) >> 6, 4, length=124, colours=palette[:4], used=4, gap=6)
bmp("bmp-palette-short.bmp", scene(W, H, 1) >> 4, 4, colours=palette[:9], used=9)
bmp("bmp-32bit.bmp", scene(W, H, 4), 32)
for length in (40, 52, 56, 108):
    extra = (0xFF000000,) if length > 52 else ()
    bmp(f"bmp-bitfields-{length}.bmp", scene(W, H, 4), 32, length=length, compression=3, masks=(0xFF0000, 0xFF00, 0xFF, *extra))
bmp("bmp-bitfields-no-alpha.bmp", scene(W, H, 4), 32, length=108, compression=3, masks=(0xFF0000, 0xFF00, 0xFF, 0))

for mode in ("1", "L", "P", "RGB", "RGBA"):
    save(f"tiff-{mode.lower()}.tif", image(W, H, mode))
for compression in ("packbits", "tiff_lzw", "tiff_adobe_deflate"):
    save(f"tiff-{compression.removeprefix('tiff_').replace('_', '-')}.tif", image(W, H, "RGB"), compression=compression)
save("tiff-lzw-predictor.tif", image(W, H, "RGB"), compression="tiff_lzw", tiffinfo={317: 2})
save("tiff-group4.tif", image(W, H, "1"), compression="group4")
save("tiff-group4-white-is-zero.tif", image(W, H, "1"), compression="group4", tiffinfo={262: 0})
save("tiff-group3.tif", image(W, H, "1"), compression="group3")
save("tiff-grey-16bit.tif", Image.fromarray(scene(W, H, 1).astype("u2")[..., 0] * 2))
save("tiff-white-is-zero.tif", image(W, H, "L"), tiffinfo={262: 0})
for orientation in range(2, 9):
    save(f"tiff-orientation-{orientation}.tif", image(W, H, "RGB"), tiffinfo={274: orientation})


def tiff(name, pixels, bits, photometric, extra=(), order="<"):
    """An uncompressed TIFF by hand."""
    h, w, samples = pixels.shape
    data = pixels.astype(order + ("u2" if bits == 16 else "u1")).tobytes()
    tags = [(256, 4, [w]), (257, 4, [h]), (258, 3, [bits] * samples), (259, 3, [1]), (262, 3, [photometric]), (273, 4, [None]),
            (277, 3, [samples]), (278, 4, [h]), (279, 4, [len(data)]), *extra]
    place = 8 + 2 + 12 * len(tags) + 4
    long_values = b""
    entries = b""
    total = place + sum(2 * len(v) for _, t, v in tags if t == 3 and len(v) > 2)
    for tag, kind, values in tags:
        values = [total if v is None else v for v in values]
        packed = struct.pack(order + ("H" if kind == 3 else "I") * len(values), *values)
        if len(packed) > 4:
            offset = struct.pack(order + "I", place + len(long_values))
            long_values += packed
            packed = offset
        entries += struct.pack(order + "HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, len(tags))
    raw(name, head + entries + b"\0\0\0\0" + long_values + data)


tiff("tiff-rgb-16bit.tif", scene(W, H, 3, 65535), 16, 2)
tiff("tiff-rgb-16bit-big-endian.tif", scene(W, H, 3, 65535), 16, 2, order=">")
tiff("tiff-grey-16bit-big-endian.tif", scene(W, H, 1).astype("u2") * 2, 16, 1, order=">")
tiff("tiff-rgba-unassociated.tif", scene(W, H, 4), 8, 2, [(338, 3, [2])])
tiff("tiff-rgba-associated.tif", scene(W, H, 4), 8, 2, [(338, 3, [1])])


def gif(name, frame, at, screen, flags=0, transparent=None, local=None, global_=palette[:16], background=0):
    """A GIF by hand: Pillow's own compressed indices under another header."""
    h, w = frame.shape
    made = Image.fromarray(frame)
    made = made.convert("L") if made.mode != "L" else made
    donor = Image.frombytes("P", (w, h), frame.tobytes())
    donor.putpalette(palette[:16].tobytes())
    data = encode(donor, "GIF", optimize=False, interlace=1 if flags & 0x40 else 0)
    descriptor = data.index(b",", 13 + 3 * (2 << (data[10] & 7)))
    start = descriptor + 10
    if data[descriptor + 9] & 0x80:
        start += 3 * (2 << (data[descriptor + 9] & 7))
    coded = data[start:-1]
    head = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x83 if global_ is not None else 0, background, 0)
    if global_ is not None:
        head += global_.tobytes()
    if transparent is not None:
        head += b"!\xf9\4\1\0\0" + bytes([transparent]) + b"\0"
    head += b"!\xfe\2hi\0"
    head += b"," + struct.pack("<HHHHB", *at, w, h, flags | (0x83 if local is not None else 0))
    if local is not None:
        head += local.tobytes()
    raw(name, head + coded + b";")


indices = (scene(13, 9, 1)[..., 0] >> 4).astype("u1")
gif("gif-small-frame.gif", indices, (3, 2), (W, H))
gif("gif-small-frame-transparent.gif", indices, (3, 2), (W, H), transparent=5)
gif("gif-small-frame-background.gif", indices, (3, 2), (W, H), background=7)
gif("gif-large-frame.gif", indices, (3, 2), (8, 6))
gif("gif-local-palette.gif", indices, (0, 0), (13, 9), local=palette[100:116])
gif("gif-no-palette.gif", indices, (0, 0), (13, 9), global_=None)
gif("gif-interlaced.gif", (scene(W, H, 1)[..., 0] >> 4).astype("u1"), (0, 0), (W, H), flags=0x40)
save("gif-grey.gif", image(W, H, "L"))
save("gif-animated.gif", image(W, H, "P"), save_all=True, append_images=[image(W, H, "P")])

for w, h in ((1, 1), (2, 2), (3, 5), (4, 4), (5, 3), (16, 16), (W, H), (64, 1), (1, 64)):
    save(f"webp-{w}x{h}.webp", Image.fromarray(scene(w, h)), quality=70)
save("webp-alpha.webp", image(W, H, "RGBA"), quality=70)
save("webp-lossless-alpha.webp", image(W, H, "RGBA"), lossless=True, exact=True)
save("webp-animated.webp", image(W, H, "RGB"), save_all=True, append_images=[image(W, H, "RGB")], quality=80)
save("webp-animated-lossless.webp", image(W, H, "RGBA"), save_all=True, append_images=[image(W, H, "RGBA")], lossless=True)

# An animation whose first frame covers a part of the canvas only.
still = encode(image(11, 7, "RGB"), "WEBP", lossless=True)[12:]
frame = (4 // 2).to_bytes(3, "little") + (6 // 2).to_bytes(3, "little") + (10).to_bytes(3, "little") + (6).to_bytes(3, "little") + b"\x64\0\0\0"
chunks = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + (W - 1).to_bytes(3, "little") + (H - 1).to_bytes(3, "little")
chunks += b"ANIM" + struct.pack("<I", 6) + b"\xff\xff\xff\xff\0\0" + b"ANMF" + struct.pack("<I", len(frame + still)) + frame + still
raw("webp-animated-small-frame.webp", b"RIFF" + struct.pack("<I", len(chunks)) + chunks)

for w, h in ((1, 1), (2, 3), (3, 2), (4, 4), (5, 5), (6, 9), (33, 31)):
    for sub in ("4:4:4", "4:2:2", "4:2:0"):
        save(f"jpeg-{sub.replace(':', '')}-{w}x{h}.jpg", Image.fromarray(scene(w, h)), True, quality=92, subsampling=sub)
for sample in ("1x2", "4x1", "4x2"):
    ppm = encode(Image.fromarray(scene(33, 31)), "PPM")
    made = subprocess.run(["cjpeg", "-quality", "92", "-sample", sample], input=ppm, capture_output=True, check=True)
    raw(f"jpeg-sample-{sample}.jpg", made.stdout, True)
save("jpeg-grey.jpg", image(33, 31, "L"), True, quality=92)
save("jpeg-progressive.jpg", image(33, 31, "RGB"), True, quality=92, progressive=True)
save("jpeg-restarts.jpg", image(33, 31, "RGB"), True, quality=92, restart_marker_blocks=2)
save("jpeg-rgb.jpg", image(33, 31, "RGB"), True, quality=95, keep_rgb=True)
cmyk = encode(image(33, 31, "CMYK"), "JPEG", quality=95)
raw("jpeg-cmyk.jpg", cmyk, True)
adobe = cmyk.index(b"\xff\xee\0\x0eAdobe")
raw("jpeg-cmyk-no-adobe.jpg", cmyk[:adobe] + cmyk[adobe + 16 :], True)
raw("jpeg-ycck.jpg", cmyk[: adobe + 15] + b"\2" + cmyk[adobe + 16 :], True)

(out / "cases.json").write_text(json.dumps(cases, indent=1) + "\n")
print(f"{len(cases)} cases in {out}")
