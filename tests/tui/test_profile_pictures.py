"""The profiles screen and its forms, as pictures; `pytest --snapshot-update` takes them anew."""

import pytest

from tests.tui.profile_link import ProfileLink, profile_link
from tests.tui.recorded_arena import thawed
from tests.tui.test_profiles import opened, press, write
from tests.tui.test_snapshots import SvgExtension, taken


@pytest.fixture
def link() -> ProfileLink:
    return profile_link(thawed())


@pytest.fixture
def picture(snapshot):
    return snapshot.use_extension(SvgExtension)


async def test_the_lists(link, picture):
    async with opened(link, (160, 50)) as stage:
        assert await taken(stage) == picture(name="160x50 profiles")
        await stage.resize(80, 24)
        assert await taken(stage) == picture(name="80x24 profiles")


async def test_the_forms(link, picture):
    async with opened(link, (80, 24)) as stage:
        await press(stage, "tab", "n")
        await write(stage, "Bull")
        await press(stage, "ctrl+s")
        assert await taken(stage) == picture(name="80x24 AI profile")
        await press(stage, "escape", "y", "tab", "end", "e", "tab")
        assert await taken(stage) == picture(name="80x24 trader profile")
        await stage.resize(160, 50)
        assert await taken(stage) == picture(name="160x50 trader profile")


async def test_without_a_bot(link, picture):
    link.die()
    async with opened(link, (80, 24)) as stage:
        assert await taken(stage) == picture(name="80x24 without a bot")
