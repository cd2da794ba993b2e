"""The fashion shop over its whole history, made once for all tests."""

from datetime import date, timedelta

import pytest
import yaml

from nachim.demo import company
from nachim.demo.fashion import DAYS, generate, start_of

TODAY = date(2026, 11, 24)
START = start_of(TODAY)


@pytest.fixture(scope="session")
def shop():
    return generate(START, TODAY)


@pytest.fixture(scope="session")
def truths():
    from pathlib import Path

    return {
        one["id"]: one
        for one in yaml.safe_load((Path(company.__file__).parent / "truths.yaml").read_text("utf-8"))
        if one["company"] == "ecommerce"
    }


assert START + timedelta(days=DAYS) == TODAY


@pytest.fixture(scope="session")
def made():
    """The three companies beside the shop, each over its whole history."""
    return {name: company.company(name).generate(START, TODAY, company.SEED) for name in ("startup", "saas", "store")}
