"""Which hosts nachim may reach. A connection is typed by a person, so where it leads is checked, not believed.

Without a list any public address may be reached, and none that is private, loopback, link-local (a cloud's metadata),
carrier-grade or otherwise not of the internet. With a list only what is on it. The name is resolved once, every address
it has is checked, and the driver is handed the checked address: a name that changes in between changes nothing.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], Sequence[str]]
NAME = re.compile(r"(?=.{1,253}$)[^\W_]([\w-]*[^\W_])?(\.[^\W_]([\w-]*[^\W_])?)*\.?")
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Refused(Exception):
    """`code` is unlisted, private, unresolved or unreadable; `host` what was asked for."""

    def __init__(self, code: str, host: str):
        super().__init__(code)
        self.code, self.host = code, host


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, by the system's resolver."""
    return list(dict.fromkeys(found[4][0] for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


@dataclass(frozen=True)
class Entry:
    """One line of the list: a name, `*.name`, an address or a network, and a port if only that one."""

    name: str = ""
    network: Network | None = None
    port: int = 0

    def names(self, host: str, port: int) -> bool:
        if not self.name or self.port not in (0, port):
            return False
        return host.endswith(self.name[1:]) if self.name.startswith("*.") else host == self.name

    def holds(self, address: IP, port: int) -> bool:
        return self.network is not None and self.port in (0, port) and address in self.network


def entries(text: str) -> list[Entry]:
    """The list as an operator writes it: `db.example.com, *.corp.example, 10.0.0.0/8, 127.0.0.1:5432`."""
    return [_entry(one.strip()) for one in text.split(",") if one.strip()]


def _entry(text: str) -> Entry:
    port = re.fullmatch(r"(\[[^]]+\]|[^:]+):(\d{1,5})", text)
    where, number = (port[1], int(port[2])) if port else (text, 0)
    try:
        return Entry(network=ipaddress.ip_network(where.strip("[]"), strict=False), port=number)
    except ValueError:
        return Entry(name=where.casefold().rstrip("."), port=number)


def admit(host: str, port: int, listed: Sequence[Entry], resolver: Resolver = resolve) -> str:
    """The checked address of a host; Refused where it may not be reached."""
    name = host.casefold().rstrip(".")
    if not (NAME.fullmatch(host) or is_address(host)):
        raise Refused("unreadable", host)
    try:
        found = [ipaddress.ip_address(one.partition("%")[0]) for one in resolver(host, port)]
    except (OSError, UnicodeError, ValueError):
        found = []
    if not found:
        raise Refused("unresolved", host)
    by_name = any(one.names(name, port) for one in listed)
    for address in found:
        if any(one.holds(_plain(address), port) for one in listed):
            continue
        if listed and not by_name:
            raise Refused("unlisted", host)
        if not (_of_a_host(_plain(address)) and (by_name or _plain(address).is_global)):
            raise Refused("private", host)
    return str(found[0])


def is_address(host: str) -> bool:
    """Whether a host is written as an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _plain(address: IP) -> IP:
    """The IPv4 address that an IPv6 one stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address


def _of_a_host(address: IP) -> bool:
    """What a listed name may stand for: never metadata services, broadcasts or "any address"."""
    return not (address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved)
