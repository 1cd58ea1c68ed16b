"""Laws of the forms of telephone numbers, for the plans of all countries."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given, settings, strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from adapters import addresses
from adapters.addresses import LibraryAddresses

generated = settings(max_examples=200, deadline=None, derandomize=True)
REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
TYPES = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.TOLL_FREE, PhoneNumberType.VOIP)
EXAMPLES = [
    (region, found)
    for region in REGIONS
    for kind in TYPES
    if (found := phonenumbers.example_number_for_type(region, kind)) is not None
]
"""The library's own example numbers, of every region."""

international = st.builds("+{}{}".format, st.sampled_from(CODES), st.from_regex(r"[0-9]{1,13}", fullmatch=True))
anything = st.one_of(international, st.text("+0123456789 ()-./", max_size=22), st.from_regex(r"0?[0-9]{4,12}"))


def by_library(text: str) -> str | None:
    """Return the form of a number in international form by the library alone."""
    try:
        found = phonenumbers.parse(text)
        form = str(phonenumbers.format_number(found, PhoneNumberFormat.E164))
        is_one = phonenumbers.is_possible_number(found) and phonenumbers.parse(form) == found
    except phonenumbers.NumberParseException:
        return None
    return form if is_one and found.national_number else None


def form_of(text: str, region: str | None = None) -> str | None:
    """Return the form of a number, or None if it is refused."""
    try:
        return LibraryAddresses(region).phone(text)
    except ValueError:
        return None


@generated
@given(international)
def test_international_form_is_read_exactly_as_the_library_reads_it(text: str) -> None:
    """A number is accepted if the library finds it possible and stable, and only then, in the same form."""
    assert form_of(text) == by_library(text)


def test_the_plain_path_has_the_plan_of_every_country() -> None:
    """Whatever it reads, the library reads so: too short, too long and between, from every first digit."""
    for code in CODES:
        for count in range(1, 16 - len(str(code))):
            for first in "0123456789":
                text = f"+{code}{first}{'2345678901234'[: count - 1]}"
                if (plain := addresses._plain_phone(text)) is not None:
                    assert plain == by_library(text), text


@generated
@given(anything, st.sampled_from([None, *REGIONS]))
def test_a_form_is_its_own_form_in_every_region(text: str, region: str | None) -> None:
    """So no two numbers that are spelt in E.164 have one form."""
    form = form_of(text, region)
    if form is not None:
        assert form_of(form, region) == form_of(form) == form == by_library(form)


@pytest.mark.parametrize("kind", [PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL])
def test_spellings_of_one_number_have_one_form(kind: int) -> None:
    """Every example of every region is read as it is printed in each style, in its own region."""
    assert len(EXAMPLES) > 500
    for region, found in EXAMPLES:
        text = phonenumbers.format_number(found, kind)
        form = phonenumbers.format_number(found, PhoneNumberFormat.E164)
        assert form_of(text, region) == form, (region, text)
        if kind is not PhoneNumberFormat.NATIONAL:
            assert form_of(text) == form, (region, text)


def test_most_numbers_take_no_library() -> None:
    """The plain path has nearly all numbers in E.164; those with a leading zero or an optional prefix it leaves."""
    plain = sum(
        addresses._plain_phone(phonenumbers.format_number(one, PhoneNumberFormat.E164)) is not None
        for _, one in EXAMPLES
    )
    assert plain / len(EXAMPLES) > 0.85
