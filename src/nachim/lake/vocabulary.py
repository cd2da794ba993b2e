"""Korean and English headers → what the column is for. One list, read by `inspect` only."""

# ruff: noqa: E501 - a pattern stays on one line

import re

from nachim.lake.mapping import Role

ENTITIES: dict[str, str] = {
    "customer": r"고객(id|번호|코드|아이디|no)?|회원(id|번호|코드|아이디|no)?|구매자(id)?|customer(id|no|number|code)?|cust(id|no)?"
    r"|member(id|no)?|client(id)?|user(id|no)?|사용자(id|번호)?|buyer(id)?|subscriber(id)?",
    "product": r"상품(id|번호|코드)|제품(id|번호|코드)|품번|product(id|no|code)|sku(id)?|stockcode|item(id|code)|pizzaid",
    "employee": r"사원(번호|id)|직원(번호|id)|사번|employee(id|no)?|staff(id)?",
    "session": r"세션(id|번호)?|session(id)?",
    "device": r"기기(id|번호)|device(id)|deviceid",
    "store": r"매장(id|번호|코드)|점포(id|번호|코드)|store(id|no|code)|shop(id|code)",
}

_ROLES: list[tuple[Role, str]] = [
    (
        Role.KEY,
        r"주문(id|번호|코드|no)|주문상세(번호|id)|거래(번호|id)|결제(번호|id)|송장번호|문의(번호|id)|접수번호|방문(번호|id)|응답(번호|id)|id|no|번호|일련번호"
        r"|(order|invoice|transaction|payment|txn|ticket|visit|event|survey|response|orderdetails?|orderitem|orderline|line|row|record)"
        r"(id|no|number|key)|uuid|guid|pk",
    ),
    (
        Role.TIME,
        r".*(일시|일자|날짜|시각|시간대?|년월일)|.*(주문|결제|가입|방문|등록|생성|접수|판매|거래|매출|배송|구매|기준|작성|응답|발생)일|date|day|time|datetime"
        r"|timestamp|ts|dt|.*(date|datetime|timestamp|_at)|.*time(stamp)?|(created|ordered|updated|paid|signed|visited|joined|event)at|월|month|week|주차",
    ),
    (
        Role.AMOUNT,
        r".*(금액|매출액?|가격|단가|비용|원가|수량|할인액?|배송비|요금|점수|건수|개수|판매량|합계|수수료|이익|예산|광고비|노출수?|클릭수?)"
        r"|.*(amount|price|revenue|sales|cost|qty|quantity|total|fee|score|value|spend|charges?|discount|count|units|dollars|profit|budget"
        r"|impressions|clicks|rating)",
    ),
    (
        Role.DIMENSION,
        r".*(채널|지역|카테고리|분류|국가|도시|상태|등급|유형|종류|구분|브랜드|매장|점포|부서|성별|연령대|기기|경로|결제수단|캠페인|요금제|상품명?|제품명?)"
        r"|.*(channel|region|category|country|city|state|status|grade|type|kind|brand|store|shop|department|gender|segment|device|source|medium"
        r"|campaign|plan|contract|method|product|tier|team)",
    ),
]

_CODES = re.compile(
    r".*(전화|휴대폰|핸드폰|연락처|우편번호|사업자(등록)?번호|주민|계좌|카드번호|바코드|phone|mobile|tel|zip|postal|postcode|barcode|account).*"
)


def flat(header: str) -> str:
    """A header without what people vary: case, spaces, underscores, brackets with units."""
    return re.sub(r"[\s_\-./#]+", "", re.sub(r"[(\[].*?[)\]]", "", header)).casefold()


def is_code(header: str) -> bool:
    """Phone numbers, postcodes and the like: digits that are not a quantity."""
    return _CODES.fullmatch(flat(header)) is not None


def entity_of(header: str) -> str | None:
    """The entity a header names, for example `customer` for 고객ID."""
    word = flat(header)
    return next((name for name, pattern in ENTITIES.items() if re.fullmatch(pattern, word)), None)


def role_of(header: str) -> Role:
    """The role a header promises; NONE if the vocabulary does not know it."""
    if entity_of(header):
        return Role.ENTITY
    word = flat(header)
    lowered = header.strip().casefold()
    for role, pattern in _ROLES:
        if re.fullmatch(pattern, word) or (role == Role.TIME and re.fullmatch(r".*[_ ](at|on|date|dt)", lowered)):
            return role
    return Role.NONE
