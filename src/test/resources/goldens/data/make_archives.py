"""Writes the .tar.gz goldens, CIFAR-100 in the official layout: python3 make_archives.py"""
import gzip
import io
import tarfile


def record(i):
    """Coarse label, fine label, and planes that differ by pixel, channel and record."""
    planes = bytes((c * 50 + i * 10 + p % 32 + p // 32) % 256
                   for c in range(3) for p in range(1024))
    return bytes([i % 20, (i * 7) % 100]) + planes


FILES = [
    ("cifar-100-binary/fine_label_names.txt", "".join(f"name {i}\n" for i in range(100)).encode()),
    ("cifar-100-binary/" + "long/" * 40 + "name.txt", b"passed over"),
    ("cifar-100-binary/test.bin", record(9)),
    ("cifar-100-binary/train.bin", b"".join(record(i) for i in range(3))),
]

for name, form in (("pax", tarfile.PAX_FORMAT), ("gnu", tarfile.GNU_FORMAT),
                   ("ustar", tarfile.USTAR_FORMAT)):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=form) as tar:
        folder = tarfile.TarInfo("cifar-100-binary")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        for path, content in FILES:
            info = tarfile.TarInfo(path)
            info.size = len(content)
            info.mtime = 1234567890.5 if form == tarfile.PAX_FORMAT else 1234567890
            tar.addfile(info, io.BytesIO(content))
    with open(f"cifar-100-{name}.tar.gz", "wb") as out:
        out.write(gzip.compress(raw.getvalue(), mtime=0))
