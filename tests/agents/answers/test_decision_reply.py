"""Raw answers of models, and the decision or the refusal that each comes to."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.agents.answers.coin_checks import Situation
from cockpit.agents.answers.decision_reply import MAX_REASONS, ReplyRead, ReplyRefused, read_reply
from cockpit.domain.decisions import Decision, Target, Thesis
from cockpit.trading.decision_checks import MAX_REASON_LENGTH, decision_fault
from tests.trading.arena_facts import BTC, DOGE, ETH, usd

SITUATION = Situation(
    instruments={each.symbol: each for each in (BTC, ETH, DOGE)},
    marks={BTC.symbol: 50_000.0, ETH.symbol: 2_000.0},
    held={ETH.symbol: -200},
    equity=usd(10_000),
    max_leverage=20.0,
)
ALONE = replace(SITUATION, instruments={BTC.symbol: BTC}, held={})
LONG = replace(SITUATION, held={BTC.symbol: 100})

BUY = {
    "signal": "buy_to_enter",
    "quantity": 0.15,
    "leverage": 5,
    "profit_target": 55_000,
    "stop_loss": 48_000,
    "invalidation_condition": "close below 47500 on 4h",
    "confidence": 0.7,
    "risk_usd": 300,
    "justification": "Higher lows.",
}
SELL = BUY | {"signal": "sell_to_enter", "profit_target": 45_000, "stop_loss": 52_000}
HOLD = {"signal": "hold"}
CLOSE = {"signal": "close", "justification": "Done."}
BOUGHT = Target(
    symbol=BTC.symbol,
    exposure=1.0,
    quantity=0.15,
    stop=48_000.0,
    take_profit=55_000.0,
    confidence=0.7,
    reason="Higher lows.",
    thesis=Thesis(invalidation="close below 47500 on 4h", leverage=5.0, risk=300.0),
)
SOLD = replace(BOUGHT, exposure=-1.0, stop=52_000.0, take_profit=45_000.0)
COVERED = Target(symbol=ETH.symbol, exposure=0.0, reason="Done.")


def read(text, situation=SITUATION):
    outcome = read_reply(text if isinstance(text, str) else json.dumps(text), situation)
    assert isinstance(outcome, ReplyRead), outcome
    return outcome


def refusals(text, situation=SITUATION):
    outcome = read(text, situation)
    assert outcome.targets == ()
    return outcome.refusals


# fmt: off
DECISIONS = [
    ({"BTC": BUY}, (BOUGHT,)),
    ({"BTC": SELL}, (SOLD,)),
    ({"BTC": HOLD}, ()),
    ({"BTC": HOLD | {"quantity": 0, "leverage": 1000, "stop_loss": 0}}, ()),
    ({"ETH": CLOSE}, (COVERED,)),
    ({"ETH": CLOSE | {"quantity": 2.0}}, (COVERED,)),
    ({"ETH": CLOSE | {"quantity": 0, "leverage": 0}}, (COVERED,)),
    ({"ETH": CLOSE, "DOGE": HOLD, "BTC": BUY}, (BOUGHT, COVERED)),
    ({"BTC/USDC:USDC": BUY}, (BOUGHT,)),
    ({" btc ": BUY}, (BOUGHT,)),
    ({"btc/usdc:usdc": BUY | {"coin": "BTC"}}, (BOUGHT,)),
    (BUY | {"coin": "BTC"}, (BOUGHT,)),
    (BUY | {"Symbol": "BTC/USDC:USDC"}, (BOUGHT,)),
    ([BUY | {"coin": "BTC"}, CLOSE | {"coin": "ETH"}], (BOUGHT, COVERED)),
    ({"decisions": [BUY | {"coin": "BTC"}, CLOSE | {"coin": "ETH"}]}, (BOUGHT, COVERED)),
    ({"reasoning": "Up.", "decisions": {"BTC": BUY}}, (BOUGHT,)),
    ({"BTC": {"trade_signal_args": BUY}}, (BOUGHT,)),
    ({"BTC": BUY, "ETH": None}, (BOUGHT,)),
    ({"BTC": BUY | {"signal": "Buy To Enter"}}, (BOUGHT,)),
    ({"BTC": BUY | {"signal": "BUY-TO-ENTER"}}, (BOUGHT,)),
    ({"BTC": {"Signal": "buy_to_enter", "QUANTITY": 0.15, "stopLoss": 48_000, "Profit Target": 55_000,
              "leverage": 5, "invalidationCondition": BUY["invalidation_condition"], "confidence": 0.7,
              "risk-usd": 300, "justification": "Higher lows."}}, (BOUGHT,)),
    ({"BTC": BUY | {"quantity": "0.15", "leverage": " 5 ", "stop_loss": "4.8e4"}}, (BOUGHT,)),
    ({"BTC": BUY | {"is_add": False, "mood": "bullish"}}, (BOUGHT,)),
    (f"```json\n{json.dumps({'BTC': BUY})}\n```", (BOUGHT,)),
    (f"Prices: [1, 2, 3]. {json.dumps({'RSI': 40})} So: {json.dumps({'BTC': BUY})} Good luck.", (BOUGHT,)),
    (f"{json.dumps({'BTC': {'rsi': 40, 'ema': 5}})} So: {json.dumps({'BTC': BUY})}", (BOUGHT,)),
    (f"{json.dumps({'BTC': BUY})}\n{json.dumps({'BTC': BUY | {'justification': 'Again.'}})}",
     (replace(BOUGHT, reason="Again."),)),
    (f"{json.dumps({'BTC': BUY})}\n{json.dumps({'ETH': CLOSE})}", (BOUGHT, COVERED)),
    (str({"BTC": BUY}), (BOUGHT,)),
    (json.dumps({"BTC": BUY})[:-1] + ",}", (BOUGHT,)),
    (json.dumps({"BTC": BUY}).replace(', "lev', ', // small\n"lev'), (BOUGHT,)),
    (f"<think>{json.dumps({'BTC': SELL})}</think>{json.dumps({'BTC': BUY})}", (BOUGHT,)),
]
ONE_FAULT = [                                            # what BTC says instead, and why it is refused
    (BUY | {"quantity": float("nan")}, "quantity: 'nan' is not a finite number"),
    (BUY | {"quantity": float("inf")}, "quantity: 'inf' is not a finite number"),
    (BUY | {"quantity": "NaN"}, "quantity: 'NaN' is not a plain number"),
    (BUY | {"quantity": -0.15}, "quantity: -0.15 is negative"),
    (BUY | {"quantity": 0}, "quantity: it must be above 0"),
    (BUY | {"quantity": None}, "quantity: it must be above 0"),
    (BUY | {"quantity": True}, "quantity: 'True' is not a plain number"),
    (BUY | {"quantity": "1,000.5"}, "quantity: '1,000.5' is not a plain number"),
    (BUY | {"quantity": ""}, "quantity: '' is not a plain number"),
    (BUY | {"quantity": "٣"}, "quantity: '?' is not a plain number"),
    (BUY | {"quantity": [0.15]}, "quantity: an array is not a plain number"),
    (BUY | {"quantity": {}}, "quantity: an object is not a plain number"),
    (BUY | {"quantity": 1e300}, "quantity: 1e+300 is worth more than equity and leverage buy ($50,000.00)"),
    (BUY | {"quantity": 1.001}, "quantity: 1.001 is worth more than equity and leverage buy ($50,000.00)"),
    (BUY | {"quantity": 1e-300}, "quantity: 1e-300 is less than the smallest step of 0.001"),
    (BUY | {"quantity": 10**400}, "quantity: 'inf' is not a finite number"),
    (BUY | {"leverage": 1000}, "leverage: 1000 is more than 20"),
    (BUY | {"leverage": 0}, "leverage: it must be above 0"),
    (BUY | {"leverage": -5}, "leverage: -5 is negative"),
    (BUY | {"leverage": "10x"}, "leverage: '10x' is not a plain number"),
    (BUY | {"confidence": 1.01}, "confidence: 1.01 is outside 0 to 1"),
    (BUY | {"confidence": -0.1}, "confidence: -0.1 is negative"),
    (BUY | {"confidence": "50%"}, "confidence: '50%' is not a plain number"),
    (BUY | {"risk_usd": -1}, "risk_usd: -1 is negative"),
    (BUY | {"stop_loss": 50_000}, "stop_loss: 50000 is on the wrong side of the mark 50000"),
    (BUY | {"stop_loss": 51_000}, "stop_loss: 51000 is on the wrong side of the mark 50000"),
    (BUY | {"profit_target": 49_000}, "profit_target: 49000 is on the wrong side of the mark 50000"),
    (BUY | {"stop_loss": 0}, "stop_loss: 0 is no price"),
    (BUY | {"profit_target": 1e300}, "profit_target: 1e+300 is no price"),
    (SELL | {"stop_loss": 49_000}, "stop_loss: 49000 is on the wrong side of the mark 50000"),
    (SELL | {"profit_target": 51_000}, "profit_target: 51000 is on the wrong side of the mark 50000"),
    (BUY | {"signal": "buy"}, "signal: 'buy' is none of buy_to_enter, sell_to_enter, hold, close"),
    (BUY | {"signal": None}, "signal: null is none of buy_to_enter, sell_to_enter, hold, close"),
    (BUY | {"signal": ["hold"]}, "signal: an array is none of buy_to_enter, sell_to_enter, hold, close"),
    ({"quantity": 0.15}, "signal: it is missing"),
    (BUY | {"justification": ["a"]}, "justification: an array is not text"),
    (BUY | {"Stop_Loss": 1}, "stop_loss: it is given twice, with different values"),
    (BUY | {"coin": "ETH"}, "it is also called 'ETH'"),
    (BUY | {"coin": 5}, "it is also called '5.0'"),
    (CLOSE, "there is no position to close"),
    ("hold", "its decision is not an object"),
]
# fmt: on


@pytest.mark.parametrize(("text", "targets"), DECISIONS)
def test_an_answer_comes_to_its_targets(text, targets):
    outcome = read(text)
    assert (outcome.targets, outcome.refusals) == (targets, ())
    marks = SITUATION.marks
    assert decision_fault(Decision(agent="ann", targets=outcome.targets), "ann", marks) is None


@pytest.mark.parametrize(("answer", "reason"), ONE_FAULT)
def test_a_coin_that_can_not_be_acted_on_is_refused_and_the_others_stand(answer, reason):
    assert refusals({"BTC": answer}) == (f"{BTC.symbol}: {reason}",)
    outcome = read({"BTC": answer, "ETH": CLOSE})
    assert (outcome.targets, outcome.refusals) == ((COVERED,), (f"{BTC.symbol}: {reason}",))


@pytest.mark.parametrize("name", ["stop", "stoploss", "take_profit", "000.5", "quantity_usd"])
@pytest.mark.parametrize("value", [48_000, "48000", "48k", {"price": 1}, [1]])
def test_a_number_under_another_name_may_be_what_was_meant_and_is_not_passed_over(name, value):
    [reason] = refusals({"BTC": {key: BUY[key] for key in ("signal", "quantity")} | {name: value}})
    assert reason.startswith(f"{BTC.symbol}: '{name}' is not one of its fields (signal, quantity, leverage,")


# fmt: off
WRONG_COINS = [
    ({"PEPE": BUY}, "'PEPE': it is no coin traded here (BTC, ETH, DOGE)"),
    ({"BTC/USDT": BUY}, "'BTC/USDT': it is no coin traded here (BTC, ETH, DOGE)"),
    ({"BTCUSDC": BUY}, "'BTCUSDC': it is no coin traded here (BTC, ETH, DOGE)"),
    ({"В\u0422С": BUY}, "'???': it is no coin traded here (BTC, ETH, DOGE)"),
    ({"[red]\x1b[31m<b>": BUY}, "'?red???31m?b?': it is no coin traded here (BTC, ETH, DOGE)"),
    ({"DOGE": BUY}, f"{DOGE.symbol}: it has no price yet"),
    (BUY, "a decision: it does not say which coin it is for"),
    ({"decisions": BUY}, "a decision: it does not say which coin it is for"),
    ([BUY | {"coin": None}], "'None': it is no coin traded here (BTC, ETH, DOGE)"),
]
# fmt: on


@pytest.mark.parametrize(("answer", "reason"), WRONG_COINS)
def test_a_wrong_or_missing_coin_is_refused(answer, reason):
    assert refusals(answer) == (reason,)


def test_where_one_coin_is_traded_a_decision_need_not_name_it():
    assert read(BUY, ALONE).targets == (BOUGHT,)
    assert read({"decision": BUY}, ALONE).targets == (BOUGHT,)
    assert refusals({"PEPE": BUY}, ALONE) == ("'PEPE': it is no coin traded here (BTC)",)


def test_of_what_is_traded_but_was_not_asked_about_nothing_is_decided():
    beside = replace(ALONE, elsewhere={ETH.symbol: ETH})
    assert refusals({"PEPE": BUY}, beside) == ("'PEPE': it is no coin traded here (BTC, ETH)",)
    came = read({"BTC": BUY, "eth": BUY}, beside)
    assert (came.targets, came.refusals) == ((BOUGHT,), ("'eth': only BTC was asked about",))


def test_a_base_that_two_instruments_share_names_neither():
    spot = replace(BTC, symbol="BTC/USDC")
    both = replace(SITUATION, instruments={BTC.symbol: BTC, spot.symbol: spot})
    assert both.coins() == (BTC.symbol, "BTC/USDC")
    assert refusals({"BTC": BUY}, both) == ("'BTC': it is no coin traded here (BTC/USDC:USDC, BTC/USDC)",)
    assert read({BTC.symbol: BUY}, both).targets == (BOUGHT,)


# fmt: off
TWICE = [
    '{"BTC": %s, "BTC": %s}',
    '{"BTC": %s, "btc": %s}',
    '{"BTC": %s, "BTC/USDC:USDC": %s}',
]
# fmt: on


@pytest.mark.parametrize("text", TWICE)
def test_contradictory_decisions_on_one_coin_refuse_it(text):
    [reason] = refusals(text % (json.dumps(BUY), json.dumps(SELL)))
    assert reason.startswith(f"{BTC.symbol}: it is given ")
    assert read(text % (json.dumps(BUY), json.dumps(BUY))).targets == (BOUGHT,)
    assert read(text % ('{"signal": "hold"}', '{"signal": "hold", "signal": "hold"}')).targets == ()


def test_several_decisions_that_disagree_refuse_the_whole():
    text = json.dumps({"BTC": BUY, "ETH": CLOSE}) + " or " + json.dumps({"BTC": SELL})
    reason = f"it gave several decisions, which disagree about {BTC.symbol}"
    assert read_reply(text, SITUATION) == ReplyRefused(reason=reason)


# fmt: off
ENDS = [
    '"quantity": 0.1', '"quantity": 0.15', '"quantity": 0.15,', '"quantity": 0.15, "stop_loss": 48000',
    '"quant', '"quantity":', '"justification": "so', '"justification": "so"',
]
# fmt: on


@pytest.mark.parametrize("end", ENDS)
def test_a_coin_cut_off_is_refused_and_those_before_it_stand(end):
    outcome = read(f'{{"ETH": {json.dumps(CLOSE)}, "BTC": {{"signal": "buy_to_enter", {end}')
    assert (outcome.targets, outcome.refusals) == ((COVERED,), (f"{BTC.symbol}: it was cut off",))
    alone = read_reply(f'{{"signal": "buy_to_enter", {end}', ALONE)
    assert alone == ReplyRefused(reason="it was cut off")


def test_a_list_cut_off_keeps_what_was_closed():
    text = json.dumps({"decisions": [BUY | {"coin": "BTC"}]})[:-2] + ', {"coin": "ETH", "signal": "clo'
    outcome = read(text)
    assert outcome.targets == (BOUGHT,)
    assert outcome.refusals == ("a decision: it was cut off",)


# fmt: off
WITHOUT_JSON = [
    ("hold everything", "it has no JSON object that can be read", True),
    ('{"rsi": 40}', "it has no decision in its JSON", True),
    ('{"BTC": 50000, "ETH": 2000}', "it has no decision in its JSON", True),
    ('{"BTC": {"rsi": 40}}', "it has no decision in its JSON", True),
    ('{"decisions": []}', "it has no decision in its JSON", True),
    ("x" * 100_001, "the answer has 100001 characters, more than 100000", False),
]
# fmt: on


@pytest.mark.parametrize(("text", "reason", "is_repairable"), WITHOUT_JSON)
def test_an_answer_without_usable_json_is_refused_as_a_whole(text, reason, is_repairable):
    assert read_reply(text, SITUATION) == ReplyRefused(reason=reason, is_repairable=is_repairable)


def test_hold_says_something_without_changing_anything():
    outcome = read({"BTC": HOLD | {"confidence": 0.4, "justification": "Wait."}})
    assert outcome.targets == ()
    assert outcome.decisions[BTC.symbol].justification == "Wait."


def test_a_position_is_not_added_to_unless_the_rules_allow_it():
    more = {"BTC": BUY | {"quantity": 0.05}}
    assert refusals(more, LONG) == (
        f"{BTC.symbol}: it is long already, and the rules don't allow adding to it",
    )
    assert read(more, replace(LONG, allows_pyramiding=True)).targets == (BOUGHT,)
    assert read({"BTC": SELL}, LONG).targets == (SOLD,)


def test_a_position_is_closed_in_part_only_if_the_rules_allow_it():
    part = {"BTC": CLOSE | {"quantity": 0.04}}
    assert refusals(part, LONG) == (
        f"{BTC.symbol}: it closes only a part of the position, which the rules don't allow",
    )
    lax = replace(LONG, allows_partial_close=True)
    [target] = read(part, lax).targets
    assert (target.exposure, target.quantity) == (1.0, 0.06)
    [target] = read({"ETH": CLOSE | {"quantity": 0.5}}, replace(SITUATION, allows_partial_close=True)).targets
    assert (target.exposure, target.quantity) == (-1.0, 1.5)
    assert refusals({"BTC": CLOSE | {"quantity": 1e-9}}, lax) == (
        f"{BTC.symbol}: it closes less than the smallest step of 0.001",
    )


@pytest.mark.parametrize("quantity", [0.101, 0.2, 1e300])
def test_more_than_is_held_is_not_closed(quantity):
    assert refusals({"BTC": CLOSE | {"quantity": quantity}}, LONG) == (
        f"{BTC.symbol}: it closes more than the 0.1 held",
    )


@pytest.mark.parametrize("answer", [CLOSE | {"quantity": 0.04}, {"signal": "buy_to_enter", "quantity": 0.05}])
def test_what_is_not_said_anew_of_a_position_stays(answer):
    lax = replace(LONG, standing={BTC.symbol: BOUGHT}, allows_partial_close=True, allows_pyramiding=True)
    [target] = read({"BTC": answer | {"stop_loss": 49_000}}, lax).targets
    assert (target.stop, target.take_profit) == (49_000.0, BOUGHT.take_profit)
    assert target.thesis == BOUGHT.thesis
    [turned] = read({"BTC": {"signal": "sell_to_enter", "quantity": 0.05}}, lax).targets
    assert (turned.stop, turned.take_profit, turned.thesis) == (None, None, Thesis())


def test_leverage_is_bounded_by_the_rules_and_by_the_instrument():
    tight = replace(SITUATION, max_leverage=3.0)
    assert refusals({"BTC": BUY}, tight) == (f"{BTC.symbol}: leverage: 5 is more than 3",)
    small = replace(SITUATION, instruments={BTC.symbol: replace(BTC, max_leverage=2.0)}, held={})
    assert refusals({"BTC": BUY}, small) == (f"{BTC.symbol}: leverage: 5 is more than 2",)


def test_a_size_that_equity_or_the_venue_does_not_take_is_refused():
    assert refusals({"BTC": BUY}, replace(SITUATION, equity=usd(-5))) == (
        f"{BTC.symbol}: quantity: 0.15 is worth more than equity and leverage buy ($0.00)",
    )
    dear = replace(SITUATION, instruments={BTC.symbol: replace(BTC, min_notional=usd(8_000))}, held={})
    assert refusals({"BTC": BUY}, dear) == (
        f"{BTC.symbol}: quantity: 0.15 is worth less than the smallest order, $8,000.00",
    )


def test_words_are_inert_and_bounded():
    hostile = "\x1b]0;t\x07\x1b[31mBuy\u202e\u200b\nnow \ud800[bold]{x}" + "!" * 5_000
    [target] = read({"BTC": BUY | {"justification": hostile, "invalidation_condition": hostile}}).targets
    assert target.reason.startswith("Buy now [bold]{x}!!!")
    assert len(target.reason) == MAX_REASON_LENGTH
    assert target.thesis is not None
    assert target.thesis.invalidation == target.reason


def test_reasons_are_few_short_and_plain():
    outcome = read({f"\u202e[b]{'x' * 100}{number}": BUY for number in range(100)} | {"BTC": BUY})
    assert outcome.targets == (BOUGHT,)
    many = read({f"C{number}": BUY for number in range(300)})
    assert len(many.refusals) == MAX_REASONS + 1
    assert many.refusals[-1] == f"and {300 - MAX_REASONS} more"
    for reason in outcome.refusals + many.refusals:
        assert len(reason) < 200
        assert reason.isascii()
        assert reason.isprintable()


def test_a_reason_is_bounded_however_many_coins_are_traded():
    coins = (f"COIN{number}" for number in range(200))
    many = [replace(BTC, symbol=f"{coin}/USDC:USDC", base=coin) for coin in coins]
    traded = replace(SITUATION, instruments={each.symbol: each for each in many})
    [reason] = refusals({"PEPE": BUY}, traded)
    assert len(reason) == MAX_REASON_LENGTH


SCALARS = st.one_of(
    st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=6),
    st.sampled_from(["hold", "close", "buy_to_enter", "sell_to_enter", "10x", "0.5", 0.15, 48_000, 52_000]),
)  # fmt: skip
ANSWERS = st.dictionaries(
    st.sampled_from([*BUY, "coin", "stop", "decisions"]), SCALARS | st.lists(SCALARS, max_size=2)
)
PORTFOLIOS = st.dictionaries(st.sampled_from(["BTC", "ETH", "DOGE", "PEPE", "signal"]), ANSWERS | SCALARS)
BASED = st.builds(lambda change: {"BTC": BUY | change}, ANSWERS)


@settings(max_examples=200)
@given(st.one_of(PORTFOLIOS, BASED), st.booleans(), st.integers(-300, 300))
def test_whatever_is_read_can_be_acted_on(answer, is_lax, held):
    situation = replace(
        SITUATION, held={BTC.symbol: held}, allows_partial_close=is_lax, allows_pyramiding=is_lax
    )
    outcome = read_reply(json.dumps(answer), situation)
    if isinstance(outcome, ReplyRead):
        decision = Decision(agent="ann", targets=outcome.targets)
        assert decision_fault(decision, "ann", situation.marks) is None
        assert all(len(each) < 250 and each.isascii() for each in outcome.refusals)


@settings(max_examples=100)
@given(st.text())
def test_no_text_makes_reading_fail(text):
    assert isinstance(read_reply(text, SITUATION), ReplyRead | ReplyRefused)
    assert isinstance(read_reply('{"BTC": {"signal": "' + text, SITUATION), ReplyRead | ReplyRefused)
