"""Placeholder until the library-backed reader is merged."""

import re


class LibraryAddresses:
    def email(self, text):
        text = text.strip().lower()
        if not re.fullmatch(r"[^@\s,;<>:]+@[^@\s,;<>:]+[^.\s]", text):
            raise ValueError("is not an e-mail address")
        l, d = text.split("@")
        return l + "@" + d.encode("idna").decode()

    def phone(self, text):
        text = re.sub(r"[ ()/-]", "", text)
        if not re.fullmatch(r"\+\d{7,15}", text):
            raise ValueError("is not a telephone number in international form")
        return text


ADDRESSES = LibraryAddresses()
