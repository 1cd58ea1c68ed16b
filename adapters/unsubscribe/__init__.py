"""Unsubscribe links in e-mails, and the one click that records an opt-out."""

from adapters.unsubscribe.links import BaseUrlNotUsable, UnsubscribeLinks
from adapters.unsubscribe.tokens import Token, TokenNotValid, Tokens
from adapters.unsubscribe.unsubscriber import AddressNotUsable, Unsubscribed, Unsubscriber

__all__ = [
    "AddressNotUsable",
    "BaseUrlNotUsable",
    "Token",
    "TokenNotValid",
    "Tokens",
    "UnsubscribeLinks",
    "Unsubscribed",
    "Unsubscriber",
]
