"""Tokens: what goes in comes out, nothing shows, and nothing that was altered opens."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import pytest
from hypothesis import assume, example, given, settings, strategies as some

from adapters.unsubscribe.tokens import NAMELESS, TOKEN_CHARACTERS, Token, TokenNotValid, Tokens
from domain.vocabulary import Program

TOKENS: Final = Tokens(bytes(range(64)))
OTHERS: Final = Tokens(bytes(range(1, 65)))
ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
FIRST: Final = Token(
    Program.EMAIL_MARKETING,
    datetime(2016, 4, 2, 10, 15, tzinfo=UTC),
    UUID("12345678-1234-4678-9234-567812345678"),
    bytes(range(32)),
    bytes(range(32, 64)),
    TOKENS.message("m-1"),
)
WRITTEN: Final = (
    "AUUE1gqeJGfRtEj63uqGpojdJw_fcD29qGL78lyy3TqJ6yve22ZAoLXoAScal6HnxT3jv_sVtt"
    "Mcaav49CqHkYX-JcsEggtyW5PYMWqIWNxMKL5Fd4Nmt-GUfhJt0ssjpUF6d_oMMl2r2YKqJvAV"
)
"""Links in people's mailboxes hold this form: no version of the program may stop reading it."""

often = settings(max_examples=300, deadline=None)
tokens = some.builds(
    Token,
    some.sampled_from(Program),
    some.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=some.just(UTC)).map(  # noqa: DTZ001 - the zone is beside it
        lambda at: at.replace(microsecond=0)
    ),
    some.uuids(),
    some.binary(min_size=32, max_size=32),
    some.binary(min_size=32, max_size=32),
    some.binary(min_size=8, max_size=8),
)


def test_the_form_stays() -> None:
    """A token is written as it was when the first link was sent, and that link is read still."""
    assert TOKENS.write(FIRST) == WRITTEN
    assert TOKENS.read(WRITTEN) == FIRST
    assert TOKENS.fact_id(FIRST, after=3) == "6397ab93247efe1f05cecf184a86fd67"


@often
@given(tokens)
def test_what_goes_in_comes_out(token: Token) -> None:
    """Every token is read as it was written, in 148 characters that need no escaping in an address."""
    written = TOKENS.write(token)
    assert TOKENS.read(written) == token
    assert len(written) == TOKEN_CHARACTERS
    assert set(written) <= set(ALPHABET)


@often
@given(tokens, some.integers(0, TOKEN_CHARACTERS - 1), some.sampled_from(ALPHABET))
def test_one_character_altered(token: Token, place: int, other: str) -> None:
    """Whichever character is another one, the token is refused."""
    written = TOKENS.write(token)
    assume(written[place] != other)
    with pytest.raises(TokenNotValid):
        TOKENS.read(written[:place] + other + written[place + 1 :])


@often
@given(tokens, some.data())
def test_any_piece_altered(token: Token, data: some.DataObject) -> None:
    """Whatever is cut out, put in or put in its place, anywhere in it, the token is refused."""
    written = TOKENS.write(token)
    start, end = sorted(data.draw(some.tuples(*[some.integers(0, TOKEN_CHARACTERS)] * 2)))
    piece = data.draw(some.one_of(some.text(ALPHABET, max_size=8), some.text(max_size=8)))
    altered = written[:start] + piece + written[end:]
    assume(altered != written)
    with pytest.raises(TokenNotValid):
        TOKENS.read(altered)


@often
@given(some.binary(min_size=111, max_size=111))
@example(bytes(111))
@example(b"\x01" + bytes(110))
def test_forged(raw: bytes) -> None:
    """Bytes that nobody with the key has made are refused, also in the right form."""
    with pytest.raises(TokenNotValid):
        TOKENS.read(base64.urlsafe_b64encode(raw).decode())


@often
@given(tokens)
def test_another_ledgers(token: Token) -> None:
    """A token of another ledger is refused."""
    with pytest.raises(TokenNotValid):
        TOKENS.read(OTHERS.write(token))


@pytest.mark.parametrize("text", ["", "\n", WRITTEN + "\n", WRITTEN + "=", " " + WRITTEN, WRITTEN * 2, "\x00" * 148])
def test_of_another_form(text: str) -> None:
    """What is longer, shorter or padded is refused, a line end included."""
    with pytest.raises(TokenNotValid):
        TOKENS.read(text)


def test_another_version() -> None:
    """A token that says it is of a later form is refused, not guessed at."""
    raw = base64.urlsafe_b64decode(WRITTEN)
    with pytest.raises(TokenNotValid):
        TOKENS.read(base64.urlsafe_b64encode(b"\x02" + raw[1:]).decode())


@often
@given(tokens, tokens)
def test_nothing_shows(one: Token, other: Token) -> None:
    """No part of what a token says stands in it, and two of one person share no more than their version."""
    second = other._replace(stream=one.stream, name=one.name, address=one.address)
    assume(second != one)
    raws = [base64.urlsafe_b64decode(TOKENS.write(token)) for token in (one, second)]
    assert not any(part in raw for raw in raws for part in (one.stream.bytes, one.name[:16], one.address[:16]))
    assert not any(raws[0][start : start + 8] in raws[1] for start in range(70))


def test_the_errors_say_the_same() -> None:
    """An error tells what to do and not what is wrong, and repeats nothing of the token."""
    told = set()
    for text in ("", "x", WRITTEN[:-1], WRITTEN[:-1] + "A", OTHERS.write(FIRST)):
        with pytest.raises(TokenNotValid) as caught:
            TOKENS.read(text)
        told.add(str(caught.value))
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
    assert len(told) == 1
    assert WRITTEN[:20] not in told.pop()


def test_a_clock_that_is_wrong() -> None:
    """A clock before 1970 makes a token still."""
    early = FIRST._replace(issued_at=datetime(1900, 1, 1, tzinfo=UTC))
    assert TOKENS.read(TOKENS.write(early)).issued_at == datetime(1970, 1, 1, tzinfo=UTC)


def test_every_program_has_a_link() -> None:
    """A program that is added to the vocabulary needs a code here."""
    for program in Program:
        assert TOKENS.read(TOKENS.write(FIRST._replace(program=program, name=NAMELESS))).program is program


def test_names_of_facts() -> None:
    """The name of an opt-out is the same for the same click, and another for each token, change and ledger."""
    again = TOKENS.read(TOKENS.write(FIRST))
    assert TOKENS.fact_id(again, after=3) == TOKENS.fact_id(FIRST, after=3)
    names = {TOKENS.fact_id(FIRST, after=place) for place in range(100)}
    names |= {TOKENS.fact_id(FIRST._replace(message=bytes([n] * 8)), after=3) for n in range(100)}
    names |= {OTHERS.fact_id(FIRST, after=3)}
    assert len(names) == 201
    assert TOKENS.message("m-1") != TOKENS.message("m-2")
