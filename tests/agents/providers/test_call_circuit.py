import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.agents.providers.call_circuit import Admission, CallCircuit, CircuitLimits, CircuitState

LIMITS = CircuitLimits(failures_to_open=3, bench_s=60.0, max_bench_s=200.0)


def fail(circuit, *times_s):
    for now_s in times_s:
        circuit.failed(circuit.admit(now_s), now_s)


def test_failures_on_end_bench_a_model_and_one_success_between_them_does_not():
    circuit = CallCircuit(LIMITS)
    fail(circuit, 1.0, 2.0)
    circuit.succeeded()
    fail(circuit, 3.0, 4.0)
    assert circuit.state(4.0) is CircuitState.CLOSED
    fail(circuit, 5.0)
    assert (circuit.state(64.9), circuit.benched_for_s(25.0)) == (CircuitState.OPEN, 40.0)
    assert circuit.admit(64.9) is Admission.BENCHED


def test_after_the_bench_one_call_tries_and_the_others_wait_for_it():
    circuit = CallCircuit(LIMITS)
    fail(circuit, 0.0, 0.0, 0.0)
    assert circuit.state(60.0) is CircuitState.HALF_OPEN
    assert [circuit.admit(60.0) for _ in range(3)] == [Admission.PROBE, Admission.BENCHED, Admission.BENCHED]
    circuit.succeeded()
    assert (circuit.admit(60.0), circuit.state(60.0)) == (Admission.CALL, CircuitState.CLOSED)


def test_each_failed_probe_doubles_the_bench_up_to_the_longest():
    circuit, now_s = CallCircuit(LIMITS), 0.0
    fail(circuit, now_s, now_s, now_s)
    benches = []
    for _ in range(4):
        benches.append(circuit.benched_for_s(now_s))
        now_s += benches[-1]
        fail(circuit, now_s)
    assert benches == [60.0, 120.0, 200.0, 200.0]


def test_calls_under_way_when_it_opened_neither_lengthen_the_bench_nor_count():
    circuit = CallCircuit(LIMITS)
    late = [circuit.admit(0.0) for _ in range(5)]
    fail(circuit, 0.0, 0.0, 0.0)
    for admission in late:
        circuit.failed(admission, 30.0)
    assert circuit.benched_for_s(30.0) == 30.0


def test_a_probe_that_was_given_up_leaves_room_for_the_next():
    circuit = CallCircuit(LIMITS)
    fail(circuit, 0.0, 0.0, 0.0)
    circuit.dropped(circuit.admit(60.0))
    assert circuit.admit(60.0) is Admission.PROBE


@pytest.mark.parametrize("given_limits", [{"failures_to_open": 0}, {"bench_s": 0.0}, {"bench_s": 901.0}])
def test_limits_without_sense_are_refused(given_limits):
    with pytest.raises(ValueError, match="circuit"):
        CircuitLimits(**given_limits)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["fail", "succeed", "drop"]), st.integers(0, 100)), max_size=40))
def test_a_model_is_never_benched_for_longer_than_the_longest_and_always_comes_back(steps):
    circuit, now_s = CallCircuit(LIMITS), 0.0
    for what, later_s in steps:
        now_s += later_s
        if (admission := circuit.admit(now_s)) is Admission.BENCHED:
            continue
        if what == "fail":
            circuit.failed(admission, now_s)
        elif what == "succeed":
            circuit.succeeded()
        else:
            circuit.dropped(admission)
        assert circuit.benched_for_s(now_s) <= LIMITS.max_bench_s
    assert circuit.admit(now_s + LIMITS.max_bench_s) is not Admission.BENCHED
