"""Laws of the forms of e-mail addresses, on generated texts."""

from __future__ import annotations

import unicodedata

import idna
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from hypothesis import assume, example, given, settings, strategies as st

from adapters import addresses
from adapters.addresses import LibraryAddresses
from tests.laws.numbers import part_of

generated = settings(max_examples=part_of(200), deadline=None, derandomize=True)
READER = LibraryAddresses()
BYTES_MAX = 254
ATOM = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_!#$%&'*+-/=?^`{|}~"
FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})

atoms = st.text(ATOM, min_size=1, max_size=12)
locals_ = st.lists(atoms, min_size=1, max_size=3).map(".".join)
letters = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=10)
labels = st.one_of(letters, st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}[a-z0-9]", fullmatch=True))
tops = letters.filter(lambda top: top not in addresses.RESERVED_TLDS)


def domains(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Generate domains of one to three such parts under a top one."""
    return st.builds(lambda below, top: ".".join((*below, top)), st.lists(parts, min_size=1, max_size=3), tops)


plain_domains = domains(labels).filter(lambda domain: "--" not in domain)
foreign_domains = domains(
    st.text("äöüßéñçøåæœžабвгдежзиклмнопαβγδεζηθικλμνξοπ北京市買物例え店", min_size=1, max_size=12)
)
foreign_locals = st.text("äöüéñçøåæœžабвгдежзикαβγδεζηθ北京市買物abc019._+-", min_size=1, max_size=12).filter(
    lambda text: not text.startswith(".") and not text.endswith(".") and ".." not in text
)
whole = st.one_of(
    st.builds("{}@{}".format, locals_, plain_domains),
    st.builds("{}@{}".format, foreign_locals, foreign_domains),
)
"""Texts that are addresses, each of them."""

noise = st.text(st.one_of(st.characters(max_codepoint=127), st.characters()), max_size=8)
spoilt = st.builds(
    lambda text, place, more, cut: text[: place % (len(text) + 1)] + more + text[place % (len(text) + 1) + cut :],
    whole,
    st.integers(0, 300),
    noise,
    st.integers(0, 3),
)
"""Addresses with a few characters put in or taken out: some still are addresses."""


def by_library(text: str) -> str | None:
    """Return the form of an address by the library alone."""
    try:
        found = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    if "." not in str(found.ascii_domain):
        return None
    return unicodedata.normalize("NFC", str(found.local_part).lower()) + "@" + str(found.ascii_domain)


def form_of(text: str) -> str | None:
    """Return the form of an address, or None if it is refused."""
    try:
        return READER.email(text)
    except ValueError:
        return None


@generated
@given(st.one_of(whole, spoilt, st.text(ATOM + '.@@"<>()[],;:\\ ', max_size=40)).filter(str.isascii))
@example("a@b.example.")
@example('"a"@b.example')
@example("A B <a@b.example>")
@example("a@local")
@example("a@x.test")
@example("a@ab--cd.example")
@example("a@xn--a.example")
@example("a@b.e1")
@example("a@b-.example")
@example("a@" + "b" * 64 + ".example")
def test_ascii_is_read_exactly_as_the_library_reads_it(text: str) -> None:
    """A text in ASCII is accepted if and only if the library accepts it, and in the same form, on whichever path."""
    assert form_of(text) == by_library(text.strip(" \t"))


@generated
@given(locals_, plain_domains)
def test_the_plain_path_takes_what_is_plain(local: str, domain: str) -> None:
    """A short address in ASCII whose domain is no punycode is read without the library, and as the library reads it."""
    text = f"{local}@{domain}"
    form = text.lower() if len(text) <= addresses.PLAIN_MAX else None
    assert addresses._plain_email(text) == form
    assert form_of(text) == by_library(text) == text.lower()


@generated
@given(st.one_of(whole, spoilt))
@example("Ⱥ" * 100 + "@b.example")
@example("İ@b.example")
@example("\u212a@b.example")
def test_a_form_is_its_own_form_and_what_the_library_makes_of_it(text: str) -> None:
    """Reading a form gives the form; whatever is read, the library reads too; and nothing in it is invisible."""
    form = form_of(text)
    if form is None:
        return
    assert form_of(form) == form
    assert form == by_library(text.strip(" \t"))
    assert form == unicodedata.normalize("NFC", form) == form.lower()
    assert form.partition("@")[2].isascii()
    assert all(unicodedata.category(character)[0] not in "CZ" for character in form)


@generated
@given(whole)
def test_every_address_is_read(text: str) -> None:
    """What is built as an address is one: the laws here do not hold for want of examples."""
    assert form_of(text) is not None


@generated
@given(foreign_locals, foreign_domains)
def test_spellings_of_one_address_have_one_form(local: str, domain: str) -> None:
    """Punycode, decomposed accents, full width, upper case and other dots in the domain make no difference."""
    form = form_of(f"{local}@{domain}")
    encoded = idna.encode(domain, uts46=True).decode()
    spellings = [
        f"{local}@{encoded}",
        f"{local}@{encoded.upper()}",
        f"{local}@{unicodedata.normalize('NFD', domain)}",
        f"{unicodedata.normalize('NFD', local)}@{domain}",
        f"{local.upper()}@{domain.replace('.', chr(0x3002))}",
        f"{local.title()}@{encoded.translate(FULL_WIDTH)}",
        f" {local}@{domain}\t",
    ]
    for one in spellings:
        # The library counts the bytes of each spelling, of which full width has the most.
        fits = len(one.strip(" \t").encode()) <= BYTES_MAX
        assert form_of(one) == (form if fits else None)


@generated
@given(whole, st.integers(0, 300), st.sampled_from(ATOM + "äöüéабвαβ北京"))
def test_two_mailboxes_never_have_one_form(text: str, place: int, other: str) -> None:
    """Another character anywhere, but for its case, is another address."""
    place %= len(text)
    assume(text[place] not in "@." and other.casefold() != text[place].casefold())
    changed = form_of(text[:place] + other + text[place + 1 :])
    assert changed is None or changed != form_of(text)


@generated
@given(
    foreign_locals.map(str.lower), st.one_of(plain_domains, foreign_domains.map(lambda one: idna.encode(one).decode()))
)
def test_an_address_in_normal_spelling_is_kept_to_the_letter(local: str, domain: str) -> None:
    """So two that are spelt normally have one form only if they are one."""
    text = f"{unicodedata.normalize('NFC', local)}@{domain}"
    assert form_of(text) == text


def test_the_reserved_domains_are_the_librarys() -> None:
    """All that the library has, but for `.test`, which it takes in test systems."""
    assert addresses.RESERVED_TLDS | {"test"} == set(SPECIAL_USE_DOMAIN_NAMES)
