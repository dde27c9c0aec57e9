"""Files of recorded candles: what their names say of symbol and interval."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cockpit.markets.market import MarketError
from cockpit.markets.rules import DOLLARS
from cockpit.markets.timeframes import timeframe_ms

SUFFIXES = (".csv", ".csv.gz", ".parquet")
DEFAULT_QUOTE = "USDC"
"""What a perpetual named by its base alone (``BTC-1m.csv``) is quoted and settled in."""

_FIAT = ("EUR", "GBP", "JPY", "TRY", "BRL", "AUD", "KRW")
_COINS = ("BTC", "ETH", "BNB")
_LEAST_BASE_BEFORE_COIN = 3
"""``ETHBTC`` is ETH/BTC, but ``WBTC`` and ``STETH`` are coins of their own."""

_NAME = re.compile(r"(?P<name>.+?)-(?P<interval>[1-9]\d*[mhd])(?:-.+)?")
_PARTS = re.compile(r"[_-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class CandleFile:
    """A file of candles.

    Attributes:
        path: Where it is.
        name: What its name calls the symbol.
        symbol: The unified symbol.
        interval_ms: Length of its candles by its name; None where the name doesn't say.
    """

    path: Path
    name: str
    symbol: str
    interval_ms: int | None

    def answers_to(self, wanted: str) -> bool:
        """Whether `wanted` means this file: a unified symbol, its base, or the name in the file's name."""
        return wanted in (self.symbol, self.symbol.split("/", maxsplit=1)[0], self.name)


def unified_symbol(name: str) -> str | None:
    """The unified symbol a file's name stands for; None where it stands for none.

    ``BTC`` and ``BTC-PERP`` are perpetuals in `DEFAULT_QUOTE`; ``HYPE_USDC``, ``BTC-USD``, ``BTCUSDT`` and
    ``ETHBTC`` are spot pairs; ``BTC_USDC_USDC`` is a perpetual with its settlement currency.
    """
    spelled = name.upper() if name == name.lower() else name
    parts = _PARTS.split(spelled)
    if not all(part.isascii() and part.isalnum() for part in parts):
        return None
    if len(parts) == 2 and parts[1] in ("PERP", "SWAP"):
        return f"{parts[0]}/{DEFAULT_QUOTE}:{DEFAULT_QUOTE}"
    if len(parts) == 3:
        return f"{parts[0]}/{parts[1]}:{parts[2]}"
    if len(parts) == 2:
        return f"{parts[0]}/{parts[1]}"
    return _one_word(spelled) if len(parts) == 1 else None


def _one_word(spelled: str) -> str:
    quotes = [(quote, 1) for quote in DOLLARS + _FIAT] + [(coin, _LEAST_BASE_BEFORE_COIN) for coin in _COINS]
    for quote, least in sorted(quotes, key=lambda pair: -len(pair[0])):
        base = spelled.removesuffix(quote)
        if base != spelled and len(base) >= least:
            return f"{base}/{quote}"
    return f"{spelled}/{DEFAULT_QUOTE}:{DEFAULT_QUOTE}"


def candle_files(path: Path, symbols: Sequence[str] | None) -> tuple[list[CandleFile], list[str]]:
    """The files to read, and a line for each file that was passed over.

    Args:
        path: A file, or a folder whose files are named ``SYMBOL-INTERVAL[-PERIOD]``.
        symbols: Which symbols, as `CandleFile.answers_to` takes them; None for all there are.

    Returns:
        Files in the order of `symbols`, or of their names.

    Raises:
        MarketError: If there is nothing to read, or `symbols` can't be matched.
    """
    if path.is_dir():
        files, notices = _in_folder(path)
    elif path.is_file():
        files, notices = [_single_file(path, symbols)], []
    else:
        raise MarketError(f"{path} doesn't exist: give a file of candles or a folder of them")
    if symbols is None:
        return files, notices
    chosen = [file for wanted in symbols for file in _chosen(files, wanted, path)]
    if len(chosen) != len({file.path for file in chosen}) or not chosen:
        raise MarketError("name each symbol to replay once, and at least one")
    return chosen, notices


def _chosen(files: list[CandleFile], wanted: str, path: Path) -> list[CandleFile]:
    matching = [file for file in files if file.answers_to(wanted)]
    found = list(dict.fromkeys(file.symbol for file in matching))
    if not found:
        there = ", ".join(dict.fromkeys(file.symbol for file in files))
        raise MarketError(f"{path} has no candles of {wanted}; it has {there}")
    if len(found) > 1:
        raise MarketError(f"{wanted} may be {' or '.join(found)} in {path}: name one of them")
    return matching


def _in_folder(folder: Path) -> tuple[list[CandleFile], list[str]]:
    entries = sorted(folder.iterdir())
    files, notices = [], []
    for entry in entries:
        if not entry.is_file() or not entry.name.endswith(SUFFIXES) or entry.name.startswith("."):
            continue
        file = _parsed(entry)
        if file is None:
            notices.append(f"{entry.name} is passed over: its name is not like BTCUSDT-1m.csv.gz")
        else:
            files.append(file)
    if not files:
        folders = ", ".join(entry.name for entry in entries if entry.is_dir())
        hint = f"; it has folders: {folders}" if folders else ""
        raise MarketError(f"no candles in {folder}: files are named like BTCUSDT-1m.csv.gz{hint}")
    return files, notices


def _stem(path: Path) -> str:
    for suffix in (".gz", ".csv", ".parquet"):
        path = path.with_name(path.name.removesuffix(suffix))
    return path.name


def _parsed(path: Path) -> CandleFile | None:
    stem = _stem(path)
    match = _NAME.fullmatch(stem)
    if match is None:
        symbol = unified_symbol(stem) if stem == stem.upper() else None
        return None if symbol is None else CandleFile(path=path, name=stem, symbol=symbol, interval_ms=None)
    symbol = unified_symbol(match["name"])
    if symbol is None:
        return None
    interval_ms = timeframe_ms(match["interval"])
    return CandleFile(path=path, name=match["name"], symbol=symbol, interval_ms=interval_ms)


def _single_file(path: Path, symbols: Sequence[str] | None) -> CandleFile:
    if not path.name.endswith(SUFFIXES):
        raise MarketError(f"{path} is no file of candles: those end in {', '.join(SUFFIXES)}")
    file = _parsed(path)
    named = symbols[0] if symbols is not None and len(symbols) == 1 and "/" in symbols[0] else None
    if named is None:
        if file is None:
            raise MarketError(
                f"can't tell what {path.name} holds: rename it like BTCUSDT-1m.csv, or name the symbol"
            )
        return file
    if file is None:
        return CandleFile(path=path, name=_stem(path), symbol=named, interval_ms=None)
    if named.split("/", maxsplit=1)[0] != file.symbol.split("/", maxsplit=1)[0]:
        return file
    return CandleFile(path=path, name=file.name, symbol=named, interval_ms=file.interval_ms)
