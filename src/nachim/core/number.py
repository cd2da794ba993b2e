"""How numbers read: money in 만·억·조, percents and percentage points, signed changes. Exact half-up decimals."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

NOTHING = "—"
STEPS = {
    "ko": ((Decimal(10) ** 12, "조"), (Decimal(10) ** 8, "억"), (Decimal(10) ** 4, "만")),
    "en": ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "K")),
}
# Decimals shown in full form, by unit.
DECIMALS = {"KRW": 0, "USD": 2, "count": 0, "people": 0, "percent": 1, "points": 1, "ratio": 2,
            "days": 1, "hours": 1, "minutes": 1, "seconds": 1}  # fmt: skip
SUFFIX = {
    "ko": {
        "people": "명",
        "points": "점",
        "days": "일",
        "hours": "시간",
        "minutes": "분",
        "seconds": "초",
        "ratio": "배",
    },
    "en": {"days": " days", "hours": " h", "minutes": " min", "seconds": " s", "ratio": "×", "points": " pts"},
}
PREFIX = {"KRW": "₩", "USD": "$"}
# Room for the largest float there is, so that no number is too long to round.
WIDE = Context(prec=400)


def rounded(value: float | Decimal, decimals: int) -> Decimal:
    """Half up, as people round; never a negative zero."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    number = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, WIDE)
    return abs(number) if number == 0 else number


@lru_cache(16_384, typed=True)
def format_value(
    value: float | Decimal | None,
    unit: str = "count",
    locale: str = "ko",
    *,
    compact: bool = False,
    signed: bool = False,
    decimals: int | None = None,
) -> str:
    """`value` with its unit: ₩1,234,568 · 12.3% · 1,234명. percent takes shares (0.123).

    compact uses 만/억/조 (K/M/B in English) with at most four digits. None is a dash: no data is not zero.
    """
    if value is None:
        return NOTHING
    number = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    if not number.is_finite():
        return NOTHING
    if unit == "percent":
        number *= 100
    places = DECIMALS.get(unit, 2) if decimals is None else decimals
    if decimals is None and unit not in DECIMALS and number == number.to_integral_value():
        places = 0
    if decimals is None and unit in ("count", "people") and number != number.to_integral_value():
        places = 0 if abs(number) >= 1000 else 1 if abs(number) >= 10 else 2
        if (whole := rounded(number, places)) == whole.to_integral_value():
            places = 0  # 618.04 sign-ups are 618, not 618.0
    if decimals is None and unit in ("points", "days", "hours", "minutes") and abs(number) < 10:
        places = 2
    body, tail = _compact(number, locale, places) if compact and unit != "percent" else (None, "")
    shown = rounded(number, places) if body is None else body
    sign = "-" if shown < 0 else "+" if signed and shown > 0 else ""
    text = f"{abs(shown):,f}"
    return f"{sign}{PREFIX.get(unit, '')}{text}{tail}{suffix_of(unit, locale)}"


def suffix_of(unit: str, locale: str = "ko") -> str:
    """What stands behind a number of this unit. A unit of the company's own is written as it is: 1,234건, 12.5 kg."""
    if unit == "percent":
        return "%"
    known = SUFFIX["en" if locale == "en" else "ko"].get(unit)
    if known is not None or unit in DECIMALS:
        return known or ""
    return unit if unit[:1] >= "가" else f" {unit}"


def _compact(number: Decimal, locale: str, places: int) -> tuple[Decimal | None, str]:
    """The number in the largest step it fills, rolled over when rounding fills the next one: 99,995,000 is 1억."""
    steps = STEPS["en" if locale == "en" else "ko"]
    for at, (size, name) in enumerate(steps):
        if abs(number) < size:
            # 9,999.5만 rounds to 1억, and 9,999.6 to 1만: they belong to the step above.
            below = steps[at + 1][0] if at + 1 < len(steps) else None
            shown = _four(abs(number) / below) * below if below else rounded(abs(number), places)
            if shown >= size:
                return _four(number / size), name
            continue
        return _four(number / size), name
    return None, ""


def _four(number: Decimal) -> Decimal:
    """Three or four significant digits without trailing zeros: 2.68, 12.3, 123.5, 1,235."""
    size = abs(number)
    shown = rounded(number, 2 if size < 10 else 1 if size < 1000 else 0)
    if shown == shown.to_integral_value():
        return Decimal(int(shown))
    return shown.normalize()


def long_won(value: float | None) -> str:
    """Won in two steps, as reports say it: 12억 3,457만 원."""
    if value is None:
        return NOTHING
    left = int(rounded(abs(value), 0))
    if left < 10_000:
        return f"{'-' if value < 0 and left else ''}{left:,}원"
    for step in (10**12, 10**8):
        if left >= step:
            left = int(rounded(Decimal(left) / (step // 10_000), 0)) * (step // 10_000)
    parts = []
    for size, name in ((10**12, "조"), (10**8, "억"), (10**4, "만"), (1, "")):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count:,}{name}")
        if len(parts) == 2:
            break
    return f"{'-' if value < 0 else ''}{' '.join(parts)} 원"


@lru_cache(16_384, typed=True)
def format_change(
    value: float | None, before: float | None, unit: str = "count", locale: str = "ko", *, compact: bool = True
) -> str:
    """From `before` to `value`: percents in %p, others in % if the earlier value is positive, else as a difference."""
    if value is None or before is None:
        return NOTHING
    if unit == "percent":
        points = rounded((Decimal(repr(value)) - Decimal(repr(before))) * 100, 1)
        return f"{points:+,f}%p" if points else "0.0%p"
    if before > 0:
        share = rounded((Decimal(repr(value)) / Decimal(repr(before)) - 1) * 100, 1)
        return f"{share:+,f}%" if share else "0.0%"
    return format_value(value - before, unit, locale, compact=compact, signed=True)


@lru_cache(16_384, typed=True)
def format_difference(value: float | None, unit: str = "count", locale: str = "ko", *, compact: bool = True) -> str:
    """A signed difference in the unit; of percents in %p."""
    if value is None:
        return NOTHING
    if unit == "percent":
        points = rounded(Decimal(repr(value)) * 100, 1)
        return f"{points:+,f}%p" if points else "0.0%p"
    return format_value(value, unit, locale, compact=compact, signed=True)


def format_odds(odds: float, locale: str = "ko") -> str:
    """Odds in whole percents; never 0 % or 100 %, which nobody can promise of what is to come."""
    if odds < 0.005:
        return "1% 미만" if locale == "ko" else "under 1%"
    if odds > 0.995:
        return "99% 이상" if locale == "ko" else "over 99%"
    return format_value(odds, "percent", locale, decimals=0)


def parse_number(text: str, unit: str = "count") -> float:
    """What people type: `1억 2,000만`, `15%`, `₩5만`. percent units read 15 and 15% as 0.15. ValueError otherwise."""
    words = text.strip().replace(",", "").replace(" ", "").replace("원", "").replace("₩", "").replace("$", "")
    percent = words.endswith(("%", "퍼센트"))
    words = words.removesuffix("%").removesuffix("퍼센트")
    for suffix in ("명", "건", "개", "점", "일", "분", "시간", "초", "배"):
        words = words.removesuffix(suffix)
    negative = words.startswith(("-", "△"))
    words = words.lstrip("-△+")
    total, digits = Decimal(0), ""
    sizes = {"조": 10**12, "억": 10**8, "만": 10**4, "천": 10**3}
    for letter in words:
        if letter.isdecimal() or letter == ".":
            digits += letter
        elif letter in sizes:
            total += Decimal(digits or "1") * sizes[letter]
            digits = ""
        else:
            raise ValueError(text)
    if not words or digits.count(".") > 1 or digits == ".":
        raise ValueError(text)
    total += Decimal(digits or "0")
    if percent or unit == "percent":
        total /= 100
    return float(-total if negative else total)
