"""Korean grammar that depends on the word before: particles after names, numbers and units."""

from __future__ import annotations

import re

PAIRS = {
    "이/가": ("이", "가"),
    "을/를": ("을", "를"),
    "은/는": ("은", "는"),
    "와/과": ("과", "와"),
    "으로/로": ("으로", "로"),
}
VOWEL, CONSONANT, RIEUL = (False, False), (True, False), (True, True)
# How a last character that is not Hangul is read: whether it ends in a consonant, and whether that is ㄹ.
SOUNDS = {
    **dict.fromkeys("2459%", VOWEL),
    **dict.fromkeys("036", CONSONANT),
    **dict.fromkeys("178", RIEUL),
    **dict.fromkeys("mn₩", CONSONANT),
    **dict.fromkeys("lr", RIEUL),
}
# Units after a number are read as words: 3kg is 킬로그램, 5km is 킬로미터, 20ml is 밀리리터.
UNITS = {
    **dict.fromkeys(("g", "kg", "mg", "t", "min"), CONSONANT),
    **dict.fromkeys(("m", "mm", "cm", "km", "l", "ml"), VOWEL),
}
UNIT = re.compile(r"\d\s*([a-z]+)$")
ASIDE = re.compile(r"\s*[(\[{（][^()\[\]{}（）]*[)\]}）]$")
SILENT = ")]}）>\"'”’」』》 ."


def josa(word: str, pair: str) -> str:
    """`word` with the particle that fits its last sound: "매출" and "이/가" give "매출이", "12%" and "은/는" "12%는".

    What stands in brackets at the end is not read (매출(월) is 매출이), nor are closing quotes. A word that ends in
    nothing readable takes the form without a final consonant.
    """
    closed, open_ = PAIRS[pair]
    final, liquid = _ending(word)
    if pair == "으로/로" and liquid:
        return word + open_
    return word + (closed if final else open_)


def _ending(word: str) -> tuple[bool, bool]:
    """Whether the word ends in a consonant, and whether that consonant is ㄹ."""
    word = word.rstrip("\"'”’」』》 .")
    while (plain := ASIDE.sub("", word)) and plain != word:
        word = plain
    read = word.rstrip(SILENT).lower()
    last = read[-1:]
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        return final != 0, final == 8
    unit = UNIT.search(read)
    if unit and unit[1] in UNITS:
        return UNITS[unit[1]]
    return SOUNDS.get(last, VOWEL)


INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"


def initials(word: str) -> str:
    """The first consonants of Hangul syllables, other signs as they are: "매출 성장" gives "ㅁㅊ ㅅㅈ"."""
    return "".join(INITIALS[(ord(one) - ord("가")) // 588] if "가" <= one <= "힣" else one for one in word)


def nearness(name: str, typed: str) -> int | None:
    """How near a name is to what was typed, less is nearer; None where it is not meant at all.

    It begins with it, has a word that does, holds it, or its first consonants do (ㅁㅊ finds 매출). Case and spaces
    do not count.
    """
    wanted, whole = typed.casefold().split(), name.casefold()
    if not wanted:
        return None
    close, packed = "".join(wanted), "".join(whole.split())
    if packed.startswith(close):
        return 0
    if all(any(word.startswith(one) for word in whole.split()) for one in wanted):
        return 1
    if close in packed:
        return 2
    if all(one in INITIALS for one in close) and close in initials(packed):
        return 3
    return None


def aside(name: str, added: str, english: bool) -> str:
    """A name and in brackets what is added, if anything; in Korean without a space: 광고비(검색), Ad spend (search)."""
    if not added:
        return name
    return f"{name} ({added})" if english else f"{name}({added})"
