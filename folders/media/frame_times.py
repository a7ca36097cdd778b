"""When the frames of a video or image sequence are shown, however that is known. Pure."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import numpy.typing as npt

# The images of a sequence follow each other at this rate.
SEQUENCE_FPS = 1.0

# Times that differ by less are the same one: 1.15 lies in the middle of 1.1 and 1.2, though not in
# floating point.
SAME_MOMENT = 1e-9

# Sampling rates beyond these pick every frame, or the first one, whatever the video.
_RATES = (1e-12, 1e9)


@dataclass(frozen=True, slots=True)
class FrameTimes:
    """The timestamps of all frames in seconds after the first one's, ascending, at least one;
    and how long the whole lasts.
    """

    timestamps: Sequence[float]
    duration: float

    @property
    def frame_count(self) -> int:
        """How many frames there are."""
        return len(self.timestamps)

    def nearest_frame(self, seconds: float) -> int:
        """Number of the frame whose timestamp is nearest; of two, the earlier."""
        right = bisect_left(self.timestamps, seconds)
        if right == 0:
            return 0
        if right == len(self.timestamps):
            return right - 1
        left = right - 1
        before = seconds - self.timestamps[left]
        return left if before <= self.timestamps[right] - seconds + SAME_MOMENT else right

    def sampled(self, rate: float) -> list[int]:
        """Numbers of the frames nearest to 0, 1/rate, 2/rate … seconds, none of which lies behind
        the last timestamp; at rate 0 the first frame only.
        """
        if rate == 0:
            return [0]
        rate = min(max(rate, _RATES[0]), _RATES[1])
        times = np.asarray(self.timestamps, dtype=np.float64)
        # A frame is the nearest one to the moments from the middle before it, exclusively, to the
        # middle behind it. So the frames are gone through, and not the moments, which may be many.
        middles = (times[:-1] + times[1:] + SAME_MOMENT) / 2
        begins = np.concatenate(([-SAME_MOMENT], middles))
        ends = np.concatenate((middles, [times[-1] + SAME_MOMENT]))
        first_within = (np.floor(begins * rate) + 1) / rate
        return [int(number) for number in np.flatnonzero(first_within <= ends)]


class EvenTimes(Sequence[float]):
    """The timestamps number / fps, none of them stored: an hour at 60 fps has 216,000."""

    def __init__(self, count: int, fps: float) -> None:
        self._count, self._fps = count, fps

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> float: ...
    @overload
    def __getitem__(self, place: slice) -> list[float]: ...
    def __getitem__(self, place: int | slice) -> float | list[float]:
        if isinstance(place, slice):
            return [number / self._fps for number in range(self._count)[place]]
        return range(self._count)[place] / self._fps

    def __array__(
        self, dtype: npt.DTypeLike | None = None, copy: bool | None = None
    ) -> npt.NDArray[np.float64]:
        """All of them at once: numpy would else ask for each by itself."""
        return np.arange(self._count, dtype=np.float64) / self._fps


def even_times(*, count: int, fps: float, duration: float | None = None) -> FrameTimes:
    """Frames at equal distances; without a duration each is shown for 1 / fps seconds."""
    return FrameTimes(EvenTimes(count, fps), count / fps if duration is None else duration)


def given_times(*, fps: float, duration: float) -> FrameTimes:
    """The frames of a video of which only these measures are known; it has at least one."""
    return even_times(count=max(1, round(duration * fps)), fps=fps, duration=duration)


def sequence_times(count: int) -> FrameTimes:
    """The frames of a sequence of so many images."""
    return even_times(count=count, fps=SEQUENCE_FPS)
