"""When frames are shown, and which of them a sampling rate picks."""

from fractions import Fraction
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import FieldError
from folders.media.frame_times import FrameTimes, even_times, given_times, sequence_times
from folders.metadata.frames import (
    FrameKeys,
    frame_key,
    parse_frame_keys,
    rename_keys,
    resolve_frames,
)

# Gaps between frames in milliseconds: videos of a variable rate, some with long pauses.
gaps = st.lists(st.integers(1, 3000), min_size=0, max_size=40)
rates = st.fractions(min_value=Fraction(1, 30), max_value=60, max_denominator=30)


def naive_nearest(moments: list[Fraction], moment: Fraction) -> int:
    """The nearest moment's number by looking at all of them; of two, the earlier."""
    return min(range(len(moments)), key=lambda n: (abs(moments[n] - moment), n))


def naive_sampled(moments: list[Fraction], rate: Fraction) -> list[int]:
    """The frames nearest to every 1/rate-th second, one by one, in exact numbers."""
    picked, step = set(), 0
    while Fraction(step) / rate <= moments[-1]:
        picked.add(naive_nearest(moments, Fraction(step) / rate))
        step += 1
    return sorted(picked)


def of_gaps(gaps: list[int]) -> tuple[list[Fraction], FrameTimes]:
    moments = [Fraction(ms, 1000) for ms in accumulate(gaps, initial=0)]
    floats = [float(moment) for moment in moments]
    return moments, FrameTimes(floats, floats[-1] + 0.04)


@given(gaps, rates)
def test_sampled__as_a_naive_model_picks_them(gaps: list[int], rate: Fraction) -> None:
    moments, times = of_gaps(gaps)

    assert times.sampled(float(rate)) == naive_sampled(moments, rate)


@settings(max_examples=30)
@given(st.integers(1, 120), st.sampled_from([1, 10, 24, 25, 29.97, 30, 60]), rates)
def test_sampled__of_even_times(count: int, fps: float, rate: Fraction) -> None:
    moments = [n / Fraction(str(fps)) for n in range(count)]

    assert even_times(count=count, fps=fps).sampled(float(rate)) == naive_sampled(moments, rate)


@given(gaps, st.integers(0, 150_000))
def test_nearest_frame__of_two_the_earlier(gaps: list[int], ms: int) -> None:
    moments, times = of_gaps(gaps)

    assert times.nearest_frame(ms / 1000) == naive_nearest(moments, Fraction(ms, 1000))


@pytest.mark.parametrize(
    ("rate", "picked"),
    [
        (0, [0]),
        (1e-300, [0]),
        (0.1, [0]),
        (0.5, [0, 20]),
        (1, [0, 10, 20]),
        (10, list(range(30))),
        (1e308, list(range(30))),
    ],
)
def test_sampled__extreme_rates(rate: float, picked: list[int]) -> None:
    assert given_times(fps=10, duration=3).sampled(rate) == picked


def test_sampled__a_sequence_counts_one_image_per_second() -> None:
    assert sequence_times(6).sampled(1) == [0, 1, 2, 3, 4, 5]
    assert sequence_times(6).sampled(0.5) == [0, 2, 4]
    assert sequence_times(6).sampled(0) == [0]
    assert sequence_times(1).sampled(0.25) == [0]


def test_given_times__frames_by_number_and_rate() -> None:
    times = given_times(fps=29.97, duration=4.004)

    assert times.frame_count == 120
    assert times.timestamps[3] == 3 / 29.97
    assert times.timestamps[-1] == 119 / 29.97
    assert list(times.timestamps[1:3]) == [1 / 29.97, 2 / 29.97]
    with pytest.raises(IndexError):
        times.timestamps[120]
    # However short it is, a video has a frame.
    assert given_times(fps=1, duration=0.2).frame_count == 1


@pytest.mark.parametrize(
    ("given_rate", "rate"),
    [(2, 2), (0.25, 0.25), ("0.5", 0.5), ("0", 0), (" 3 ", 3), ("1e-1", 0.1), (0, 0)],
)
def test_config__rates_are_numbers_or_texts_of_numbers(given_rate: object, rate: float) -> None:
    errors: list[FieldError] = []
    keys = parse_frame_keys({"$encord": {"config": {"sampling_rate": given_rate}}}, "m", errors)

    assert (keys.sampling_rate, errors) == (rate, [])


@pytest.mark.parametrize(
    "rate", [-1, "-1", "", "fast", "1_000", "٣", "nan", "inf", float("inf"), True, [1], 10**400]
)
def test_config__wrong_rates(rate: object) -> None:
    errors: list[FieldError] = []
    parse_frame_keys({"$encord": {"config": {"sampling_rate": rate}}}, "m", errors, name="a.mp4")

    assert [(error.path, error.code) for error in errors] == [
        ("m.$encord.config.sampling_rate", "range")
    ]
    assert errors[0].message.startswith("“a.mp4”: ")


def test_config__misspelt_parts_are_named() -> None:
    errors: list[FieldError] = []
    parse_frame_keys({"$encord": {"config": {"samplingRate": 2}}}, "m", errors)

    assert [(error.path, error.code) for error in errors] == [
        ("m.$encord.config.samplingRate", "unknown")
    ]


def test_config__defaults() -> None:
    keys = parse_frame_keys({"$encord": {"config": {}}}, "m", [])

    assert (keys.config, keys.sampling_rate, keys.mode) == ({}, 1, "frame")
    assert parse_frame_keys({}, "m", []).config is None


def test_frames__keys_are_read_in_the_mode_of_the_item_unless_one_comes_along() -> None:
    frames: dict[str, Any] = {"frames": {"1.5": {}}}
    seconds: list[FieldError] = []
    by_number: list[FieldError] = []
    keys = parse_frame_keys({"$encord": frames}, "m", seconds, mode="seconds")
    parse_frame_keys({"$encord": {**frames, "config": {}}}, "m", by_number, mode="seconds")

    assert (keys.numbers, seconds) == ({"1.5": 1.5}, [])
    assert [error.path for error in by_number] == ["m.$encord.frames.1.5"]


def test_keyframes__whole_numbers_and_each_wrong_one_named() -> None:
    errors: list[FieldError] = []
    keys = parse_frame_keys({"keyframes": [7, 3.0, 7, -1, 2.5, "4", True]}, "m", errors)

    assert keys.listed == [3, 7]
    assert [error.path for error in errors] == [f"m.keyframes.{place}" for place in (3, 4, 5, 6)]


def test_resolve__errors_name_the_item_and_the_key() -> None:
    keys = FrameKeys(mode="seconds", numbers={"0.99": 0.99, "1.04": 1.04, "3.01": 3.01, "2": 2})
    keys.listed = [29, 30]
    errors: list[FieldError] = []

    found = resolve_frames(keys, given_times(fps=10, duration=3), "m", errors, name="a.mp4")

    assert found == {"0.99": 10, "2": 20}
    assert [(error.path, error.code) for error in errors] == [
        ("m.$encord.frames.1.04", "repeated"),
        ("m.$encord.frames.3.01", "beyond_the_end"),
        ("m.keyframes", "beyond_the_end"),
    ]
    assert errors[0].message == "“a.mp4”: “1.04” and “0.99” both mean frame 10."
    assert errors[1].message == "“a.mp4” ends before 3.01 s."
    assert errors[2].message == "“a.mp4” ends before frame 30."
    assert errors[2].expected == "0 to 29"


def test_resolve__times_up_to_the_duration_mean_the_last_frame() -> None:
    keys = FrameKeys(mode="seconds", numbers={"3": 3})

    assert resolve_frames(keys, given_times(fps=10, duration=3), "m", []) == {"3": 29}


def test_resolve__numbers_with_leading_zeros_repeat_a_frame() -> None:
    errors: list[FieldError] = []
    keys = parse_frame_keys({"$encord": {"frames": {"7": {}, "07": {}}}}, "m", errors)
    resolve_frames(keys, sequence_times(9), "m", errors)

    assert [error.code for error in errors] == ["repeated"]


@given(gaps)
def test_frame_key__reads_back_as_the_same_frame_in_either_mode(gaps: list[int]) -> None:
    _, times = of_gaps(gaps)
    numbers = {str(n): n for n in range(times.frame_count)}

    renamed = rename_keys(numbers, "frame", "seconds", times)
    keys = parse_frame_keys(
        {"$encord": {"frames": {key: {} for key in renamed}}}, "m", [], mode="seconds"
    )

    assert resolve_frames(keys, times, "m", []) == renamed
    assert list(renamed.values()) == list(numbers.values())
    assert rename_keys(renamed, "seconds", "frame", times) == numbers
    assert frame_key(0, "seconds", 2.0) == "2"
