"""Telephone numbers: which texts are read, in which form, and with which words the others are refused."""

from __future__ import annotations

import re

import pytest

from adapters.addresses import LibraryAddresses

INTERNATIONAL = {
    "+436641234567": "+436641234567",
    " +43 664 123 45 67\t": "+436641234567",
    "+43 (0)664 / 123-45.67": "+436641234567",
    "+43 664/1234567": "+436641234567",
    "+43\u00a0664\u202f1234567": "+436641234567",
    "+43 664\u20131234567": "+436641234567",
    "＋４３ ６６４ １２３４５６７": "+436641234567",
    "+٤٣٦٦٤١٢٣٤٥٦٧": "+436641234567",
    "+44 (0)20 7946 0018": "+442079460018",
    "+1 (202) 555-0123": "+12025550123",
    "+39 06 1234567": "+39061234567",
    "+800 1234 5678": "+80012345678",
    "+54 9 11 2345 6789": "+5491123456789",
    "+447700900123": "+447700900123",
}
"""Numbers that say their country; the last is of a range that no library calls in use."""

DIALLED = {
    ("AT", "0664 1234567"): "+436641234567",
    ("AT", "0664/1234567"): "+436641234567",
    ("AT", "0043 664 1234567"): "+436641234567",
    ("US", "011 43 664 1234567"): "+436641234567",
    ("US", "(202) 555-0123"): "+12025550123",
    ("US", "1-202-555-0123"): "+12025550123",
    ("DE", "030 123456"): "+4930123456",
    ("DE", "+43 664 1234567"): "+436641234567",
    ("GB", "020 7946 0018"): "+442079460018",
    ("IT", "06 1234567"): "+39061234567",
    ("AU", "0011 43 664 1234567"): "+436641234567",
}

REFUSED = {
    "extension": ["+43 664 1234567 ext. 12", "+43 664 1234567x12", "+43 664 1234567#12", "+43 664 1234567,12"],
    "extension, or holds more than one": ["+43 664 1234567; +43 664 7654321", "+43 664 1234567, 0664 7654321"],
    "more than one number": [
        "+43 664 1234567 +43 664 7654321",
        "+43 664 1234567 / +43 664 7654321",
        "+43 664 1234567/8",
        "0664 1234567 / 0664 7654321",
        "555123/555124",
        "1/2/3",
    ],
    "letters": ["1-800-FLOWERS", "+1 800 FLOWERS", "ask", "+43 664 1234567 or 7", "n/a", "０６６４ＡＢ"],
    "tel:": ["tel:+436641234567", "TEL:0664"],
    "line break": ["+43 664\n1234567"],
    "invisible": ["\u202a+436641234567\u202c", "+43\u200b6641234567", "+43\u00ad6641234567"],
    "empty": ["", " "],
    "too long": ["+" + "1" * 1_000],
    "no telephone number has": ["+43 664 1234567?", "+43_664", "+43 664 12\u00b2", "~1"],
    "international form": ["0664 1234567", "6641234567", "202-555-0123", "0", "-"],
    "write + for the 00": ["0043 664 1234567", "00 1 202 555 0123"],
    "cannot be right": [
        "+",
        "+1",
        "+999 123 456 789",
        "+0043 664 1234567",
        "+1 202 555 012",
        "+000000",
        "+390000000000",
    ],
    "two numbers": ["+49 0030 123456"],
}

IN_NO_USE = {"US": ["0000000000", "1234567890", "9999999999", "+"], "AT": ["11111111", "0"], "DE": ["01234567890"]}
"""What people type into a field that must not be empty."""


@pytest.mark.parametrize("region", [None, "AT", "US"])
@pytest.mark.parametrize(("text", "form"), INTERNATIONAL.items())
def test_a_number_that_says_its_country_is_read_everywhere(text: str, form: str, region: str | None) -> None:
    """In any spelling, and in the same form under every default region."""
    assert LibraryAddresses(region).phone(text) == form
    assert LibraryAddresses(region).phone(form) == form


@pytest.mark.parametrize(("dialled", "form"), DIALLED.items())
def test_another_number_is_read_as_dialled_in_the_default_region(dialled: tuple[str, str], form: str) -> None:
    """With that region's prefixes; without a default region it is refused."""
    region, text = dialled
    assert LibraryAddresses(region).phone(text) == form
    if not text.startswith("+"):
        with pytest.raises(ValueError, match="no default region"):
            LibraryAddresses().phone(text)


@pytest.mark.parametrize(("words", "text"), [(words, text) for words, texts in REFUSED.items() for text in texts])
def test_what_is_no_number_is_refused_with_its_own_sentence(words: str, text: str) -> None:
    """The sentence says what is wrong and quotes nothing, and no error that quotes hangs on it."""
    with pytest.raises(ValueError, match=re.escape(words)) as caught:
        LibraryAddresses().phone(text)
    assert caught.value.__context__ is None
    assert not re.search(r"\d[\d1-9]", str(caught.value).replace("for the 00", ""))


@pytest.mark.parametrize(("region", "text"), [(region, text) for region, texts in IN_NO_USE.items() for text in texts])
def test_a_number_in_no_use_is_read_in_no_region(region: str, text: str) -> None:
    """A default region is a guess, so what is only typed to fill a field makes no contact point."""
    with pytest.raises(ValueError, match=r"not a number in use|cannot be right"):
        LibraryAddresses(region).phone(text)


@pytest.mark.parametrize("text", ["+0664 1234567", "+0043 664 1234567"])
def test_a_plus_is_never_read_past(text: str) -> None:
    """What follows it is a country code, though the rest would be a number of the default region."""
    with pytest.raises(ValueError, match="cannot be right"):
        LibraryAddresses("AT").phone(text)


def test_the_same_text_is_another_number_in_another_region() -> None:
    """One reader's answers are not another's."""
    assert LibraryAddresses("DE").phone("0664 1234567") == "+496641234567"
    assert LibraryAddresses("AT").phone("0664 1234567") == "+436641234567"
