"""Signing an account in: with a code on any device, or in a browser that comes back to this machine."""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

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
    note(f"Open this address in a browser, sign in to {shop.adapter.title} as the seller, and agree:")
    click.echo(f"\n    {clean(client.authorize_url(state))}\n", err=True)
    back = urlsplit(auth.redirect_uri)
    if back.scheme == "http" and back.hostname in LOOPBACK and back.port:
        note("Waiting for the browser to come back. Ctrl-C stops.")
        address = came_back(back.port, shop.account_name)
    else:
        address = click.prompt("Paste the address that the browser ended at", err=True)
    return client.exchange(client.code_from(address, state))


def came_back(port: int, account: str) -> str:
    """The address that the browser was sent back to, on this machine's loopback port."""
    addresses: list[str] = []

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = "state=" in self.path
            if wanted:
                addresses.append(self.path)
            self.send_response(200 if wanted else 404)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(_THANKS if wanted else b"")

        def log_message(self, format: str, *args: object) -> None:
            """The address holds a code: it is not logged."""

    try:
        server = HTTPServer(("127.0.0.1", port), Door)
    except OSError as error:
        raise ConfigError(
            f"The port {port} of this machine, where the browser comes back to, cannot be used: {error.strerror}.",
            setting="redirect_uri",
            next_step="Stop the program that uses it, or sign in with --flow device if the platform has it.",
        ) from None
    with server:
        server.timeout = 0.5
        until = time.monotonic() + PATIENCE
        while not addresses and time.monotonic() < until:
            server.handle_request()
    if not addresses:
        raise SignInNeeded(
            f"The account {account!r} is not signed in: the browser did not come back.",
            setting="credential",
            next_step=f"Try again with `sellercare accounts add {account}`.",
        )
    return addresses[0]
