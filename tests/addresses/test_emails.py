"""E-mail addresses: which texts are read, in which form, and with which words the others are refused."""

from __future__ import annotations

import re

import pytest

from adapters.addresses import LibraryAddresses

READ = {
    "ada@example.org": "ada@example.org",
    " \tada@example.org\t ": "ada@example.org",
    "Ada.Quill+Shop@Example.ORG": "ada.quill+shop@example.org",
    "a.d.a@example.org": "a.d.a@example.org",
    "o'neill!#$%&*/=?^_`{|}~-@example.org": "o'neill!#$%&*/=?^_`{|}~-@example.org",
    "ada@mail.shop.example": "ada@mail.shop.example",
    "ada@example.com": "ada@example.com",
    "ada@example.net": "ada@example.net",
    "ada@shop.test": "ada@shop.test",
    "ada@example.museum": "ada@example.museum",
    "ada@3com.example": "ada@3com.example",
    "ada--quill@example.org": "ada--quill@example.org",
    "ada@a--b.c--d.example": "ada@a--b.c--d.example",
    "ada@bücher.example": "ada@xn--bcher-kva.example",
    "ada@BÜCHER.example": "ada@xn--bcher-kva.example",
    "ada@bu\u0308cher.example": "ada@xn--bcher-kva.example",
    "ada@XN--BCHER-KVA.example": "ada@xn--bcher-kva.example",
    "ada@straße.example": "ada@xn--strae-oqa.example",
    "ada@strasse.example": "ada@strasse.example",
    "ada@ｅｘａｍｐｌｅ.org": "ada@example.org",
    "ada@example。org": "ada@example.org",
    "ada@例え.テスト": "ada@xn--r8jz45g.xn--zckzah",
    "josé@example.org": "josé@example.org",
    "JOSÉ@example.org": "josé@example.org",
    "jose\u0301@example.org": "josé@example.org",
    "ＡＤＡ@example.org": "ａｄａ@example.org",
    "νίκος@example.org": "νίκος@example.org",
    "ΝΊΚΟΣ@example.org": "νίκος@example.org",
}

REFUSED = {
    "name or angle brackets": ["A B <a@b.example>", "<a@b.example>", '"B, A" <a@b.example>', "a@b.example>"],
    "quotes": ['"a b"@b.example', '"a"@b.example', 'a"b@b.example'],
    "mailto:": ["mailto:a@b.example", "MAILTO:a@b.example?subject=x"],
    "more than one address": [
        "a@b.example,c@d.example",
        "a@b.example; c@d.example",
        "a@b.example c@d.example",
        "a@b@c.example",
        "a@b.example，c@d.example",
        "a@b.example,",
    ],
    "no @": ["@b.example", "a.b.example", "n/a", "-", "0", "a＠b.example"],
    "empty": ["", "  "],
    "white space": ["a b@b.example", "a@b. example", "a@b.example\u00a0", "\u3000a@b.example", "a\t@b.example"],
    "line break": ["a@b.example\n", "a@b.example\r\nBcc: c@d.example", "a\u2028@b.example", "\x0ba@b.example"],
    "address of a machine": ["a@[127.0.0.1]", "a@[IPv6:::1]"],
    "ends with a dot": ["a@b.example.", "a@b.example。", "a@b.example．"],
    "reserved domain": ["a@localhost", "root@mail.localhost", "a@corp.local", "no@mail.invalid", "a@B.LOCAL"],
    "has no dot": ["a@b", "a@test"],
    "no form in lower case": ["Ⱥ" * 100 + "@b.example"],
    "too long": ["a" * 1_000 + "@b.example"],
    "not an e-mail address": [
        "a" * 250 + "@b.example",
        ".a@b.example",
        "a.@b.example",
        "a..b@b.example",
        "a@-b.example",
        "a@b-.example",
        "a@b..example",
        "a@.b.example",
        "a@127.0.0.1",
        "a@b.1",
        "a(b)@b.example",
        "a:b@b.example",
        "a@b_c.example",
        "a@ab--cd.example",
        "a@xn--a.example",
        "a@" + "b" * 64 + ".example",
        "a\u037eb@b.example",
    ],
}


@pytest.mark.parametrize(("text", "form"), READ.items())
def test_an_address_has_one_form(text: str, form: str) -> None:
    """Case, composition, the spelling of a domain and outer blanks make no difference; all else of a name stays."""
    assert LibraryAddresses().email(text) == form
    assert LibraryAddresses().email(form) == form


@pytest.mark.parametrize(("words", "text"), [(words, text) for words, texts in REFUSED.items() for text in texts])
def test_what_is_no_address_is_refused_with_its_own_sentence(words: str, text: str) -> None:
    """The sentence says what is wrong and quotes nothing, and no error that quotes hangs on it."""
    with pytest.raises(ValueError, match=re.escape(words)) as caught:
        LibraryAddresses().email(text)
    assert caught.value.__context__ is None
    assert "example" not in str(caught.value)


HIDDEN = [0xAD, 0x34F, 0x61C, 0x115F, 0x17B4, 0x180B, 0x180E, 0x200B, 0x200D, 0x202E, 0x2060, 0x2066, 0x2800, 0x3164]
HIDDEN += [0xFE0F, 0xFEFF, 0xFFA0, 0xFFF9, 0x1BCA0, 0x1D173, 0xE0001, 0xE0020, 0xE0100, 0, 7, 0x1B, 0x7F, 0x80, 0x9F]


@pytest.mark.parametrize("code", HIDDEN)
def test_an_invisible_character_is_refused_wherever_it_stands(code: int) -> None:
    """Two addresses or numbers that look alike on a screen are never two forms for that."""
    reader = LibraryAddresses("AT")
    for read, text in ((reader.email, "ada@b.example"), (reader.phone, "+436641234567"), (reader.phone, "06641234567")):
        for place in range(len(text) + 1):
            with pytest.raises(ValueError, match=r"^holds (an invisible character|a line break)$"):
                read(text[:place] + chr(code) + text[place:])


def test_the_version_names_what_the_forms_rest_on() -> None:
    """The rules, the libraries and their tables, and the region."""
    one, other = LibraryAddresses(), LibraryAddresses("AT")
    assert one.version.startswith("rules 1, email-validator 2.")
    assert one.version.endswith("region none")
    assert other.version == one.version.replace("region none", "region AT")
    assert all(name in one.version for name in ("idna 3.", "phonenumbers 9.", "Unicode "))
