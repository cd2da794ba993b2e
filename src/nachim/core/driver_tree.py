"""A number as its drivers: the parts that make it by arithmetic, what contributes to it, what is claimed to move it.

Only the parts of an identity reconcile. All values are decimals, so that a plan holds to the won.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from nachim.core.exact import half_up

How = Literal["sum", "product"]
Kind = Literal["identity", "contributes", "claimed"]

WORDS: dict[str, tuple[str, str]] = {
    "twice": ("“{name}”: 나무에 두 번 나옵니다.", "“{name}” stands in the tree twice."),
    "no_parts": ("“{name}”: 더하거나 곱할 것이 없습니다.", "“{name}” has nothing to add up or multiply."),
    "no_how": (
        "“{name}”: 하위 지표를 더하는지 곱하는지 적으세요.",
        "“{name}”: say whether its parts are added or multiplied.",
    ),
    "step": (
        "“{name}”: 단위는 1, 0.1, 0.01처럼 10의 거듭제곱입니다.",
        "“{name}”: a step is a power of ten: 1, 0.1, 0.01.",
    ),
    "unknown": ("“{name}”: 나무에 없습니다.", "“{name}” is not in the tree."),
    "not_a_number": ("“{name}”: 숫자가 아닙니다.", "“{name}” has no number."),
    "gap": (
        "{name}: 목표 {stated}, 하위 목표로는 {combined}. {difference} 차이가 납니다.",
        "{name}: the target is {stated}, its parts make {combined}. They differ by {difference}.",
    ),
    "undefined": ("{name}: 0으로 나누게 되어 값이 없습니다.", "{name}: a part is zero where it divides."),
}


class DriverError(ValueError):
    """A tree that cannot be; `code` says why, `name` where."""

    def __init__(self, code: str, name: str):
        super().__init__(WORDS[code][1].format(name=name))
        self.code, self.name = code, name

    def text(self, locale: str = "ko") -> str:
        return WORDS[self.code][locale == "en"].format(name=self.name)


@dataclass(frozen=True)
class Edge:
    """How `part` bears on `whole`. `identity`: by arithmetic; `contributes`: as known from the business; `claimed`:
    supposed, `lag` days later, until data show it. `direction`: whether more of the part means more or less of it.
    """

    whole: str
    part: str
    kind: Kind
    direction: Literal["up", "down"] = "up"
    lag: int = 0


@dataclass(frozen=True)
class Driver:
    """A metric in a tree with its value, and the parts that make it.

    `step`: the unit in which people set it (1 for won, 0.0001 for a share), a power of ten. `against`: it is taken off
    in a sum, or divides in a product. `held`: a person has fixed it. `share`: how much of a change it takes, among its
    siblings; None is in proportion for a sum, equal for a product.
    """

    name: str
    value: Decimal
    step: Decimal = Decimal(1)
    how: How | None = None
    parts: tuple[Driver, ...] = ()
    against: bool = False
    held: bool = False
    share: Decimal | None = None

    def __post_init__(self) -> None:
        if not self.value.is_finite():
            raise DriverError("not_a_number", self.name)
        if not self.step.is_finite() or self.step <= 0 or self.step != Decimal(1).scaleb(self.step.adjusted()):
            raise DriverError("step", self.name)
        if self.parts and self.how is None:
            raise DriverError("no_how", self.name)
        if self.how is not None and not self.parts:
            raise DriverError("no_parts", self.name)

    @property
    def places(self) -> int:
        """To how many decimals its value counts: those of its step, or more where a plan needed them."""
        return max(-self.step.adjusted(), decimals(self.value))

    def walk(self) -> Iterator[Driver]:
        yield self
        for part in self.parts:
            yield from part.walk()

    def find(self, name: str) -> Driver:
        """The driver of this name. DriverError when there is none."""
        for one in self.walk():
            if one.name == name:
                return one
        raise DriverError("unknown", name)

    def with_value(self, value: Decimal) -> Driver:
        return replace(self, value=value)


@dataclass(frozen=True)
class Gap:
    """A whole whose parts make something else; `combined` is None where they make no number at all."""

    name: str
    stated: Decimal
    combined: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        return None if self.combined is None else self.stated - self.combined

    def text(self, locale: str = "ko") -> str:
        code = "undefined" if self.combined is None else "gap"
        return WORDS[code][locale == "en"].format(
            name=self.name, stated=self.stated, combined=self.combined, difference=self.difference
        )


def checked(tree: Driver) -> Driver:
    """The tree, when every name stands in it once."""
    seen: set[str] = set()
    for one in tree.walk():
        if one.name in seen:
            raise DriverError("twice", one.name)
        seen.add(one.name)
    return tree


def decimals(value: Decimal) -> int:
    """Decimals that say something: 1.50 has one, 1200 has -2 and counts as none."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def exactly(parts: tuple[Driver, ...], how: How) -> Fraction | None:
    """What values of parts make, unrounded; None where one that divides is zero."""
    total = Fraction(0 if how == "sum" else 1)
    for part in parts:
        value = Fraction(part.value)
        if how == "sum":
            total += -value if part.against else value
        elif not part.against:
            total *= value
        elif value == 0:
            return None
        else:
            total /= value
    return total


def combined(driver: Driver) -> Decimal | None:
    """What its parts make, to its own decimals; its own value when it has no parts."""
    if driver.how is None:
        return driver.value
    made = exactly(driver.parts, driver.how)
    return None if made is None else half_up(made, driver.places)


def gaps(tree: Driver) -> list[Gap]:
    """Every whole that its parts do not make, from the top down."""
    found = []
    for one in tree.walk():
        made = combined(one)
        if made is None or made != one.value:
            found.append(Gap(one.name, one.value, made))
    return found


def rolled_up(tree: Driver) -> Driver:
    """The tree with every whole set to what its parts make, in its own step; one they cannot make keeps its value."""
    if tree.how is None:
        return tree
    parts = tuple(rolled_up(part) for part in tree.parts)
    made = exactly(parts, tree.how)
    value = tree.value if made is None else half_up(made, max(0, -tree.step.adjusted()))
    return replace(tree, parts=parts, value=value)
