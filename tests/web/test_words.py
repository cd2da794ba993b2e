"""What pages call a dimension."""

import pytest
from django.utils.translation import override

from nachim.web.words import dim_word


@pytest.fixture(autouse=True)
def _company(db):
    """Which language is spoken may hang on the company."""


@pytest.mark.parametrize(
    ("dim", "beside", "korean", "english"),
    [
        ("sessions.source", (), "유입 경로", "source"),
        ("age_group", (), "연령대", "age group"),
        ("지역", (), "지역", "지역"),
        ("our_own_kind", (), "our own kind", "our own kind"),
        # Two that read alike are told apart by the table of the joined one.
        ("sessions.channel", ("채널", "sessions.channel"), "채널(sessions)", "channel"),
        ("채널", ("채널", "sessions.channel"), "채널", "채널"),
        ("sessions.channel", ("channel", "sessions.channel"), "채널(sessions)", "channel (sessions)"),
    ],
)
def test_a_dimension_reads_in_the_readers_language(dim, beside, korean, english):
    with override("ko"):
        assert dim_word(dim, beside) == korean
    with override("en"):
        assert dim_word(dim, beside) == english
