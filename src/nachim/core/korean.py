"""Korean grammar that depends on the word before: particles after names, numbers and units."""

from __future__ import annotations

PAIRS = {
    "이/가": ("이", "가"),
    "을/를": ("을", "를"),
    "은/는": ("은", "는"),
    "와/과": ("과", "와"),
    "으로/로": ("으로", "로"),
}
# How a last character that is not Hangul is read: whether it ends in a consonant, and whether that is ㄹ.
DIGITS = {"0": (True, False), "1": (True, True), "2": (False, False), "3": (True, False), "4": (False, False),
          "5": (False, False), "6": (True, False), "7": (True, True), "8": (True, True), "9": (False, False)}  # fmt: skip
LETTERS = dict.fromkeys("lr", (True, True)) | dict.fromkeys("mn", (True, False))
SIGNS = {"%": (False, False), "₩": (True, False), "℃": (False, False)}
SKIPPED = ")]}\"'”’」』 ."


def josa(word: str, pair: str) -> str:
    """`word` with the particle that fits its last sound: josa("매출", "이/가") is "매출이", josa("12%", "은/는") is "12%는".

    Closing brackets and quotes are passed over. A word that ends in nothing readable takes the form without a final consonant.
    """
    closed, open_ = PAIRS[pair]
    final, liquid = _ending(word)
    if pair == "으로/로" and liquid:
        return word + open_
    return word + (closed if final else open_)


def _ending(word: str) -> tuple[bool, bool]:
    """Whether the word ends in a consonant, and whether that consonant is ㄹ."""
    last = word.rstrip(SKIPPED)[-1:]
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        return final != 0, final == 8
    return DIGITS.get(last) or LETTERS.get(last.lower()) or SIGNS.get(last) or (False, False)
