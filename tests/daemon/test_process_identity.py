"""Which process is which."""

import os
import signal
import subprocess
import sys
import time

from cockpit.daemon.process_identity import ProcessIdentity, began_of, own_identity, send_signal


def _sleeper() -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])


def _identity_of(child: "subprocess.Popen[bytes]") -> ProcessIdentity:
    began = began_of(child.pid)
    assert began is not None
    return ProcessIdentity(child.pid, began)


def test_this_process_knows_itself() -> None:
    assert own_identity().pid == os.getpid()
    assert own_identity().is_alive


def test_a_signal_reaches_the_process_it_is_meant_for() -> None:
    child = _sleeper()
    assert send_signal(_identity_of(child), signal.SIGTERM)
    assert child.wait(5) == -signal.SIGTERM


def test_a_process_that_has_the_pid_of_another_one_gets_none_of_its_signals() -> None:
    child = _sleeper()
    try:
        earlier = ProcessIdentity(child.pid, "long ago")
        assert not earlier.is_alive
        assert not send_signal(earlier, signal.SIGKILL)
        assert child.poll() is None
    finally:
        child.kill()
        child.wait()


def test_a_process_that_ended_and_was_not_waited_for_is_not_alive() -> None:
    child = _sleeper()
    identity = _identity_of(child)
    os.kill(child.pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while identity.is_alive and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not identity.is_alive
    assert not send_signal(identity, signal.SIGTERM)
    child.wait()
    assert began_of(child.pid) is None
