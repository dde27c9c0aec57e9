import asyncio
import threading

from cockpit.agents.providers.word_relay import WordRelay


async def spoken(relay, *pieces):
    def speak():
        for piece in pieces:
            relay.say(piece)
        relay.finish()

    thread = threading.Thread(target=speak)
    thread.start()
    await asyncio.to_thread(thread.join)
    await asyncio.sleep(0)


async def test_words_arrive_whole_in_order_and_without_secrets():
    shown = []
    relay = WordRelay(asyncio.get_running_loop(), shown.append, ("planted-key",))
    await spoken(relay, "my key is plan", "ted-k", "ey, and ", "so on plan")
    assert "".join(shown) == "my key is [key], and so on plan"


async def test_a_listener_who_falls_behind_gets_the_last_words():
    shown = []
    relay = WordRelay(asyncio.get_running_loop(), shown.append, ())
    for number in range(20):
        relay.say(f"{number:02}" + "x" * 9_998)
    await asyncio.sleep(0)
    assert [len(words) for words in shown] == [65_536]
    assert "19xxx" in shown[0]


async def test_after_the_end_nothing_is_shown():
    shown = []
    relay = WordRelay(asyncio.get_running_loop(), shown.append, ())
    relay.say("late")
    relay.stop()
    relay.say("later")
    await asyncio.sleep(0)
    assert shown == []


def test_a_listener_whose_loop_has_ended_is_let_go():
    loop = asyncio.new_event_loop()
    relay = WordRelay(loop, print, ())
    loop.close()
    relay.say("anyone?")
    relay.say("no")
