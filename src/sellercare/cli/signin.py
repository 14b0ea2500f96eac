"""Signing an account in: with a code on any device, or in a browser that comes back to this machine."""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import click

from sellercare.cli.output import note
from sellercare.cli.text import clean, moment
from sellercare.errors import ConfigError, SignInNeeded

if TYPE_CHECKING:
    from sellercare.adapter import OAuth2
    from sellercare.config import AccountConfig
    from sellercare.http.oauth import OAuthClient
    from sellercare.http.protocols import TokenSet
    from sellercare.shop import Shop

LOOPBACK = ("localhost", "127.0.0.1")
PATIENCE = 600.0
"""Seconds that the browser may take to come back."""

_THANKS = b"<!doctype html><meta charset=utf-8><title>sellercare</title><p>You can close this window."


def sign_in(shop: Shop, account: AccountConfig, flow: str | None) -> None:
    """Ask the seller for access, and store the tokens. Nothing to do where the settings hold a key or tokens."""
    from sellercare.adapter import OAuth2
    from sellercare.http.oauth import OAuthClient

    auth = shop.adapter.auth(shop.settings)
    if not isinstance(auth, OAuth2) or auth.given_access or auth.given_refresh:
        note(f"{shop.adapter.title} needs no sign-in here: what it wants is in the settings.")
        return
    client = OAuthClient.of(shop.adapter, shop.settings, account=shop.account_name, clock=shop.clock)
    way = _way(auth, flow, shop.adapter.title)
    tokens = _by_device(client, shop) if way == "device" else _by_browser(client, auth, shop)
    shop.store.tokens.save(account.credential, tokens)
    note(f"{shop.account_name} is signed in.")


def _way(auth: OAuth2, flow: str | None, title: str) -> str:
    offered = [name for name, url in (("device", auth.device_url), ("browser", auth.authorize_url)) if url]
    if not offered:
        raise ConfigError(
            f"{title} offers no way to sign in from here, and its settings hold no key or tokens.",
            next_step="Add it with its key or tokens: --ask SETTING asks for one without showing it.",
        )
    if flow is not None and flow not in offered:
        raise ConfigError(
            f"{title} offers no sign-in by {flow}.", setting="flow", next_step=f"Use --flow {offered[0]}."
        )
    return flow or offered[0]


def _by_device(client: OAuthClient, shop: Shop) -> TokenSet:
    device = client.start_device()
    note(f"Open {device.whole_url or device.url} in a browser, on any device,")
    note(f"sign in to {shop.adapter.title} as the seller, and confirm the code:")
    click.echo(f"\n    {clean(device.user_code)}\n", err=True)
    note(f"Waiting until {moment(device.expires_at)} UTC for you to agree. Ctrl-C stops.")
    return client.wait_for_device(device)


def _by_browser(client: OAuthClient, auth: OAuth2, shop: Shop) -> TokenSet:
    from sellercare.http.oauth import new_state

    state = new_state()
    back = urlsplit(auth.redirect_uri)
    if not (back.scheme == "http" and back.hostname in LOOPBACK and back.port):
        _show(client.authorize_url(state), shop)
        address = click.prompt("Paste the address that the browser ended at", err=True)
        return client.exchange(client.code_from(address, state))
    # Open before the address is shown: a seller who is signed in already is sent back at once.
    with Door(back.port, state) as door:
        _show(client.authorize_url(state), shop)
        note("Waiting for the browser to come back. Ctrl-C stops.")
        address = door.address(shop.account_name)
    return client.exchange(client.code_from(address, state))


def _show(address: str, shop: Shop) -> None:
    note(f"Open this address in a browser, sign in to {shop.adapter.title} as the seller, and agree:")
    click.echo(f"\n    {clean(address)}\n", err=True)


class Door(HTTPServer):
    """Where the browser is sent back to: a port of this machine, open from the start, for one sign-in.

    Raises ConfigError where the port cannot be had. Whoever knocks without this sign-in's state is sent away: another
    program or page must not end the wait.
    """

    timeout = 0.5

    def __init__(self, port: int, state: str) -> None:
        self.state = state
        self.came = ""
        try:
            super().__init__(("127.0.0.1", port), _Knock)
        except OSError as error:
            raise ConfigError(
                f"The port {port} of this machine, where the browser comes back to, cannot be used: {error.strerror}.",
                setting="redirect_uri",
                next_step="Stop the program that uses it, or sign in with --flow device if the platform has it.",
            ) from None

    def address(self, account: str) -> str:
        """The address that the browser was sent back to. Raises SignInNeeded after `PATIENCE`."""
        until = time.monotonic() + PATIENCE
        while not self.came and time.monotonic() < until:
            self.handle_request()
        if not self.came:
            raise SignInNeeded(
                f"The account {account!r} is not signed in: the browser did not come back.",
                setting="credential",
                next_step=f"Try again with `sellercare accounts add {account}`.",
            )
        return self.came


class _Knock(BaseHTTPRequestHandler):
    timeout = 2.0
    """Seconds: browsers open connections ahead, on which they say nothing."""

    server: Door

    def do_GET(self) -> None:
        ours = parse_qs(urlsplit(self.path).query).get("state") == [self.server.state]
        if ours:
            self.server.came = self.path
        self.send_response(200 if ours else 404)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(_THANKS if ours else b"")

    def log_message(self, format: str, *args: object) -> None:
        """The address holds a code: it is not logged."""
