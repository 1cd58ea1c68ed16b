"""What adapters/README.md says of addresses and numbers."""

from __future__ import annotations

import re
from pathlib import Path

from adapters import addresses
from adapters.addresses import LibraryAddresses

PAGE = (Path(__file__).parents[2] / "adapters" / "README.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## Addresses and numbers")[2].partition("\n## ")[0]


def test_each_row_is_read_as_it_says() -> None:
    """With the region that the page names; `the same` means the row above."""
    reader = LibraryAddresses("AT")
    read, form = 0, ""
    for left, right in re.findall(r"^\| (`.+) \| (.+) \|$", SECTION, re.MULTILINE):
        form = found[1] if (found := re.match(r"`([^`]+)`:", right)) else form
        assert found or right.startswith("the same with `PLEDGER_PHONE_REGION=AT`")
        for text in re.findall(r"`([^`]+)`", left):
            assert (reader.email(text) if "@" in text else reader.phone(text)) == form
            read += 1
    assert read == 5


def test_the_reserved_domains_are_listed() -> None:
    """All of them, and no other."""
    listed = re.search(r"reserved domains that reach nobody\s+\(([^)]+)\)", SECTION)
    assert listed
    assert set(re.findall(r"`\.(\w+)`", listed[1])) == addresses.RESERVED_TLDS
