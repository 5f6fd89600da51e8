"""Where a WebSocket is served, and who may have it."""

import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tcmr.errors import TcmrError

LOCAL = "127.0.0.1"
LOCAL_NAMES = (LOCAL, "localhost", "::1")
BEARER = "Bearer "


@dataclass(frozen=True)
class Address:
    """Host and port to listen on, and the token that clients must name, where there is one."""

    host: str
    port: int
    token: str | None = field(default=None, repr=False)

    @staticmethod
    def parse(text: str, token: str | None = None) -> "Address":
        """Read `PORT` or `HOST:PORT`; an IPv6 address stands in brackets.

        Raises:
            TcmrError: it is neither, or it can be reached from other machines and has no token.

        >>> Address.parse("8765")
        Address(host='127.0.0.1', port=8765)
        """
        host, _, port = text.rpartition(":")
        host = host.removeprefix("[").removesuffix("]") or LOCAL
        if not (port.isascii() and port.isdigit() and int(port) < 2**16):
            raise TcmrError(f"{text}: is no PORT or HOST:PORT to serve on")
        if token == "":
            raise TcmrError("the token is empty; give another, or none")
        if token is None and not is_local(host):
            raise TcmrError(
                f"{text}: can be reached from other machines, which takes a token: --token, or TCMR_TOKEN"
            )
        return Address(host, int(port), token)

    def admits(self, path: str, headers: Mapping[str, str]) -> bool:
        """Tell whether a client may have what is served, by the path and the headers of its request.

        With a token: who names it. Without: programs of this machine, and pages that it serves itself; not other
        sites' scripts, which a browser lets connect to any address.
        """
        if self.token is not None:
            named = named_token(path, headers.get("Authorization", ""))
            return hmac.compare_digest(_bytes(named), _bytes(self.token))
        origin = headers.get("Origin")
        hosts = [_host(f"//{headers.get('Host', '')}"), *([] if origin is None else [_host(origin)])]
        return all(host in LOCAL_NAMES for host in hosts)


def is_local(host: str) -> bool:
    """Tell whether only this machine can reach a host's address.

    >>> [is_local(host) for host in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "::", "192.168.0.2", "cam")]
    [True, True, True, False, False, False, False]
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def named_token(path: str, authorization: str) -> str:
    """Return the token of a request: its bearer, or `token` in its query, as browsers cannot set headers.

    >>> named_token("/?token=sesame", ""), named_token("/", "Bearer sesame"), named_token("/", "")
    ('sesame', 'sesame', '')
    """
    if authorization.startswith(BEARER):
        return authorization.removeprefix(BEARER)
    return parse_qs(urlsplit(path).query).get("token", [""])[0]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
