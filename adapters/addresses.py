"""Reading e-mail addresses and telephone numbers: `Addresses` of the domain, by `email-validator` and `phonenumbers`.

Each text that names one mailbox or one number has one normal form, and reading that form again gives it back. Nothing
is looked up. Every refusal has a sentence that quotes nothing. Most texts are plain and are read here, without the
libraries; tests hold that to what the libraries answer. The libraries load when they are first needed.

E-mail: the whole address in lower case and NFC, its domain in ASCII. Dots and what follows a + stay: only the provider
knows what they mean. Reserved domains that reach nobody are refused, but `.test` is read, for a company's own tests.

Telephone: E.164. A number in international form must have a known country code and a possible length, no more: a new
range is known to its users before it is known to a library, and nobody's opt-out may wait for that. A number in any
other form is read for the default region, which is a guess, so it must be one in use there.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, cached_property, lru_cache
from importlib import metadata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import phonenumbers

RULES_VERSION: Final = 1
"""The number of this module's own rules; it rises when a text gets another normal form than before."""
CACHED_MAX: Final = 16_384
"""This many texts that the libraries have read are remembered in memory, of each kind; the oldest go first."""
TEXT_MAX: Final = 1_000
"""No longer text is looked at: an address has at most 254 bytes."""
PLAIN_MAX: Final = 64
"""An address of so many characters has no part that is too long."""
RESERVED_TLDS: Final = frozenset({"arpa", "invalid", "local", "localhost", "onion"})
"""The reserved domains under which no mailbox can be reached from everywhere, as `email-validator` has them."""

_ATOM: Final = r"[a-z0-9_!#$%&'*+\-/=?^`{|}~]++"
_LABEL: Final = r"[a-z0-9]++(?:-[a-z0-9]++)*+"
_PLAIN_EMAIL: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*+@(?:{_LABEL}\.)++({_LABEL})(?<=[a-z])")
"""An address in ASCII and lower case, without two hyphens in a row in its domain, as punycode has them."""

_LINE_BREAK: Final = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
"""Controls, and what Unicode calls default-ignorable: a screen shows nothing for them. The last but one is a blank."""
_DOT: Final = "[.\u3002\uff0e\uff61]"
"""A dot, and what stands for one in domains of other scripts."""
_NOT_ONE_ADDRESS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), sentence)
    for pattern, sentence in (
        ("[<>]", "has a name or angle brackets around the address; give the address alone"),
        ('"', "has quotes, and quoted addresses are not read"),
        (r"\Amailto:", "begins with mailto:; give the address alone"),
        ("[,;\u3001\uff0c\uff1b]|@.*@", "holds more than one address; give one"),
        (r"\A@|\A[^@]*\Z", "is not an e-mail address: it has no @ with a name before it"),
        (r"\s", "holds white space"),
        (r"@\[", "has the address of a machine for its domain; give the domain's name"),
        (rf"{_DOT}\Z", "ends with a dot"),
        (rf"[@.](?:{'|'.join(sorted(RESERVED_TLDS))})\Z", "has a reserved domain, under which nobody can be reached"),
        (rf"@(?!.*{_DOT})", "is not an e-mail address: its domain has no dot"),
    )
)
"""What is often given instead of an address, in the order of looking, and what is said of it."""


class LibraryAddresses:
    """Reads contact points, telephone numbers with a default region (such as `AT`) where there is one."""

    def __init__(self, region: str | None = None) -> None:
        self.region = region

    @cached_property
    def version(self) -> str:
        """What the normal forms rest on: it stands beside each digest of one."""
        libraries = (f"{name} {metadata.version(name)}" for name in ("email-validator", "idna", "phonenumbers"))
        unicode = f"Unicode {unicodedata.unidata_version}"
        return ", ".join((f"rules {RULES_VERSION}", *libraries, unicode, f"region {self.region or 'none'}"))

    def email(self, text: str) -> str:
        """Return the normal form of an e-mail address; raise `ValueError` for anything else."""
        text = text.strip(" \t")
        return _plain_email(text) or _email_by_library(text)

    def phone(self, text: str) -> str:
        """Return a telephone number in E.164; raise `ValueError` for anything else."""
        text = text.strip(" \t")
        return _plain_phone(text) or _phone_by_library(text, self.region)


def is_known_region(region: str) -> bool:
    """Return whether a region, such as `AT`, has telephone numbers that the library knows."""
    import phonenumbers  # noqa: PLC0415 - 30 ms, and most processes see no number

    return region in phonenumbers.SUPPORTED_REGIONS


def _plain_email(text: str) -> str | None:
    """Return the normal form of an address in plain ASCII; None if it takes the library to tell."""
    if not text.isascii() or len(text) > PLAIN_MAX:
        return None
    lowered = text.lower()
    found = _PLAIN_EMAIL.fullmatch(lowered)
    return lowered if found and found[1] not in RESERVED_TLDS else None


@lru_cache(CACHED_MAX)
def _email_by_library(text: str) -> str:
    _check_is_one_address(text)
    form = _validated(text)
    if form is None:
        raise ValueError("is not an e-mail address")
    # Some letters take more bytes in lower case, and an address can become too long.
    if not form.isascii() and _validated(form) != form:
        raise ValueError("has no form in lower case that is an address too")
    return form


def _validated(text: str) -> str | None:
    """Return what the library makes of an address, in lower case; None for what it refuses."""
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - 50 ms, and most need none of it

    try:
        found = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    # In its test environment the library takes `.test`, which is wanted, and `test` alone, which is not.
    if not found.local_part or not found.ascii_domain or "." not in found.ascii_domain:
        return None
    return unicodedata.normalize("NFC", found.local_part.lower()) + "@" + found.ascii_domain


def _check_is_one_address(text: str) -> None:
    """Raise `ValueError`, with its own sentence, for what is often given instead of an address."""
    _check_can_be_seen(text)
    for pattern, sentence in _NOT_ONE_ADDRESS:
        if pattern.search(text):
            raise ValueError(sentence)


def _check_can_be_seen(text: str) -> None:
    if not text:
        raise ValueError("is empty")
    if len(text) > TEXT_MAX:
        raise ValueError("is too long")
    if _LINE_BREAK.search(text):
        raise ValueError("holds a line break")
    if _INVISIBLE.search(text):
        raise ValueError("holds an invisible character")


_E164: Final = re.compile(r"\+[1-9][0-9]{3,14}")
_EXTENSION: Final = re.compile("[#*x,;]", re.IGNORECASE)
_ONE_SLASH: Final = re.compile(r"0\d{1,5}/\d{4,}|\+\d{2,8}/\d{4,}", re.ASCII)
"""How a slash may stand in a number: after the area code, which a 0 or + shows. `1234567/8` are two numbers."""
_FULL_WIDTH: Final = str.maketrans({"\uff08": "(", "\uff09": ")", "\uff0b": "+", "\uff0e": ".", "\uff0f": "/"})
_BETWEEN_GROUPS: Final = "\t().\u2212"


def _plain_phone(number: str) -> str | None:
    """Return a number that is in E.164 already; None if it takes the library to tell."""
    if not _E164.fullmatch(number):
        return None
    for end in (2, 3, 4):
        if plan := _plan(number[1:end]):
            lengths, prefix = plan
            digits = number[end:]
            is_plain = len(digits) in lengths and digits[0] != "0" and not (prefix and prefix.match(digits))
            return number if is_plain else None
    return None


@cache
def _plan(code: str) -> tuple[frozenset[int], re.Pattern[str] | None] | None:
    """Return, of a country code, the possible lengths of its numbers, and what is dialled before them inside it.

    None for what is no country code: there are only 999 texts to ask for.
    """
    import phonenumbers  # noqa: PLC0415 - as above

    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code))
    if regions is None:
        return None
    found = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(int(code), regions[0])
    assert found is not None, "every country code has its plan"
    assert found.general_desc is not None, "and every plan its lengths"
    prefix = found.national_prefix_for_parsing
    return frozenset(found.general_desc.possible_length), re.compile(prefix) if prefix else None


@lru_cache(CACHED_MAX)
def _phone_by_library(text: str, region: str | None) -> str:
    number = _dialled(text)
    if number.startswith("+"):
        return _plain_phone(number) or _normal(_parsed(number, None))
    if region is None:
        begin = "write + for the 00" if number.startswith("00") else "begin it with + and the country code"
        raise ValueError(f"is not in international form, and the ledger has no default region; {begin}")
    import phonenumbers  # noqa: PLC0415 - as above

    found = _parsed(number, region)
    if not phonenumbers.is_valid_number(found):
        raise ValueError("is not a number in use, as dialled in the default region; begin it with + and a country code")
    return _normal(found)


def _parsed(number: str, region: str | None) -> phonenumbers.PhoneNumber:
    """Return what the library makes of a number of a known country with a possible length."""
    import phonenumbers  # noqa: PLC0415 - as above

    try:
        found = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        found = None  # Its message may quote.
    # A number of zeros alone is possible to the library, and has no form.
    if found is None or not found.national_number or not phonenumbers.is_possible_number(found):
        raise ValueError("is not a telephone number: its country code or its length cannot be right")
    return found


def _normal(found: phonenumbers.PhoneNumber) -> str:
    """Return a number in E.164, if that is read as the same number again."""
    import phonenumbers  # noqa: PLC0415 - as above

    form: str = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
    if phonenumbers.parse(form) != found:
        raise ValueError("can be read as two numbers; leave out the zeros that are not dialled from abroad")
    return form


def _dialled(text: str) -> str:
    """Return the digits of a number, after a + if it has one; raise `ValueError` for a text that is not one number."""
    _check_can_be_seen(text)
    if text[:4].lower() == "tel:":
        raise ValueError("begins with tel:; give the number alone")
    if _EXTENSION.search(text):
        raise ValueError("has an extension, or holds more than one number; give one number without extension")
    if any(character.isalpha() for character in text):
        raise ValueError("holds letters; give the number in digits")
    number = "".join(map(_key, text.translate(_FULL_WIDTH)))
    if "+" in number[1:]:
        raise ValueError("holds more than one number; give one")
    if "/" in number and not _ONE_SLASH.fullmatch(number):
        raise ValueError("holds more than one number, or a slash that does not follow an area code; give one number")
    return number.replace("/", "")


def _key(character: str) -> str:
    """Return the key of a telephone for a character; nothing for what stands between groups of digits."""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if character in "+/":
        return character
    if character in _BETWEEN_GROUPS or unicodedata.category(character) in {"Zs", "Pd"}:
        return ""
    raise ValueError("holds a character that no telephone number has")
