"""The accounts that a command works with: chosen by its options, opened one by one over one store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from sellercare.cli.errors import exit_code, show, worst
from sellercare.cli.output import note
from sellercare.errors import BadInput, ConfigError, SellercareError, StoreError

if TYPE_CHECKING:
    from sellercare.config import Config
    from sellercare.shop import Shop
    from sellercare.store import Store


class Desk:
    """Some accounts of the configuration, and the store that they share."""

    def __init__(self, config: Config, store: Store, names: Sequence[str], *, as_json: bool) -> None:
        self.config = config
        self.store = store
        self.names = names
        self._as_json = as_json
        self._codes: list[int] = []
        self._shops: list[Shop] = []

    @property
    def several(self) -> bool:
        """Whether results need to say which account they belong to."""
        return len(self.names) > 1

    def shop(self, name: str) -> Shop:
        """The shop of an account."""
        from sellercare.shop import connect

        shop = connect(name, config=self.config, store=self.store)
        self._shops.append(shop)
        return shop

    def close(self) -> None:
        """Close the connections of the shops, then the store."""
        for shop in self._shops:
            shop.http.close()
        self.store.close()

    def each(self, work: Callable[[Shop], None]) -> None:
        """Do this for every account. The failure of one is told and does not stop the others; the store's does."""
        for name in self.names:
            try:
                work(self.shop(name))
            except StoreError:
                raise
            except SellercareError as error:
                self.failed(error, name)

    def failed(self, error: SellercareError, name: str) -> None:
        """Tell the error of one account now, and remember it for the exit code."""
        show(error, as_json=self._as_json, account=name if self.several else "")
        self._codes.append(exit_code(error))

    def noted(self, code: int) -> None:
        """Remember an exit code for something that was already told."""
        self._codes.append(code)

    @property
    def code(self) -> int:
        """The exit code of all that was done."""
        return worst(self._codes)


@contextmanager
def opened(account: Sequence[str], all_accounts: bool = False, *, as_json: bool = False) -> Iterator[Desk]:
    """A desk for the chosen accounts; ends the command with the exit code if something failed on it."""
    from sellercare.clock import SystemClock
    from sellercare.config import Config
    from sellercare.store import Store

    config = Config.load()
    names = chosen(config, account, all_accounts)
    desk = Desk(config, Store.open(config.store_url, clock=SystemClock()), names, as_json=as_json)
    try:
        yield desk
    finally:
        desk.close()
    if desk.code:
        click.get_current_context().exit(desk.code)


@contextmanager
def opened_one(account: str | None, *, as_json: bool = False) -> Iterator[Shop]:
    """The shop of one account: the named one, or the only one there is."""
    with opened([account] if account else [], as_json=as_json) as desk:
        yield desk.shop(desk.names[0])


def chosen(config: Config, account: Sequence[str], all_accounts: bool) -> list[str]:
    """The names that the options mean. A name that is not configured is an error with a suggestion."""
    known = list(config.accounts)
    if account and all_accounts:
        raise BadInput("--account and --all were both given.", field="account", next_step="Use one of them.")
    if account:
        return [config.account(name).name for name in dict.fromkeys(account)]
    if not known:
        raise ConfigError(
            "No account is configured yet.",
            setting="accounts",
            next_step="Add one with `sellercare accounts add`, or look around with `sellercare demo`.",
        )
    if all_accounts or len(known) == 1:
        return known
    raise BadInput(
        f"There are {len(known)} accounts: {', '.join(known)}.",
        field="account",
        next_step="Say which one with --account NAME.",
    )


def tell_changes(shop: Shop, verb: str) -> None:
    """Say what a look changes at the marketplace, before it is made."""
    changes = shop.supports(verb).changes
    if changes:
        note(f"At {shop.adapter.title} a look {changes}.")


__all__ = ["Desk", "chosen", "opened", "opened_one", "tell_changes"]
