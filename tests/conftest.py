"""What every test may ask for."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of recorded candles and exchange replies that lies beside a checkout."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no recorded candles beside this checkout (../shared/data)")
    return folder
