"""Market time at a multiple of real time."""

from cockpit.arena.pacing import Pacer


class Clock:
    def __init__(self):
        self.now_s = 100.0
        self.slept = []

    async def sleep(self, seconds):
        self.slept.append(round(seconds, 6))
        self.now_s += seconds


async def test_a_minute_takes_a_second_at_sixty():
    clock = Clock()
    pacer = Pacer(speed=60, monotonic=lambda: clock.now_s, sleep=clock.sleep)
    for _ in range(3):
        await pacer.wait(60_000)
    assert clock.slept == [1.0, 1.0, 1.0]


async def test_work_between_two_steps_does_not_make_time_drift():
    clock = Clock()
    pacer = Pacer(speed=60, monotonic=lambda: clock.now_s, sleep=clock.sleep)
    for _ in range(3):
        await pacer.wait(60_000)
        clock.now_s += 0.25
    assert clock.slept == [1.0, 0.75, 0.75]


async def test_what_was_missed_is_not_raced_after():
    clock = Clock()
    pacer = Pacer(speed=60, monotonic=lambda: clock.now_s, sleep=clock.sleep)
    await pacer.wait(60_000)
    clock.now_s += 10
    await pacer.wait(60_000)
    await pacer.wait(60_000)
    assert clock.slept == [1.0, 0.0, 1.0]


async def test_after_a_pause_time_goes_on_from_now():
    clock = Clock()
    pacer = Pacer(speed=60, monotonic=lambda: clock.now_s, sleep=clock.sleep)
    await pacer.wait(60_000)
    clock.now_s += 0.9
    pacer.restart()
    await pacer.wait(60_000)
    assert clock.slept == [1.0, 1.0]


async def test_as_fast_as_it_can_is_not_slowed_but_lets_others_run():
    clock = Clock()
    pacer = Pacer(speed=None, monotonic=lambda: clock.now_s, sleep=clock.sleep)
    await pacer.wait(60_000)
    assert clock.slept == [0]
