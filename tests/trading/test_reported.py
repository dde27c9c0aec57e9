"""Every kind of report against every status an order can stand at: taken, ignored or refused."""

from itertools import product
from math import inf, nan

import pytest

from cockpit.domain.market import Lots, Micros
from cockpit.domain.orders import Liquidity, OrderKind, OrderStatus
from cockpit.domain.reports import (
    Accepted,
    Canceled,
    CancelRejected,
    Executed,
    Expired,
    Rejected,
    Triggered,
    TriggerMoved,
)
from cockpit.trading.lifecycle import TRANSITIONS
from cockpit.trading.reported import Heed, judgement_on
from tests.trading.arena_facts import BTC, order

S = OrderStatus
LETTERS = {"t": Heed.TAKE, "i": Heed.IGNORE, "r": Heed.REFUSE}


def executed(lots=100, price=50_000.0, trade_id="new"):
    return Executed(
        order_id=1,
        trade_id=trade_id,
        ts_ms=0,
        signed_lots=Lots(lots),
        price=price,
        fee=Micros(0),
        liquidity=Liquidity.TAKER,
    )


REPORTS = {
    "accepted": Accepted(order_id=1),
    "rejected": Rejected(order_id=1, reason="no"),
    "triggered": Triggered(order_id=1),
    "moved": TriggerMoved(order_id=1, trigger_price=50_500.0),
    "executed": executed(10),
    "canceled": Canceled(order_id=1, reason="done"),
    "kept": CancelRejected(order_id=1, reason="no"),
    "expired": Expired(order_id=1, reason="late"),
}

# fmt: off
TABLE = {
    # a trailing stop for +100, by where it stands:
    #                      accepted  rejected  triggered  moved  executed  canceled  kept  expired
    S.CREATED:            "r         r         r          r      r         r         r     r",
    S.SUBMITTED:          "t         t         t          t      t         t         i     t",
    S.ACCEPTED:           "i         t         t          t      t         t         i     t",
    S.TRIGGERED:          "i         t         i          i      t         t         i     t",
    S.PARTIALLY_FILLED:   "i         r         i          i      t         t         i     t",
    S.PENDING_CANCEL:     "i         t         t          t      t         t         t     t",
    S.CANCELED:           "i         i         i          i      t         i         i     i",
    S.EXPIRED:            "i         i         i          i      t         i         i     i",
    S.DENIED:             "r         r         r          r      r         r         r     r",
    S.HELD:               "r         r         r          r      r         r         r     r",
}
# fmt: on


def trailing(status, lots=100, **changes):
    given = {
        "kind": OrderKind.TRAILING_STOP,
        "trigger_price": 51_000.0,
        "trail_distance": 500.0,
        "filled_lots": Lots(40) if status is S.PARTIALLY_FILLED else Lots(0),
        "resume_status": S.ACCEPTED if status is S.PENDING_CANCEL else None,
    }
    return order(1, "ann", BTC, lots, status=status, **(given | changes))


CELLS = [
    (status, name, LETTERS[letter])
    for status, letters in TABLE.items()
    for name, letter in zip(REPORTS, letters.split(), strict=True)
]


@pytest.mark.parametrize(("status", "name", "heed"), CELLS)
def test_a_report_is_heeded_by_where_its_order_stands(status, name, heed):
    judgement = judgement_on(REPORTS[name], trailing(status), [])
    assert judgement.heed is heed
    assert bool(judgement.reason) == (heed is Heed.REFUSE)


def test_every_status_an_order_can_be_known_at_is_in_the_table():
    assert set(S) - set(TABLE) == {S.REJECTED, S.FILLED}
    assert all(not TRANSITIONS[status] for status in (S.REJECTED, S.FILLED))


@pytest.mark.parametrize("name", REPORTS)
def test_of_an_order_that_is_over_for_good_only_an_execution_is_worth_a_word(name):
    expected = Heed.REFUSE if name == "executed" else Heed.IGNORE
    assert judgement_on(REPORTS[name], None, []).heed is expected


@pytest.mark.parametrize(
    ("name", "status"), list(product(REPORTS, (S.SUBMITTED, S.ACCEPTED, S.PARTIALLY_FILLED)))
)
def test_a_sum_of_shares_was_never_sent_so_nothing_said_of_it_is_true(name, status):
    assert judgement_on(REPORTS[name], trailing(status, is_split=True), []).heed is Heed.REFUSE


@pytest.mark.parametrize("status", TABLE)
def test_an_execution_that_counts_already_is_ignored_whatever_it_says_now(status):
    assert judgement_on(executed(999, nan, "known"), trailing(status), ["known"]).heed is Heed.IGNORE


# fmt: off
EXECUTIONS = [
    (100, 50_000.0, Heed.TAKE,   ""),
    (1,   0.5,      Heed.TAKE,   ""),
    (101, 50_000.0, Heed.REFUSE, "+101 lots are more than the +100 left to fill"),
    (-1,  50_000.0, Heed.REFUSE, "-1 lots are not of an order for +100"),
    (0,   50_000.0, Heed.REFUSE, "+0 lots are not of an order for +100"),
    (10,  nan,      Heed.REFUSE, "nan is no price"),
    (10,  inf,      Heed.REFUSE, "inf is no price"),
    (10,  0.0,      Heed.REFUSE, "0.0 is no price"),
    (10,  -1.0,     Heed.REFUSE, "-1.0 is no price"),
    (10,  1e30,     Heed.REFUSE, "1e+30 is no price"),
]
# fmt: on


@pytest.mark.parametrize(("lots", "price", "heed", "reason"), EXECUTIONS)
def test_an_execution_is_of_its_order_s_side_within_its_size_at_a_price(lots, price, heed, reason):
    judgement = judgement_on(executed(lots, price), trailing(S.ACCEPTED), [])
    assert (judgement.heed, judgement.reason) == (heed, reason)


@pytest.mark.parametrize(
    ("lots", "trigger", "heed"),
    [
        (100, 50_999.5, Heed.TAKE),  # buys: the trigger follows a falling price down
        (100, 51_000.0, Heed.IGNORE),
        (100, 51_000.5, Heed.REFUSE),
        (-100, 51_000.5, Heed.TAKE),
        (-100, 51_000.0, Heed.IGNORE),
        (-100, 50_999.5, Heed.REFUSE),
        (-100, nan, Heed.REFUSE),
        (100, nan, Heed.REFUSE),
        (-100, inf, Heed.REFUSE),
        (100, 0.0, Heed.REFUSE),
        (100, -1.0, Heed.REFUSE),
    ],
)
def test_a_trailing_stop_is_only_ever_tightened(lots, trigger, heed):
    stop = trailing(S.ACCEPTED, lots)
    assert judgement_on(TriggerMoved(order_id=1, trigger_price=trigger), stop, []).heed is heed
