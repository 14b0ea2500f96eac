"""OAuth 2: asking a seller for access (in a browser, or with a code on another device), and renewing it.

RFC 6749 (authorization code, refresh) and RFC 8628 (device flow). The client authenticates with HTTP Basic, or in the
form where the platform wants that. Every request is sent once: codes and, at many platforms, refresh tokens work only
once.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import requests
from requests.adapters import BaseAdapter

from sellercare.adapter import Adapter, OAuth2, Settings
from sellercare.calls import Answer
from sellercare.clock import Clock
from sellercare.errors import BadAnswer, BadInput, ConfigError, PlatformError, SignInNeeded, Unavailable
from sellercare.http.addresses import base_url
from sellercare.http.auth import sign_in_needed
from sellercare.http.connection import Lost, Wire, body_of
from sellercare.http.problems import advice
from sellercare.http.protocols import TokenSet
from sellercare.http.redaction import Redactor, secrets_of

_TOKEN_SECONDS = 20.0
"""A token endpoint gets no longer than this, so that a renewal ends before its lease does."""
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_DEVICE_INTERVAL = 5.0
"""RFC 8628, 3.2: the seconds between two questions where the platform names none, and the step of slow_down."""


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """A device flow that has begun. The seller opens `url` and types `user_code`; `whole_url` needs no typing."""

    user_code: str
    url: str
    expires_at: datetime
    interval: float
    whole_url: str = ""
    secret: str = field(default="", repr=False)


class OAuthClient:
    """The token endpoint of one platform, for one app."""

    def __init__(
        self,
        auth: OAuth2,
        *,
        title: str,
        account: str,
        clock: Clock,
        wire: Wire,
        redactor: Redactor,
        user_agent: str = "sellercare",
        timeout: float = _TOKEN_SECONDS,
    ) -> None:
        self._auth = auth
        self._title = title
        self._account = account
        self._clock = clock
        self._wire = wire
        self._redactor = redactor
        self._user_agent = user_agent
        self._timeout = min(timeout, _TOKEN_SECONDS)
        basic = f"{quote(auth.client_id, safe='')}:{quote(auth.client_secret, safe='')}"
        self._basic = base64.b64encode(basic.encode()).decode()
        redactor.learn(auth.client_secret, self._basic, auth.given_access, auth.given_refresh)

    @classmethod
    def of(
        cls,
        adapter: type[Adapter],
        settings: Settings,
        *,
        account: str,
        clock: Clock,
        transport: BaseAdapter | None = None,
    ) -> OAuthClient:
        """The client for an adapter's settings; ConfigError if the adapter signs in some other way."""
        auth = adapter.auth(settings)
        if not isinstance(auth, OAuth2):
            raise ConfigError(f"{adapter.title} does not use OAuth: its credentials go into the settings.")
        return cls(
            auth,
            title=adapter.title,
            account=account,
            clock=clock,
            wire=Wire(transport),
            redactor=Redactor(secrets_of(settings)),
            user_agent=settings.user_agent,
            timeout=settings.timeout,
        )

    def authorize_url(self, state: str) -> str:
        """The address that the seller opens in a browser. `state` comes back with the code; see `new_state`."""
        if not self._auth.authorize_url:
            raise ConfigError(f"{self._title} offers no sign-in in a browser.", setting="authorize_url")
        query = {"response_type": "code", "client_id": self._auth.client_id, "state": state}
        if self._auth.redirect_uri:
            query["redirect_uri"] = self._auth.redirect_uri
        if self._auth.scopes:
            query["scope"] = " ".join(self._auth.scopes)
        joint = "&" if "?" in self._auth.authorize_url else "?"
        return f"{self._auth.authorize_url}{joint}{urlencode(query)}"

    def code_from(self, address: str, state: str) -> str:
        """The code in the address that the browser was sent back to; BadInput where it carries none, or not ours."""
        query = parse_qs(urlsplit(address.strip()).query)
        if not hmac.compare_digest(query.get("state", [""])[0].encode(), state.encode()):
            raise BadInput("This address does not belong to the sign-in that was started here.", field="address")
        if "error" in query:
            said = self._redactor.line(query["error"][0], 80)
            raise sign_in_needed(self._account, f"{self._title} did not grant access ({said})")
        code = query.get("code", [""])[0]
        if not code:
            raise BadInput("This address carries no code.", field="address")
        return code

    def exchange(self, code: str) -> TokenSet:
        """Tokens for the code of a sign-in. A code works once. Raises SignInNeeded, PlatformError."""
        self._redactor.learn(code)
        form = {"grant_type": "authorization_code", "code": code}
        return self._tokens(self._with_redirect(form), "sign in")

    def refresh(self, stale: TokenSet) -> TokenSet:
        """New tokens for a refresh token. Raises SignInNeeded where it is used up or revoked, PlatformError."""
        self._redactor.learn(stale.access, stale.refresh)
        form = {"grant_type": "refresh_token", "refresh_token": stale.refresh}
        fresh = self._tokens(self._with_redirect(form), "renew the tokens")
        if fresh.refresh and fresh.scopes:
            return fresh
        return TokenSet(
            fresh.access, fresh.refresh or stale.refresh, fresh.expires_at, scopes=fresh.scopes or stale.scopes
        )

    def start_device(self) -> DeviceCode:
        """Begin a sign-in with a code that the seller types on any device. Raises PlatformError."""
        if not self._auth.device_url:
            raise ConfigError(f"{self._title} offers no sign-in with a device code.", setting="device_url")
        form = {} if "client_id=" in self._auth.device_url else {"client_id": self._auth.client_id}
        if self._auth.scopes:
            form["scope"] = " ".join(self._auth.scopes)
        payload = self._json(self._post(self._auth.device_url, form, "begin the sign-in"))
        secret = _text(payload, "device_code")
        self._redactor.learn(secret)
        return DeviceCode(
            user_code=_text(payload, "user_code"),
            url=_text(payload, "verification_uri"),
            expires_at=self._clock.now() + timedelta(seconds=_seconds(payload, "expires_in", 600.0)),
            interval=_seconds(payload, "interval", _DEVICE_INTERVAL),
            whole_url=str(payload.get("verification_uri_complete") or ""),
            secret=secret,
        )

    def wait_for_device(self, device: DeviceCode, waiting: Callable[[], None] = lambda: None) -> TokenSet:
        """Ask until the seller has agreed, as often as the platform wants to be asked.

        `waiting` is called before each question. Raises SignInNeeded when the seller says no or the code expires.
        """
        interval = device.interval
        while self._clock.now() < device.expires_at:
            waiting()
            self._clock.sleep(interval)
            try:
                answer = self._post(
                    self._auth.token_url, {"grant_type": _DEVICE_GRANT, "device_code": device.secret}, "sign in"
                )
            except Unavailable:
                # RFC 8628, 3.5: no connection or a time-out asks for fewer questions.
                interval *= 2
                continue
            word = _error_word(answer)
            if word == "slow_down":
                interval += _DEVICE_INTERVAL
            elif word != "authorization_pending":
                return self._token_set(answer, "sign in")
        raise sign_in_needed(self._account, "the code was not confirmed in time")

    def _with_redirect(self, form: Mapping[str, str]) -> dict[str, str]:
        return dict(form, redirect_uri=self._auth.redirect_uri) if self._auth.redirect_uri else dict(form)

    def _tokens(self, form: Mapping[str, str], purpose: str) -> TokenSet:
        return self._token_set(self._post(self._auth.token_url, form, purpose), purpose)

    def _post(self, url: str, form: Mapping[str, str], purpose: str) -> Answer:
        base_url("token_url", url.partition("?")[0])
        headers = {"Accept": "application/json", "User-Agent": self._user_agent}
        data = dict(form)
        if self._auth.client == "basic":
            headers["Authorization"] = f"Basic {self._basic}"
        else:
            data |= {"client_id": self._auth.client_id, "client_secret": self._auth.client_secret}
        request = requests.Request("POST", url, data=data, headers=headers).prepare()
        response = self._wire.send(request, self._timeout, fresh=True)
        body = response if isinstance(response, Lost) else body_of(response)
        if isinstance(response, Lost) or isinstance(body, Lost):
            raise self._unavailable(body if isinstance(body, Lost) else Lost(""), form, purpose)
        answer = Answer(response.status_code, response.headers, body, where=f"{self._title}, {purpose}")
        if answer.status >= 500 or answer.status == 429:
            wait = advice(answer.headers, self._clock.now())
            advised = f" It asks to wait {wait:.0f} s." if wait is not None else ""
            raise Unavailable(f"{answer.where}: the sign-in answered {answer.status}.{advised}", status=answer.status)
        return answer

    def _unavailable(self, loss: Lost, form: Mapping[str, str], purpose: str) -> Unavailable:
        message = f"{self._title} could not be asked to {purpose}: {loss.why}."
        if loss.sent and form.get("grant_type") == "refresh_token" and self._auth.rotates:
            return Unavailable(
                f"{message} The platform may have used up the refresh token all the same.",
                next_step=f"Try again; if it asks for a sign-in then, run `sellercare accounts add {self._account}`.",
            )
        return Unavailable(message)

    def _token_set(self, answer: Answer, purpose: str) -> TokenSet:
        if answer.status != 200:
            raise self._refusal(answer, purpose)
        payload = self._json(answer)
        access = _text(payload, "access_token")
        refresh = str(payload.get("refresh_token") or "")
        self._redactor.learn(access, refresh)
        lifetime = _seconds(payload, "expires_in", 0.0)
        return TokenSet(
            access=access,
            refresh=refresh,
            expires_at=self._clock.now() + timedelta(seconds=lifetime) if lifetime else None,
            scopes=tuple(str(payload.get("scope") or "").replace(",", " ").split()),
        )

    def _refusal(self, answer: Answer, purpose: str) -> SignInNeeded | ConfigError | PlatformError:
        word = _error_word(answer)
        if word in ("invalid_grant", "expired_token", "access_denied"):
            why = {
                "access_denied": "access was denied",
                "expired_token": "the code was not confirmed in time",
            }.get(word, f"{self._title} says that the grant is used up, expired or revoked")
            return sign_in_needed(self._account, why)
        if word in ("invalid_client", "unauthorized_client") or answer.status == 401:
            return ConfigError(
                f"{self._title} does not accept the app's client id and secret.",
                setting="client_id",
                next_step="Compare both with the app's page at the platform.",
            )
        shown = self._redactor.line(word, 80) or "no reason"
        return PlatformError(
            f"{self._title} refused to {purpose} (status {answer.status}, {shown}).",
            status=answer.status,
            native_code=shown,
        )

    def _json(self, answer: Answer) -> dict[str, Any]:
        if answer.status != 200:
            raise self._refusal(answer, "begin the sign-in")
        payload = answer.json()
        if not isinstance(payload, dict):
            raise BadAnswer(f"{answer.where}: the answer is not an object.", status=answer.status)
        return payload


def new_state() -> str:
    """A value that nobody can guess, for `authorize_url`."""
    return secrets.token_urlsafe(24)


def _error_word(answer: Answer) -> str:
    """The `error` of RFC 6749, 5.2; empty where the answer is none of that kind."""
    if answer.status == 200:
        return ""
    try:
        payload = answer.json()
    except BadAnswer:
        return ""
    word = payload.get("error") if isinstance(payload, dict) else ""
    return word if isinstance(word, str) else ""


def _text(payload: Mapping[str, Any], name: str) -> str:
    value = payload.get(name)
    if not isinstance(value, str) or not value or not value.isprintable():
        raise BadAnswer(f"The answer of the sign-in has no {name}.", path=f"$.{name}")
    return value


def _seconds(payload: Mapping[str, Any], name: str, default: float) -> float:
    """A number of seconds, up to ten years; some platforms write it as a text."""
    value = payload.get(name)
    if value is None:
        return default
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = -1.0
    if not 0 <= seconds <= 315_360_000:
        raise BadAnswer(f"The answer of the sign-in has no usable {name}.", path=f"$.{name}")
    return seconds
