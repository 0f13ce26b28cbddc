"""Writes small pictures and, in expected.safetensors, what Pillow reads in them as RGB.

python3 make_images.py, with Pillow 9.4 and NumPy 1.24.
"""
import io
import json
import struct

import numpy as np
from PIL import Image, ImageCms

H, W = 13, 17
expected = {}
rng = np.random.default_rng(1)
noise = rng.integers(0, 256, (H, W, 4), dtype=np.uint8)
y, x = np.mgrid[0:H, 0:W]
smooth = np.stack([x * 15, y * 19, 255 - x * 7 - y * 9], 2).astype(np.uint8)


def save(name, image, rgb=None, **options):
    data = io.BytesIO()
    image.save(data, name.rsplit(".", 1)[1].replace("jpg", "jpeg"), **options)
    with open(name, "wb") as out:
        out.write(data.getvalue())
    expected[name] = np.asarray(Image.open(data).convert("RGB")) if rgb is None else rgb


srgb = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
srgb[24:36] = bytes(12)  # the date it was made, so that every run writes the same files
srgb = bytes(srgb)
save("rgb.png", Image.fromarray(noise[:, :, :3]), icc_profile=srgb)
save("rgba.png", Image.fromarray(noise))
save("grey.png", Image.fromarray(noise[:, :, 0]))
save("grey-alpha.png", Image.fromarray(noise[:, :, :2], "LA"))
save("bits.png", Image.fromarray(noise[:, :, 0]).convert("1"))
save("palette.png", Image.fromarray(noise[:, :, :3]).convert("P", palette=Image.ADAPTIVE))
save("palette-4-bit.png",
     Image.fromarray(noise[:, :, :3]).convert("P", palette=Image.ADAPTIVE, colors=16), bits=4)
deep = rng.integers(0, 65536, (H, W), dtype=np.uint16)
save("grey-16-bit.png", Image.fromarray(deep.astype(np.int32), "I"),
     np.repeat((deep >> 8).astype(np.uint8)[:, :, None], 3, 2))
save("rgb.jpg", Image.fromarray(smooth), quality=95)
save("progressive.jpg", Image.fromarray(smooth), quality=95, progressive=True, subsampling=0,
     icc_profile=srgb, comment=b"a comment")
save("grey.jpg", Image.fromarray(smooth[:, :, 0]), quality=95)

large = rng.integers(0, 256, (30, 44, 3), dtype=np.uint8)
save("large.png", Image.fromarray(large))
for side in (16, 60):
    width = side * 44 // 30
    left = int(round((width - side) / 2.0))
    scaled = Image.fromarray(large).resize((width, side), Image.BILINEAR)
    expected[f"large to {side}"] = np.asarray(scaled.crop((left, 0, left + side, side)))

# torchvision.transforms.Resize(resize), whose longer side is int(resize * long / short), then
# CenterCrop(crop), whose corner is int(round((side - crop) / 2.0)).
tall = rng.integers(0, 256, (41, 29, 3), dtype=np.uint8)
save("tall.png", Image.fromarray(tall))
for name, pixels in (("large.png", large), ("tall.png", tall)):
    height, width = pixels.shape[:2]
    for resize, crop in ((26, 16), (20, 17), (45, 21)):
        if width <= height:
            size = (resize, int(resize * height / width))
        else:
            size = (int(resize * width / height), resize)
        scaled = Image.fromarray(pixels).resize(size, Image.BILINEAR)
        left = int(round((size[0] - crop) / 2.0))
        top = int(round((size[1] - crop) / 2.0))
        expected[f"{name} by {resize} to {crop}"] = np.asarray(
            scaled.crop((left, top, left + crop, top + crop)))

# Inks, stored inverted as Adobe does and Pillow takes for granted. Pillow writes them as they are, by
# Adobe's marker; with another number in it, the same bytes are luminance, chroma and black.
inks = Image.fromarray(np.dstack([smooth, x * 9 + y * 5]).astype(np.uint8), "CMYK")
ADOBE = b"\xff\xee\x00\x0eAdobe"


def save_inks(name, change, **options):
    data = io.BytesIO()
    inks.save(data, "jpeg", quality=95, **options)
    raw = data.getvalue()
    at = raw.index(ADOBE)
    raw = raw[:at] + change(raw[at:at + 16]) + raw[at + 16:]
    with open(name, "wb") as out:
        out.write(raw)
    expected[name] = np.asarray(Image.open(io.BytesIO(raw)).convert("RGB"))


save_inks("cmyk.jpg", lambda marker: marker)
save_inks("cmyk-unmarked.jpg", lambda marker: b"", progressive=True)
save_inks("ycck.jpg", lambda marker: marker[:15] + b"\x02")
save_inks("ycck-subsampled.jpg", lambda marker: marker[:15] + b"\x02", subsampling=2)
save_inks("cmyk-subsampled.jpg", lambda marker: b"", subsampling=2)

header, data = {}, b""
for name, rgb in expected.items():
    raw = rgb.tobytes()
    header[name] = {"dtype": "U8", "shape": list(rgb.shape),
                    "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(header).encode()
with open("expected.safetensors", "wb") as out:
    out.write(struct.pack("<Q", len(text)) + text + data)
