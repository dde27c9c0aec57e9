"""Whatever happens, breakers trip at their limits and are armed again when their time is over, no sooner."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.domain.decisions import FailureKind
from cockpit.domain.events import ARENA, BreakerTripped, DecisionFailed, FeedMeasured
from cockpit.domain.market import MINUTE_MS
from cockpit.domain.orders import OrderStatus
from cockpit.trading.agent_state import BreakerStatus
from cockpit.trading.breakers import AGENT_LIMITS, ARENA_LIMITS, BREAKERS, BreakerLimits, changes, value_of
from tests.trading.arena_facts import BTC, ETH, Past, usd

LOW_LIMITS = {
    "drawdown": 0.02,
    "daily_loss": 0.01,
    "daily_trades": 3.0,
    "consecutive_losses": 2.0,
    "stale_data": 5.0 * MINUTE_MS,
    "errors": 0.5,
    "consecutive_refusals": 2.0,
    "missing_stop": 3.0 * MINUTE_MS,
    "fill_off_mark": 0.05,
    "costs": 0.001,
    "blind": 4.0 * MINUTE_MS,
    "feed_age": 5_000.0,
    "clock_skew": 500.0,
}

FACTS = st.lists(
    st.one_of(
        st.tuples(st.just("trades"), st.sampled_from([-40, -3, 3, 40]), st.integers(45_000, 55_000)),
        st.tuples(st.just("pays"), st.integers(0, 60)),
        st.tuples(st.just("is refused")),
        st.tuples(st.just("fails")),
        st.tuples(st.just("decides")),
        st.tuples(st.just("feed"), st.integers(0, 10_000), st.integers(-1_000, 1_000)),
        st.tuples(
            st.just("bar"),
            st.integers(1, 400),
            st.none() | st.integers(45_000, 55_000),
            st.none() | st.integers(1_900, 2_100),
        ),
    ),
    max_size=40,
)


def tell(past, agent, fact):
    match fact:
        case "trades", lots, price:
            past.trade(agent, BTC, lots, float(price))
        case "pays", dollars:
            past.trade(agent, ETH, 1, 2_000.0, fee=usd(dollars))
        case ("is refused",):
            past.move(past.create(agent, BTC, 1), OrderStatus.DENIED)
        case ("fails",):
            past.tell(DecisionFailed(agent=agent, round=0, failure=FailureKind.CRASH, message="m"))
        case ("decides",):
            past.decide(agent)
        case "feed", age_ms, skew_ms:
            past.tell(FeedMeasured(age_ms=age_ms, skew_ms=skew_ms))
        case "bar", minutes, *marks:
            past.after(minutes).mark(*(mark and float(mark) for mark in marks))


def breakers_of(state):
    yield from ((ARENA, name, breaker) for name, breaker in state.breakers.items())
    for scope, agent in state.agents.items():
        yield from ((scope, name, breaker) for name, breaker in agent.breakers.items())


def is_breached(state, scope, name, breaker):
    value = value_of(scope, name, state)
    return breaker.limit is not None and value is not None and value >= breaker.limit


@settings(max_examples=80)
@given(
    facts=FACTS,
    cool_downs=st.fixed_dictionaries(
        {name: st.sampled_from([None, 0, 30 * MINUTE_MS, 300 * MINUTE_MS]) for name in BREAKERS}
    ),
)
def test_exactly_the_armed_ones_at_their_limit_trip_and_none_is_armed_before_its_time(facts, cool_downs):
    past = Past.begun(
        agent_limits={name: LOW_LIMITS[name] for name in AGENT_LIMITS},
        arena_limits={name: LOW_LIMITS[name] for name in ARENA_LIMITS},
    )
    limits = BreakerLimits(agent={}, arena={}, cool_down_ms=cool_downs)
    for number, fact in enumerate(facts):
        tell(past, "ann" if number % 3 else "bob", fact)
        state = past.state
        tripping = {
            (scope, name)
            for scope, name, breaker in breakers_of(state)
            if breaker.status is BreakerStatus.ARMED and is_breached(state, scope, name, breaker)
        }
        arming = {
            (scope, name)
            for scope, name, breaker in breakers_of(state)
            if breaker.status is BreakerStatus.COOLING
            and state.ts_ms >= breaker.until_ms
            and not (BREAKERS[name].waits_until_well and is_breached(state, scope, name, breaker))
        }
        due = list(changes(state, limits))
        told = {True: set(), False: set()}
        for event in due:
            told[isinstance(event, BreakerTripped)].add((event.scope, event.breaker))
            if isinstance(event, BreakerTripped):
                assert event.value == value_of(event.scope, event.breaker, state)
                cool_down_ms = cool_downs[event.breaker]
                assert event.until_ms == (None if cool_down_ms is None else state.ts_ms + cool_down_ms)
        assert told == {True: tripping, False: arming}
        past.tell(*due)


@settings(max_examples=30)
@given(facts=FACTS)
def test_with_every_breaker_off_nothing_ever_trips(facts):
    past = Past.begun(agent_limits=dict.fromkeys(AGENT_LIMITS), arena_limits=dict.fromkeys(ARENA_LIMITS))
    for fact in facts:
        tell(past, "ann", fact)
        assert list(changes(past.state, BreakerLimits(agent={}, arena={}))) == []
