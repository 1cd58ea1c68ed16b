"""The keys of a ledger's streams, and the digests made with them.

Data keys are random, one a customer; only their wrapped form leaves this process. Names and facts are looked up by
digests under the ledger's own key, which the database does not have. The contents of facts are digests under it too, so
that they can be compared after an erasure. References are digests under the customer's key, so they die with it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

from adapters.keys.mac import Mac, mac_once
from adapters.keys.sealing import commitment, reference_key, seal, unseal
from domain.facts.patterns import stays_clear

if TYPE_CHECKING:
    from uuid import UUID

    from adapters.keys.holder import KeyHolder
    from domain.facts.fields import Subject

_CODE_BYTES: Final = 16
_FACT_BYTES: Final = 16
_MADE_MAX: Final = 20_000
"""How many digests of contact points, of names and of sources are remembered, each."""
_CODES_MAX: Final = 4
"""How many codes of references are remembered with the key of a stream."""
_CODE_OF_SOURCE: Final = re.compile(r"~[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class StreamKey:
    """The data key of one stream, with the keys derived from it for digests of references and for contact points.

    `mac` is that of the data key, from which the key of each event is derived.
    """

    dek: bytes
    references: bytes
    contact_points: bytes
    mac: Mac = field(compare=False, repr=False)
    _codes: dict[str, str] = field(default_factory=dict, compare=False, repr=False)
    """The last few codes, by reference: facts about one order mostly come together."""

    @classmethod
    def of(cls, dek: bytes) -> Self:
        """Derive the other keys of a data key."""
        mac = Mac(dek)
        return cls(dek, reference_key(dek), mac.digest(b"contact1"), mac)

    def code(self, reference: str) -> str:
        """Return the code of a reference: 128 bits of HMAC-SHA256, in hex."""
        code = self._codes.get(reference)
        if code is None:
            if len(self._codes) >= _CODES_MAX:
                self._codes.clear()
            code = mac_once(self.references, reference.encode())[:_CODE_BYTES].hex()
            self._codes[reference] = code
        return code

    def seal_contact(self, stream: UUID, ordinal: int, text: str) -> bytes:
        """Seal a contact point for storage beside its digest, bound to its stream and ordinal."""
        return seal(self.contact_points, text.encode(), _place(stream, ordinal), os.urandom(12))

    def open_contact(self, stream: UUID, ordinal: int, sealed: bytes) -> str:
        """Open a contact point that was sealed for this stream and ordinal. Raises `SealBroken`."""
        key = self.contact_points
        return unseal(key, sealed, _place(stream, ordinal), commitment(key)).decode()


def _place(stream: UUID, ordinal: int) -> bytes:
    return stream.bytes + ordinal.to_bytes(4, "big")


class Keyring:
    """Makes, wraps and opens the keys of one ledger's streams."""

    def __init__(self, holder: KeyHolder, lookup_key: bytes) -> None:
        self.holder = holder
        self._customers = Mac(hmac.digest(lookup_key, b"customers", "sha256"))
        self._contacts = Mac(hmac.digest(lookup_key, b"contact points", "sha256"))
        self._made: dict[Subject, bytes] = {}
        self._named: dict[Subject, bytes] = {}
        self._visitors = Mac(hmac.digest(lookup_key, b"visitors", "sha256"))
        self._facts = Mac(hmac.digest(lookup_key, b"facts", "sha256"))
        self._sources = Mac(hmac.digest(lookup_key, b"sources", "sha256"))
        self._source_codes: dict[str, str] = {}
        self._contents = Mac(hmac.digest(lookup_key, b"contents of facts", "sha256"))
        self.unsubscribe_links = hmac.digest(lookup_key, b"unsubscribe links", "sha512")
        self.append_tokens = hmac.digest(lookup_key, b"append tokens", "sha512")

    def new(self) -> StreamKey:
        """Make the key of a new stream."""
        return StreamKey.of(os.urandom(32))

    def wrap(self, stream: UUID, key: StreamKey) -> bytes:
        """Wrap a stream's key for storage."""
        return self.holder.wrap(key.dek, b"stream" + stream.bytes)

    def unwrap(self, stream: UUID, wrapped: bytes) -> StreamKey:
        """Open a stream's stored key; raises the holder's error where it does not belong there."""
        return StreamKey.of(self.data_key(stream, wrapped))

    def data_key(self, stream: UUID, wrapped: bytes) -> bytes:
        """Open a stream's stored key as `unwrap` does, for who derives nothing from it but the keys of events."""
        return self.holder.unwrap(wrapped, b"stream" + stream.bytes)

    def destroyed(self, stream: UUID, key: StreamKey | None) -> tuple[str, str]:
        """Name a key that is about to be destroyed: an id of it, and a receipt by which its holder knows it again."""
        dek = key.dek if key else b""
        key_id = hmac.digest(dek, b"id" + stream.bytes, "sha256")[:8].hex()
        return key_id, hmac.digest(dek, b"destroyed" + stream.bytes, "sha256").hex()

    def contact(self, point: Subject) -> bytes:
        """Return the digest by which a contact point is matched, of the SHA-256 of its normal form.

        So it can be made of a list of SHA-256 as mail services exchange them. One fact asks for it several times.
        """
        digest = self._made.get(point)
        if digest is None:
            if len(self._made) >= _MADE_MAX:
                self._made.clear()
            digest = self._made[point] = self._contact(point)
        return digest

    def _contact(self, point: Subject) -> bytes:
        return self._contacts.digest(hashlib.sha256(point.value.encode()).digest())

    def name(self, subject: Subject) -> bytes:
        """Return the digest under which a customer's or a browser's name is looked up."""
        digest = self._named.get(subject)
        if digest is None:
            if len(self._named) >= _MADE_MAX:
                self._named.clear()
            key = self._visitors if subject.kind == "visitor" else self._customers
            digest = self._named[subject] = key.digest(str(subject).encode())
        return digest

    def visitor_code(self, stream: UUID, name: str) -> str:
        """Return the code of a fact's name on a browser's stream, which has no key of its own."""
        return self._visitors.digest(stream.bytes + name.encode())[:_CODE_BYTES].hex()

    def fact(self, name: str) -> bytes:
        """Return the digest under which a fact is looked up: 128 bits of HMAC-SHA256 of its source and id."""
        return self._facts.digest(name.encode())[:_FACT_BYTES]

    def content(self, content: bytes, *, refused: bool) -> bytes:
        """Return the digest of what a fact says, of whom, and whether it was refused."""
        return self._contents.digest((b"refused" if refused else b"stored ") + content)[:_FACT_BYTES]

    def source_code(self, source: str) -> str:
        """Return how the source of a fact stands in the log: as it is, or, where it is no plain code, a digest of it.

        A source may be any URI reference, and so hold somebody's address or number. Its digest is the same for all
        facts, so that they are counted, watched and annulled by source, and it begins as no plain code does.
        """
        code = self._source_codes.get(source)
        if code is None:
            if len(self._source_codes) >= _MADE_MAX:
                self._source_codes.clear()
            digest = self._sources.digest(source.encode())[:_CODE_BYTES].hex()
            code = self._source_codes[source] = source if stays_clear(source) else f"~{digest}"
        return code

    def source_asked(self, text: str) -> str:
        """Return how a source stands in the log that is asked for as it was sent, or by the digest in lists."""
        return text if _CODE_OF_SOURCE.fullmatch(text) else self.source_code(text)

    def was_refused(self, content: bytes, digest: bytes) -> bool | None:
        """Return whether a fact of this content was refused, going by its digest; None: it is that of another."""
        for refused in (False, True):
            if hmac.compare_digest(self.content(content, refused=refused), digest):
                return refused
        return None
