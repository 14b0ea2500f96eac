"""The settings of a new account: given on the command line, or asked for, secrets without showing them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from sellercare.cli.output import note
from sellercare.cli.program import suggestion
from sellercare.errors import BadInput, ConfigError

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from sellercare.adapter import Adapter
    from sellercare.config import Config


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a new account is to be called and belong to."""

    name: str
    adapter: str
    app: str | None
    site: str | None
    credential: str | None


def write(config: Config, wanted: Wanted, given: Sequence[str], ask: Sequence[str] = ()) -> None:
    """Write the account, and its app if that is new, into the configuration. Raises ConfigError and BadInput."""
    from sellercare import registry

    adapter = registry.load(wanted.adapter)
    if wanted.site is not None and adapter.sites and wanted.site not in adapter.sites:
        raise ConfigError(
            f"{adapter.title} has no site {wanted.site!r}.",
            setting="site",
            next_step=f"Its sites: {', '.join(adapter.sites)}.",
        )
    values = _given(adapter, given)
    ask = [_known(adapter, name) for name in ask]
    app = _app(config, adapter, wanted, values, ask)
    of_account = {name for name, field in adapter.settings.model_fields.items() if not _of_app(field)}
    own = {name: value for name, value in values.items() if name in of_account or app is None}
    config.add_account(
        wanted.name,
        adapter=adapter.name,
        app=app,
        site=wanted.site,
        credential=wanted.credential,
        settings=own | dict(_asked(adapter, of_account - own.keys(), ask, f"the account {wanted.name}")),
    )


def _app(
    config: Config, adapter: type[Adapter], wanted: Wanted, values: Mapping[str, str], ask: Sequence[str]
) -> str | None:
    """The app of the account, made if it is new; None where the platform has no apps."""
    of_app = {name for name, field in adapter.settings.model_fields.items() if _of_app(field)}
    if not of_app and wanted.app is None:
        return None
    app = wanted.app or adapter.name
    own = {name: value for name, value in values.items() if name in of_app}
    if app in config.apps:
        if own:
            raise ConfigError(
                f"{', '.join(own)} belongs to the app {app!r}, which is configured already.",
                setting=next(iter(own)),
                next_step=f"Change it in {config.file}, or name a new app with --app.",
            )
        return app
    config.add_app(
        app, adapter=adapter.name, settings=own | dict(_asked(adapter, of_app - own.keys(), ask, f"the app {app}"))
    )
    return app


def _given(adapter: type[Adapter], given: Sequence[str]) -> dict[str, str]:
    """The settings from the command line. A secret may not be one: a command line can be read by others."""
    known = adapter.settings.model_fields
    values: dict[str, str] = {}
    for pair in given:
        name, sign, value = pair.partition("=")
        _known(adapter, name)
        if not sign or not value:
            raise BadInput(f"--set {name} has no value.", field=name, next_step=f"Write --set {name}=VALUE.")
        if is_secret(known[name]) and not value.startswith(("env:", "file:")):
            raise BadInput(
                f"{name} is a secret, and a command line can be read by others.",
                field=name,
                next_step=f"Write --ask {name} to be asked, or --set {name}=env:VARIABLE, or --set {name}=file:PATH.",
            )
        values[name] = value
    return values


def _known(adapter: type[Adapter], name: str) -> str:
    """The name of a setting; ConfigError with a suggestion if the adapter has no such setting."""
    known = list(adapter.settings.model_fields)
    if name in known:
        return name
    raise ConfigError(
        f"{adapter.title} has no setting {name!r}.{suggestion(name, known)}",
        setting=name,
        next_step=f"Its settings: {', '.join(sorted(known))}.",
    )


def _asked(adapter: type[Adapter], names: set[str], also: Sequence[str], whose: str) -> Iterator[tuple[str, str]]:
    """Ask for those of the settings that have no default, or that are to be asked for."""
    fields = adapter.settings.model_fields
    missing = [name for name in fields if name in names and (name in also or fields[name].is_required())]
    if missing:
        note(f"{adapter.title} wants {len(missing)} setting(s) for {whose}. env:NAME and file:PATH are read when used.")
    for name in missing:
        hint = f" ({fields[name].description})" if fields[name].description else ""
        yield name, _answer(name, hint, secret=is_secret(fields[name]))


def _answer(name: str, hint: str, *, secret: bool) -> str:
    try:
        return str(click.prompt(f"{name}{hint}", hide_input=secret, err=True))
    except click.Abort as stopped:
        if not isinstance(stopped.__cause__ or stopped.__context__, EOFError):
            raise
        click.echo(err=True)
        how = f"--set {name}=env:VARIABLE, or --set {name}=file:PATH" if secret else f"--set {name}=VALUE"
        raise BadInput(
            f"There is nobody to ask for {name}.", field=name, next_step=f"Write {how}, or run it at a terminal."
        ) from None


def is_secret(field: FieldInfo) -> bool:
    """Whether the setting is a secret."""
    return "SecretStr" in str(field.annotation)


def _of_app(field: FieldInfo) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, dict) and extra.get("of") == "app"
