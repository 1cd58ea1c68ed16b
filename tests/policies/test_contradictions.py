"""What one promise permits and another forbids, found by trying: all of the first policy's, none, and a planted one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.policy.contradictions import Contradiction, contradictions
from domain.rules.cookie_contents import CookieContents
from domain.rules.cookie_purposes import CookiePurposes
from domain.rules.enrollment_bounds import EnrollmentBounds
from domain.rules.routes_limited import RoutesLimited
from domain.vocabulary import Act, Cause, Program, Reading
from tests.newsletter import newsletter
from tests.scenario import first_policy

if TYPE_CHECKING:
    from domain.policy.model import Policy

ENROLLS = EnrollmentBounds(
    judges={Cause.PURCHASE: (Program.EMAIL_MARKETING,)}, acts=(Act.ORDER,), programs=(Program.EMAIL_MARKETING,)
)


def pairs(found: list[Contradiction], reading: Reading) -> set[tuple[str, str]]:
    """Return what permits and what forbids under a reading."""
    return {(one.permits, one.forbids) for one in found if reading in one.combinations}


def small(**rules: object) -> Policy:
    """Return a policy of these rules alone; a capital M marks a permission, and any other name a prohibition."""
    policy = first_policy()
    by_modality = {one.modality.value: one for one in policy.promises}
    promises = tuple(
        by_modality["permission" if name.startswith("M") else "prohibition"].model_copy(
            update={"id": name, "rule": rule, "otherwise": {}}
        )
        for name, rule in rules.items()
    )
    return policy.model_copy(update={"promises": promises})


def test_the_first_policy_contradicts_itself_where_its_text_does() -> None:
    """Strictly, "only to complete that order" stands against enrolling all who purchase; harmonised, nothing does."""
    found = contradictions(first_policy())
    assert pairs(found, Reading.STRICT) == {
        ("P10", "P18"),
        ("P15", "P11"),
        ("P16", "P04"),
        ("P16", "P11"),
        ("P19", "P11"),
    }
    assert pairs(found, Reading.HARMONISED) == set()
    assert pairs(found, Reading.PERMISSIVE) == {("P12", "P05"), ("P12", "P07"), ("P12", "P09")}


def test_an_example_is_a_combination_in_which_both_speak() -> None:
    """The enrollment after an order, and the mail that it is for, are what P04 forbids and P16 permits."""
    (found,) = [one for one in contradictions(first_policy()) if (one.permits, one.forbids) == ("P16", "P04")]
    assert [combination.what for combination in found.combinations[Reading.STRICT]] == ["enrollment", "message"]
    assert (found.example.act, found.example.program) == (Act.ORDER, Program.EMAIL_MARKETING)
    assert not found.example.after_opt_out
    assert found.codes == ("marketed_by_this_act",)


def test_after_an_opt_out() -> None:
    """Registering anew after leaving is where the form's promise meets the lasting opt-out."""
    (found,) = [one for one in contradictions(first_policy()) if one.permits == "P10"]
    assert {combination.after_opt_out for combination in found.combinations[Reading.STRICT]} == {True}


def test_a_policy_without_any() -> None:
    """The newsletter takes back nothing that it permits, and one promise alone cannot contradict itself."""
    assert contradictions(newsletter()) == []
    assert contradictions(small(M=ENROLLS)) == []


def test_a_planted_one() -> None:
    """Forbid what is permitted, and exactly that is found, under every reading."""
    forbids = RoutesLimited(routes={Cause.CATALOG_REQUEST: (Program.PHYSICAL_MAILINGS,)})
    (found,) = contradictions(small(M=ENROLLS, F=forbids))
    assert (found.permits, found.forbids, found.example.act) == ("M", "F", Act.ORDER)
    assert set(found.combinations) == set(Reading)
    assert contradictions(small(M=ENROLLS, F=RoutesLimited(routes={Cause.PURCHASE: (Program.EMAIL_MARKETING,)}))) == []


def test_a_permission_says_nothing_of_what_it_does_not_look_at() -> None:
    """A cookie may serve a purpose, and not hold an address: that is no contradiction; to forbid any content is one."""
    purposes = CookiePurposes(purposes="cookies")
    policy = small(M=purposes, F=CookieContents(identifying=("user.contact",)))
    policy = policy.model_copy(update={"purposes": {"cookies": ("track_visits",)}})
    assert contradictions(policy) == []
    everything = small(M=purposes, F=CookieContents(identifying=("user",)))
    everything = everything.model_copy(update={"purposes": {"cookies": ("track_visits",)}})
    (found,) = contradictions(everything)
    assert (found.example.what, found.example.category, found.example.purpose) == ("cookie", None, "track_visits")
