"""What the simulated shop sells, to whom and through what: the numbers its days are drawn from."""

import numpy as np

SEED = 7
ZONE = "Asia/Seoul"
BASE_CUSTOMERS = 22_000
"""Customers from before the first day; those who join later are numbered after them."""

VISITS_A_DAY = 444
SIGNUPS_A_DAY = 26
CHANNELS = np.array(["앱", "모바일웹", "PC"])
SOURCES = np.array(["검색", "SNS광고", "직접", "제휴", "이메일"])
DEVICES = np.array(["Android", "iPhone", "Windows", "Mac"])
REGIONS = np.array(["서울", "경기·인천", "부산·경남", "대구·경북", "광주·전라", "대전·충청", "강원·제주"])
CATEGORIES = np.array(["상의", "하의", "아우터", "신발", "잡화"])
REASONS = np.array(["사이즈", "품질", "설명과 다름", "단순 변심"])
MOBILE_WEB, PC = 1, 2
SOCIAL, PAID = 1, (0, 1, 3)
BUSAN = 2
OUTER = 2

CHANNEL_SHARE, SOURCE_SHARE = [0.52, 0.32, 0.16], [0.31, 0.24, 0.27, 0.11, 0.07]
CHANNEL_CONVERSION = np.array([0.1585, 0.098, 0.079])
SOURCE_CONVERSION = np.array([1.1, 0.72, 1.2, 0.9, 1.15])
CARTS_PER_ORDER = 2.1
FIRST_DEVICE = np.array([0.57, 0.66, 0.83])
"""By channel: the share of the first of its two devices."""

REGION_SHARE = [0.27, 0.29, 0.15, 0.09, 0.08, 0.08, 0.04]
CATEGORY_SHARE = [0.34, 0.24, 0.12, 0.14, 0.16]
PRICE = np.array([28_800, 39_600, 88_000, 68_500, 21_600])
RETURN = np.array([0.082, 0.103, 0.142, 0.112, 0.038])
REASON_SHARE = [0.45, 0.17, 0.16, 0.22]
SECOND_LINE, THIRD_LINE = 0.33, 0.08
COUPON_SHARE, COUPON_DISCOUNT, CAMPAIGN_SHARE = 0.24, 0.12, 0.62
CANCELLED = 0.04

KNOWN_VISITOR = 0.62
"""Share of visits whose customer is known without an order."""

REGULAR_EVERY, REGULAR_SHARE = 16, 0.35
"""Every sixteenth customer is a regular, and that share of visits is theirs."""

SURVEYED = 0.30
NPS_SCORE, CSAT_SCORE = (8.45, 1.5), (4.3, 0.75)
CLICK_COST = np.array([520, 430, 350])
"""Won for a click of each paid source."""
