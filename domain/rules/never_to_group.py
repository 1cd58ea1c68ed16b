"""Rule kind `never_to_group`: an account holder's contact data is never given to one group of companies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from domain.events.customer import DataCollected, DataShared
from domain.events.links import CustomersLinked
from domain.policy.model import DataCategory, Words
from domain.records.entries import by_moment
from domain.records.uncorrected import standing
from domain.rules.common.base import Breach, Case, Rule
from domain.rules.common.particulars import particulars
from domain.rules.common.particulars_of import told
from domain.vocabulary import CONTACT, Act, covers, holds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from domain.moments import Moment
    from domain.records.entries import Held
    from domain.rules.common.particulars import Particulars


def _contact(category: str) -> str:
    if not covers(CONTACT, category):
        mistake = "not_a_contact"
        raise PydanticCustomError(mistake, "must be a contact, since a person's record keeps only shares of contacts")
    return category


ContactCategory = Annotated[DataCategory, AfterValidator(_contact)]


class NeverToGroup(Rule):
    """Data of `categories` about a person who ever has an account does not go to a recipient of `group`.

    A collection in one of `accounts` makes a person an account holder, for earlier shares too: the share was the
    breach, and the account shows it, or the link to a person who has one. A recipient belongs to the group that it was
    registered with at the time of the share, or to the group of its own name. A hash of a value has the value's
    category.
    """

    concerns: ClassVar = frozenset({DataShared, DataCollected, CustomersLinked})
    looks_back: ClassVar = True
    reasons: ClassVar = {"given_to_group": "It gave that group the contact data of a person who has had an account."}

    group: Words
    categories: tuple[ContactCategory, ...]
    accounts: tuple[Act, ...]

    def is_tested(self, case: Case) -> bool:
        """Return whether data of these categories went to the group."""
        event = case.event
        return isinstance(event, DataShared) and self._is_given(case, event.recipient, event.categories, case.moment)

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one share, or all earlier shares about a person who has an account now."""
        event = case.event
        if isinstance(event, DataShared):
            account = self._account(case, case.moment)
            if account and self.is_tested(case):
                known = (*self._of(event.recipient, event.categories), *_of_account(case, account.moment))
                yield Breach("given_to_group", (account.position,), particulars=known)
            return
        is_opening = isinstance(event, DataCollected) and event.act in self.accounts
        if not is_opening and not isinstance(event, CustomersLinked):
            return
        for given in case.customer.given:
            if given.moment < case.moment and self._is_given(case, given.recipient, given.categories, given.moment):
                account = self._account(case, given.moment)
                opened = account.moment if account else case.moment
                if (account is None) == is_opening and not _is_wrong(case, opened, given.moment):
                    known = (*self._of(given.recipient, given.categories), *_of_account(case, opened))
                    yield Breach("given_to_group", (opened.position,), about=given.moment, particulars=known)

    def _of(self, recipient: str, categories: Iterable[str]) -> Particulars:
        shown = tuple(one for one in categories if any(holds((one,), each) for each in self.categories))
        return particulars(recipient=recipient, group=self.group, categories=shown)

    def _account(self, case: Case, at: Moment) -> Held | None:
        """Return the first collection before the event that made the person an account holder, of what stands at `at`.

        An account whose entry was corrected before a share makes nobody an account holder for that share.
        """
        by_act = standing(case.customer, at).by_act
        opened = [held for act in self.accounts for held in by_act.get(act, ())]
        return min((held for held in opened if held.moment < case.moment), default=None, key=by_moment)

    def _is_given(self, case: Case, recipient: str, categories: Iterable[str], at: Moment) -> bool:
        group = self.group.casefold()
        owner = case.company.group_of(recipient, at)
        is_of_group = recipient.casefold() == group or (owner is not None and owner.casefold() == group)
        return is_of_group and any(holds(categories, category) for category in self.categories)


def _of_account(case: Case, opened: Moment) -> Particulars:
    """Return since when the person has an account."""
    return (*particulars(account_since=opened), *told(case, opened))


def _is_wrong(case: Case, opened: Moment, at: Moment) -> bool:
    """Return whether the entry of an account was corrected before a moment."""
    corrections = case.customer.corrections
    return corrections.fact_of(opened.position) in corrections.wrong_at(at)
