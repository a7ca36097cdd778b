"""A vector as letters, for addresses and JSON: base64 of its float32 values, or of an .npy file.

Pure: knows no database.
"""

import base64
import binascii
import io

import numpy as np
from numpy.typing import NDArray

from folders.constants import MAX_DIMENSIONS

# Four bytes a value, four letters for three bytes, and the head of an .npy file of float64.
MAX_LETTERS = 2 * (8 * MAX_DIMENSIONS + 1024)
_NPY = b"\x93NUMPY"


class VectorTextError(ValueError):
    """The letters are no vector; the message says why."""


def encode_vector(vector: NDArray[np.float32]) -> str:
    """The values, little endian, in letters that addresses take; bit for bit."""
    return base64.urlsafe_b64encode(vector.astype("<f4").tobytes()).rstrip(b"=").decode()


def decode_vector(text: str) -> list[float]:
    """The values of letters in either alphabet of base64, padded or not.

    Raises:
        VectorTextError: they are no base64, or hold neither float32 values nor a vector's .npy.
    """
    if len(text) > MAX_LETTERS:
        raise VectorTextError(f"The text is longer than a vector of {MAX_DIMENSIONS} numbers.")
    letters = text.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        data = base64.b64decode(letters + "=" * (-len(letters) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise VectorTextError("The text is not base64.") from None
    if data.startswith(_NPY):
        return _of_npy(data)
    if not data or len(data) % 4:
        raise VectorTextError("The bytes are no float32 values: their number is no multiple of 4.")
    return [float(value) for value in np.frombuffer(data, "<f4")]


def _of_npy(data: bytes) -> list[float]:
    try:
        array = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError, OSError):
        raise VectorTextError("The .npy file cannot be read.") from None
    if array.dtype.kind != "f" or array.size != max(array.shape, default=0):
        found = f"{array.dtype} of shape {array.shape}"
        raise VectorTextError(f"The .npy file holds {found}, not one vector of numbers.")
    return [float(value) for value in array.reshape(-1)]
