"""Two hundred pictures with vectors: CIFAR-10 where it lies beside the project, else generated."""

import colorsys
import csv
import io
import mimetypes
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
CLASSES = 10
PER_CLASS = 20
Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Picture:
    """A file to upload, and what a model says of it."""

    name: str
    data: bytes
    vector: Vector

    @property
    def mime(self) -> str:
        """As a browser would name the file's type."""
        return mimetypes.guess_type(self.name)[0] or "image/jpeg"


def make_pictures() -> list[Picture]:
    """Twenty pictures of each of ten classes; the second has the vector of the first."""
    pictures = _cifar() if (SHARED / "cifar10-test.zip").exists() else _generated()
    # Two units at the same distance of everything: their order is decided by their ids.
    pictures[1] = Picture(pictures[1].name, pictures[1].data, pictures[0].vector)
    return pictures


def _cifar() -> list[Picture]:
    vectors = np.load(SHARED / "cifar10-test.cnn512.f16.npy", mmap_mode="r")
    taken: dict[str, int] = {}
    pictures = []
    with (
        (SHARED / "cifar10-test.csv").open() as table,
        zipfile.ZipFile(SHARED / "cifar10-test.zip") as archive,
    ):
        for row in csv.reader(table):
            if not row[0].isdigit() or taken.get(row[2], 0) == PER_CLASS:
                continue
            taken[row[2]] = taken.get(row[2], 0) + 1
            name = row[1].replace("/", "-")
            vector = np.asarray(vectors[int(row[0])], dtype=np.float32)
            pictures.append(Picture(name, archive.read(row[1]), vector))
    return pictures


def _generated() -> list[Picture]:
    random = np.random.default_rng(7)
    centres = random.normal(size=(CLASSES, 64))
    pictures = []
    for number in range(CLASSES * PER_CLASS):
        kind = number // PER_CLASS
        vector = (centres[kind] + 0.3 * random.normal(size=64)).astype(np.float32)
        hue = np.array(colorsys.hsv_to_rgb(kind / CLASSES, 0.7, 0.8))
        noise = random.normal(scale=20, size=(32, 32, 1))
        pixels = np.clip(hue * 255 + noise, 0, 255).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        name = f"kind{kind}-{number % PER_CLASS:04}.png"
        pictures.append(Picture(name, file.getvalue(), vector))
    return pictures
