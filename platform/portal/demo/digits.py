"""The demo's data: the 1,797 handwritten digits that scikit-learn ships.

Alpaydin and Kaynak, Optical Recognition of Handwritten Digits (1998): scans of 8 × 8 pixels with
17 grey levels.
"""

import datetime
import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

PIXEL_DIMENSIONS = 64
LDA_DIMENSIONS = 9
# The last few digits get no LDA vector, so that a newcomer meets honest coverage numbers.
WITHOUT_LDA = 7

_LEVELS = 16
_PICTURE_SIZE = 128
_MARGIN = 1
_PER_DAY = 60
_FIRST_DAY = datetime.datetime(2026, 1, 5, 9, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Digits:
    """The digits in their original order.

    `pictures` is (n, 8, 8) with values from 0 (paper) to 1 (ink), `pixels` the same as (n, 64)
    float32, `lda` (n, 9) float32, `labels` (n,) the digit that was written.
    """

    pictures: NDArray[np.float32]
    pixels: NDArray[np.float32]
    lda: NDArray[np.float32]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def mean_ink(self, index: int) -> float:
        """Share of ink on the picture, from 0 to 1, to four decimals."""
        return round(float(self.pixels[index].mean()), 4)

    def written_at(self, index: int) -> str:
        """When the form was filled in, as ISO 8601: sixty digits a day, a minute apart."""
        day, minute = divmod(index, _PER_DAY)
        moment = _FIRST_DAY + datetime.timedelta(days=day, minutes=minute)
        return moment.isoformat()


def load() -> Digits:
    """All digits with their two embeddings."""
    raw = load_digits()
    pictures = (raw.images / _LEVELS).astype(np.float32)
    pixels = pictures.reshape(len(pictures), PIXEL_DIMENSIONS)
    lda = LinearDiscriminantAnalysis(n_components=LDA_DIMENSIONS).fit_transform(pixels, raw.target)
    return Digits(pictures, pixels, lda.astype(np.float32), raw.target)


def picture(ink: NDArray[np.float32]) -> Image.Image:
    """An (8, 8) array of ink as dark strokes on white paper, enlarged smoothly, with a margin."""
    grey = Image.fromarray(np.pad((ink * 255).round().astype(np.uint8), _MARGIN))
    return ImageOps.invert(grey.resize((_PICTURE_SIZE, _PICTURE_SIZE), Image.Resampling.BICUBIC))


def png(ink: NDArray[np.float32]) -> bytes:
    """The picture as a PNG file."""
    buffer = io.BytesIO()
    picture(ink).save(buffer, format="PNG", compress_level=1)
    return buffer.getvalue()
