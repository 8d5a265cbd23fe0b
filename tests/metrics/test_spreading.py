"""A figure shared out by weight."""

from decimal import Decimal

import pytest

from cadran.metrics.rounding import half_up
from cadran.metrics.targets import spread


@pytest.mark.parametrize("places", [0, 2])
def test_shares_by_weight_add_up_to_the_last_decimal(places: int) -> None:
    shares = spread(Decimal("100.01"), [1, 0, Decimal("2.5"), 3], places)
    assert sum(shares) == Decimal("100.01")
    assert shares[1] == 0
    assert all(share == half_up(share, places) for share in shares[:-1])


def test_weights_are_not_all_nothing() -> None:
    for weights in ([0, 0], [2, -1], []):
        with pytest.raises(ValueError, match="at least 0"):
            spread(Decimal(1), weights)
