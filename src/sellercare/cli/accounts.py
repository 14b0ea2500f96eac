"""`sellercare accounts`: signing accounts in, and looking after them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from sellercare.cli import options
from sellercare.cli.errors import SIGN_IN, NotConfirmed
from sellercare.cli.output import Column, Table, card, heading, note, plain
from sellercare.cli.program import Group
from sellercare.cli.shops import opened
from sellercare.cli.text import clean, json_line, moment
from sellercare.errors import ConfigError, SignInNeeded

if TYPE_CHECKING:
    from sellercare.config import AccountConfig
    from sellercare.models import AccountCheck
    from sellercare.shop import Shop

ACCOUNTS = (
    Column("account", lambda one: one.name),
    Column("adapter", lambda one: one.adapter),
    Column("site", lambda one: one.site),
    Column("app", lambda one: one.app),
    Column("credential", lambda one: one.credential if one.credential != one.name else ""),
)


@click.group(cls=Group)
def accounts() -> None:
    """Sign in accounts, list, check and remove them."""


@accounts.command("add")
@click.argument("name")
@click.option("--adapter", metavar="NAME", help="The platform's adapter; see `sellercare adapters`.")
@click.option("--app", metavar="NAME", help="The developer's app it belongs to; the adapter's name by default.")
@click.option("--site", metavar="SITE", help="Where it sells, if the platform has several sites.")
@click.option("--credential", metavar="NAME", help="Share the sign-in of this name; the account's own by default.")
@click.option("--set", "given", multiple=True, metavar="SETTING=VALUE", help="A setting. May be given several times.")
@click.option("--ask", multiple=True, metavar="SETTING", help="Ask for this setting too, though it has a default.")
@click.option("--flow", type=click.Choice(["browser", "device"]), help="How to sign in, if the platform has both.")
@click.option("--no-sign-in", is_flag=True, help="Only write it down; sign in later.")
def add(
    name: str,
    adapter: str | None,
    app: str | None,
    site: str | None,
    credential: str | None,
    given: tuple[str, ...],
    ask: tuple[str, ...],
    flow: str | None,
    no_sign_in: bool,
) -> None:
    """Add the account NAME and sign it in. For an account that is there, sign it in again.

    Settings that are missing are asked for; secrets are not shown. A value may also be read each time it is used:
    from an environment variable (env:NAME) or from a file (file:PATH).
    """
    from sellercare.cli import settings
    from sellercare.cli.signin import sign_in
    from sellercare.config import Config

    config = Config.load()
    new = name not in config.accounts
    if not new:
        if adapter or app or site or credential or given or ask:
            raise ConfigError(
                f"The account {name!r} is there already.",
                setting="name",
                next_step=f"`sellercare accounts add {name}` signs it in again; for other settings remove it first.",
            )
        note(f"The account {name} is there; signing it in again.")
    else:
        if adapter is None:
            raise click.UsageError("Say which platform with --adapter; `sellercare adapters` lists them.")
        wanted = settings.Wanted(name, adapter, app, site, credential)
        settings.write(config, wanted, given, ask)
    if no_sign_in:
        note(f"The account {name} is written down in {config.file}.")
        return
    with opened([name]) as desk:
        try:
            shop = desk.shop(name)
            sign_in(shop, desk.config.account(name), flow)
        except SignInNeeded:
            note(f"The account {name} is written down in {config.file}, and not signed in yet.")
            raise
        except ConfigError:
            if new:
                config.remove_account(name)
            raise
        if new:
            note(f"The account {name} is written down in {config.file}.")
        _checked(shop)


def _checked(shop: Shop) -> None:
    """Ask the platform whether the account works, and show what it says."""
    if not shop.supports("account.check").offered:
        note(f"{shop.adapter.title} has no way to check an account; the first listing will show whether it works.")
        return
    _show(shop, shop.account.check())


@accounts.command("list")
@options.as_json
def list_(as_json: bool) -> None:
    """List the accounts that are configured."""
    from sellercare.config import Config

    config = Config.load()
    table = Table(ACCOUNTS)
    for account in config.accounts.values():
        if as_json:
            click.echo(json_line(_plain(account)))
        else:
            table.add(account)
    table.flush()
    if not config.accounts:
        note("No account is configured yet. Add one with `sellercare accounts add`, or look around with the demo.")


def _plain(account: AccountConfig) -> dict[str, object]:
    """An account without its settings: they may hold secrets."""
    return {
        "account": account.name,
        "adapter": account.adapter,
        "site": account.site,
        "app": account.app,
        "credential": account.credential,
    }


@accounts.command("check")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@options.as_json
def check(names: tuple[str, ...], as_json: bool) -> None:
    """Ask the platform whether accounts work: who we are, until when, and what is missing. Without a NAME, all."""
    from sellercare.config import Config

    config = Config.load()
    if config.exposed:
        note = (
            f"Others on this machine may read {clean(str(config.file))}, which may hold secrets: run chmod 600 on it."
        )
        click.echo(note, err=True)
    with opened(names, all_accounts=not names, as_json=as_json) as desk:

        def work(shop: Shop) -> None:
            found = shop.account.check()
            if as_json:
                click.echo(json_line(plain(shop.account_name, found)))
            else:
                _show(shop, found)
            if not found.ok:
                desk.noted(SIGN_IN)

        desk.each(work)


def _show(shop: Shop, check: AccountCheck) -> None:
    click.echo(heading(f"{clean(shop.account_name)}: {'works' if check.ok else 'does not work'}"))
    card((f"  {name}", value) for name, value in _lines(check))


def _lines(check: AccountCheck) -> Iterator[tuple[str, object]]:
    yield "seller", " ".join(part for part in (check.name, f"({check.seller_id})" if check.seller_id else "") if part)
    yield "plan", check.plan
    yield "sites", ", ".join(check.sites)
    yield "scopes", ", ".join(check.scopes)
    yield "until (UTC)", moment(check.expires_at)
    yield "missing", "\n".join(check.missing)
    yield "note", "\n".join(check.notes)


@accounts.command("remove")
@click.argument("name")
@options.yes
def remove(name: str, yes: bool) -> None:
    """Remove the account NAME and its sign-in. What was sent stays in the journal."""
    from sellercare.config import Config

    config = Config.load()
    account = config.account(name)
    if not yes and not click.confirm(f"Remove the account {name} and its sign-in?", err=True):
        raise NotConfirmed("You said no.", next_step=f"The account {name} is still there.")
    shared = [one for one in config.accounts.values() if one.credential == account.credential and one.name != name]
    if not shared:
        with opened([name]) as desk:
            desk.store.tokens.forget(account.credential)
    config.remove_account(name)
    note(f"The account {name} is removed." + (f" Its sign-in stays, for {shared[0].name}." if shared else ""))
