"""Where a connection may lead: names, addresses and networks against the operator's list."""

import pytest

from nachim.connect.hosts import Refused, admit, entries

NAMES = {
    "db.example.com": ["93.184.216.34"], "two.example.com": ["93.184.216.34", "10.0.0.9"],
    "rebind.example.com": ["127.0.0.1"], "db.corp.example": ["10.20.0.5"], "meta.corp.example": ["169.254.169.254"],
    "any.corp.example": ["0.0.0.0"],  # noqa: S104
    "six.example.com": ["2606:2800:220:1::1"],
}  # fmt: skip


def resolver(host, port):
    if host in NAMES:
        return NAMES[host]
    if ":" in host or host.replace(".", "").isdigit():
        return [host if host != "2130706433" else "127.0.0.1"]
    raise OSError("no such host")


def ask(host, listed="", port=5432):
    return admit(host, port, entries(listed), resolver)


def refused(host, listed="", port=5432):
    with pytest.raises(Refused) as told:
        ask(host, listed, port)
    return told.value.code


def test_without_a_list_the_internet_may_be_reached():
    assert ask("db.example.com") == "93.184.216.34"
    assert ask("93.184.216.34") == "93.184.216.34"
    assert ask("six.example.com") == "2606:2800:220:1::1"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.1.2.3", "192.168.0.10", "172.16.0.1", "169.254.169.254", "100.64.0.1", "::1", "fe80::1",
     "0.0.0.0", "fd00::1",  # noqa: S104
     "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2130706433", "224.0.0.1",
     "rebind.example.com", "two.example.com"],
)  # fmt: skip
def test_without_a_list_nothing_else_may(host):
    assert refused(host) == "private"


def test_with_a_list_only_what_is_on_it():
    assert ask("db.corp.example", "db.corp.example") == "10.20.0.5"
    assert ask("db.corp.example", "*.corp.example") == "10.20.0.5"
    assert ask("db.corp.example", "10.20.0.0/16") == "10.20.0.5"
    assert ask("127.0.0.1", "127.0.0.1:5432") == "127.0.0.1"
    assert ask("::1", "[::1]:5432") == "::1"
    assert refused("127.0.0.1", "127.0.0.1:5432", port=22) == "unlisted"
    assert refused("db.example.com", "db.corp.example") == "unlisted"
    assert refused("corp.example.evil.com", "*.corp.example") in ("unresolved", "unlisted")
    assert refused("two.example.com", "93.184.216.34") == "unlisted"


def test_a_listed_name_never_stands_for_a_clouds_metadata_or_any_address():
    assert refused("meta.corp.example", "*.corp.example") == "private"
    assert refused("any.corp.example", "*.corp.example") == "private"
    assert ask("meta.corp.example", "*.corp.example, 169.254.169.254") == "169.254.169.254"


@pytest.mark.parametrize("host", ["", "/var/run/postgresql", "@abstract", "a,b", "a b", "host=x", "u@h", "h:5432",
                                  "a/b", "-x", "a..b", "x" * 300, "http://h"])  # fmt: skip
def test_what_is_no_host_is_told_so(host):
    assert refused(host) == "unreadable"
    assert refused(host, "*.corp.example") == "unreadable"


def test_a_name_that_is_not_there():
    assert refused("nowhere.example.com") == "unresolved"
