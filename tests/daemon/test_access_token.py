"""The file that holds what lets a program in over TCP."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from cockpit.daemon.access_token import TokenRefused, token_in


def test_where_there_is_none_one_is_made_that_only_its_owner_can_read(tmp_path: Path) -> None:
    path = tmp_path / "arena" / "token"
    token = token_in(path)
    assert len(token) >= 40
    assert path.read_bytes() == token + b"\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["token"]


def test_it_stays_the_same_and_is_another_bot_s_never(tmp_path: Path) -> None:
    first = token_in(tmp_path / "first")
    assert token_in(tmp_path / "first") == first
    assert token_in(tmp_path / "second") != first


def test_a_person_may_choose_one(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("a-token_of_my_own-0123456789-0123456789")
    path.chmod(0o400)
    assert token_in(path) == b"a-token_of_my_own-0123456789-0123456789"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_one_that_others_can_get_at_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "token"
    token_in(path)
    path.chmod(mode)
    with pytest.raises(TokenRefused, match=r"others can read the token in .*: delete it"):
        token_in(path)


@pytest.mark.parametrize(
    "text", [b"", b"\n", b"short", b"x" * 31, b"x" * 201, b"x" * 40 + b"\r\n", b"\xe9" * 40]
)
def test_a_file_without_a_token_is_refused_and_left_alone(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "token"
    path.write_bytes(text)
    path.chmod(0o600)
    with pytest.raises(TokenRefused, match="holds no token"):
        token_in(path)
    assert path.read_bytes() == text


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("x" * 40)
    (tmp_path / "elsewhere").chmod(0o600)
    (tmp_path / "token").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TokenRefused, match="can't be used"):
        token_in(tmp_path / "token")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_can_t_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(TokenRefused, match="can't be used: Permission denied"):
        token_in(tmp_path / "token")


def _make_pipe(path: Path) -> None:
    os.mkfifo(path, 0o600)


@pytest.mark.parametrize("make", [_make_pipe, Path.mkdir])
@pytest.mark.timeout(5)
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "token")
    with pytest.raises(TokenRefused, match="is no file that could hold a token: move it away"):
        token_in(tmp_path / "token")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_user_s_token_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "token"
    token_in(path)
    os.chown(path, 12_345, -1)
    with pytest.raises(TokenRefused, match=r"the token in .* is another user's: delete it"):
        token_in(path)


def test_a_folder_that_everybody_may_write_to_is_no_place_for_it(tmp_path: Path) -> None:
    folder = tmp_path / "arena"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(TokenRefused, match="everybody may write to the folder"):
        token_in(folder / "token")
    assert not (folder / "token").exists()
