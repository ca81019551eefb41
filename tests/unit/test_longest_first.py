"""Test the order in which tests are started."""

from __future__ import annotations

import pytest

from tests.longest_first import longest_first


@pytest.mark.parametrize(
    ("items", "processes", "expected"),
    [
        ("a b c2 d9", 1, "d9 c2 a b"),
        ("a b c2 d9", 2, "d9 a c2 b"),
        ("a b c d9 e5 f7 g", 2, "d9 e5 a f7 b c g"),
        ("a1 b2 c3", 2, "c3 a1 b2"),
        ("a1", 2, "a1"),
        ("a b c", 2, "a b c"),
        ("", 2, ""),
    ],
)
def test_every_process_begins_with_its_share_of_the_long(items, processes, expected):
    def seconds(item: str) -> int:
        return int(item[1:] or 0)

    assert longest_first(items.split(), processes, seconds) == expected.split()


@pytest.mark.parametrize("processes", range(1, 9))
def test_no_item_is_lost_or_doubled(processes):
    items = [f"x{i}" for i in range(37)]

    ordered = longest_first(items, processes, lambda item: float(int(item[1:]) % 5))

    assert sorted(ordered) == sorted(items)
