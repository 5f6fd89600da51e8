"""Who may have what is served."""

import pytest

from tcmr.errors import TcmrError
from tcmr.live.address import Address


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("8765", "127.0.0.1", 8765),
        (":0", "127.0.0.1", 0),
        ("localhost:1", "localhost", 1),
        ("127.0.0.2:80", "127.0.0.2", 80),
        ("[::1]:80", "::1", 80),
    ],
)
def test_local_addresses_need_no_token(text, host, port):
    assert Address.parse(text) == Address(host, port)


@pytest.mark.parametrize("text", ["0.0.0.0:8765", "[::]:8765", "192.168.1.5:8765", "studio.example:8765"])
def test_other_machines_take_a_token(text):
    with pytest.raises(TcmrError, match="--token"):
        Address.parse(text)
    assert Address.parse(text, "sesame").token == "sesame"


@pytest.mark.parametrize("text", ["", "port", "1.2.3.4", "host:", "host:-1", "host:65536", "99999", "host:٣"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(TcmrError, match="PORT"):
        Address.parse(text, "sesame")


def test_an_empty_token_is_refused():
    with pytest.raises(TcmrError, match="empty"):
        Address.parse("0.0.0.0:1", "")


@pytest.mark.parametrize(
    ("path", "headers", "admitted"),
    [
        ("/", {"Authorization": "Bearer sesame"}, True),
        ("/?token=sesame", {}, True),
        ("/?token=sesam%65", {"Origin": "https://studio.example"}, True),
        ("/", {}, False),
        ("/?token=", {}, False),
        ("/?token=sesam", {}, False),
        ("/?token=sesame2", {}, False),
        ("/", {"Authorization": "sesame"}, False),
        ("/", {"Authorization": "Bearer \udcff"}, False),
        ("/", {"Authorization": "Bearer wrong", "Host": "localhost"}, False),
    ],
)
def test_with_a_token_who_names_it_is_admitted(path, headers, admitted):
    assert Address("0.0.0.0", 1, "sesame").admits(path, headers) is admitted


@pytest.mark.parametrize(
    ("headers", "admitted"),
    [
        ({"Host": "127.0.0.1:8765"}, True),
        ({"Host": "localhost:8765", "Origin": "http://localhost:3000"}, True),
        ({"Host": "[::1]:8765"}, True),
        ({"Host": "localhost:8765", "Origin": "https://elsewhere.example"}, False),
        ({"Host": "localhost:8765", "Origin": "null"}, False),
        ({"Host": "localhost:8765", "Origin": "http://localhost.elsewhere.example"}, False),
        ({"Host": "rebound.example:8765"}, False),
        ({"Host": "["}, False),
        ({}, False),
    ],
)
def test_without_a_token_other_sites_scripts_are_not(headers, admitted):
    assert Address("127.0.0.1", 1).admits("/", headers) is admitted


def test_a_token_is_not_shown():
    assert "sesame" not in repr(Address("0.0.0.0", 1, "sesame"))
