"""Sending calls: reads as often as it takes, writes once, and never a credential to somebody else.

What a call costs in our own Python is paid on every page of every listing, so the way of a good answer is short:
take a turn, authorise, prepare, send, read the body. Everything else happens only when something goes wrong.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import TypeVar
from urllib.parse import urlencode

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from sellercare.adapter import Adapter, OAuth2, Outgoing, Problem, Settings
from sellercare.calls import Answer, Call, Json, to_json
from sellercare.clock import Clock
from sellercare.errors import (
    BadAnswer,
    BadInput,
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    TryLater,
    Unauthorized,
    Unavailable,
)
from sellercare.http.addresses import Addresses, where
from sellercare.http.auth import Authorizer, FixedHeaders, Grant, OAuthTokens
from sellercare.http.budgets import Patience, Throttle
from sellercare.http.connection import Lost, Wire, body_of
from sellercare.http.looking import Looking
from sellercare.http.packed import LARGEST_FILE, unpacked
from sellercare.http.problems import Trouble, advice, error_of, problem_of
from sellercare.http.protocols import Budgets, Tokens
from sellercare.http.redaction import Redactor, secrets_of
from sellercare.looks import Looks, NoLooks
from sellercare.support import WriteContract

T = TypeVar("T")

logger = logging.getLogger("sellercare.http")

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_TRIES_OF_A_SPOILED_ANSWER = 3
_EMPTY = frozenset({204, 205})
_CHUNK = 65_536
_NOBODY = Grant({})


class _Parsed(Answer):
    """An answer whose document was read while it could still be asked for again."""

    __slots__ = ("_document",)
    _document: Json

    def json(self) -> Json:
        """The document."""
        return self._document

    payload = json


class Http:
    """One account's way to its platform. Safe for threads; each has its own connections.

    `patience` is how long one call may wait in vain, in seconds: for its turn, for a platform that wants fewer
    calls, for one that does not answer. `log_bodies` puts bodies into the log: they hold buyers' data.
    """

    def __init__(
        self,
        adapter: type[Adapter],
        settings: Settings,
        *,
        account: str,
        credential: str,
        app: str,
        clock: Clock,
        tokens: Tokens,
        budgets: Budgets,
        looks: Looks | None = None,
        locale: str = "en",
        transport: BaseAdapter | None = None,
        patience: float = 60.0,
        log_bodies: bool = False,
    ) -> None:
        self._adapter = adapter
        self._settings = settings
        self._clock = clock
        self._locale = locale
        self._patience = patience
        self._looking = Looking(looks or NoLooks())
        self._log_bodies = log_bodies
        self._redactor = Redactor(secrets_of(settings))
        self._addresses = Addresses(adapter.title, adapter.bases(settings), self._redactor)
        self._wire = Wire(transport)
        self._throttle = Throttle(adapter, budgets, clock, app=app, credential=credential, account=account)
        self._auth = self._authorizer(tokens, account=account, credential=credential)
        self._last_headers: tuple[Mapping[str, str], CaseInsensitiveDict[str]] = ({}, CaseInsensitiveDict())
        self._signs = adapter.sign is not Adapter.sign
        self._common = {
            "User-Agent": settings.user_agent,
            "Accept-Encoding": requests.utils.DEFAULT_ACCEPT_ENCODING,
            "Connection": "keep-alive",
        }

    def __repr__(self) -> str:
        return f"<Http {self._adapter.name}>"

    def read(self, call: Call) -> Answer:
        """Send a read, again and again within `patience`. Raises PlatformError, SignInNeeded, StoreError."""
        if call.act != "read":
            raise ValueError(f"{call.method} {call.path} is a write: it does not go out as a read")
        if call.looks_at:
            return self._looking.look(call, self._addresses.of(call), self._read_once, self._insist)
        return self._read(call)

    def _read(self, call: Call) -> Answer:
        return self._insist(self._read_once, call)

    def _insist(self, send: Callable[[Call, Patience, int], Answer | Trouble], call: Call) -> Answer:
        patience = Patience(self._patience)
        outcome = send(call, patience, 1)
        return self._persist(send, call, patience, outcome) if isinstance(outcome, Trouble) else outcome

    def looking_once(self) -> AbstractContextManager[None]:
        """In this block, and in this thread, a read that changes something by looking is made once; its answer serves
        again. For what is planned with several verbs that show the same thing."""
        return self._looking.once()

    def stream(self, call: Call) -> Iterator[bytes]:
        """The bytes of a download, in pieces. It begins with the first piece; a cut raises Unavailable."""
        if call.act != "read":
            raise ValueError(f"{call.method} {call.path} is a write: it cannot be streamed")
        patience = Patience(self._patience)
        opened = self._round(call, patience, 1)
        response = self._persist(self._round, call, patience, opened) if isinstance(opened, Trouble) else opened
        try:
            yield from response.iter_content(_CHUNK)
        except (requests.RequestException, OSError):
            cut = Unavailable(f"{where(call)}: the download was cut.", status=response.status_code)
        else:
            return
        finally:
            response.close()
        raise cut

    def write(self, call: Call, contract: WriteContract) -> Answer:
        """Send a write once. It goes out again only where the platform provably did not act.

        Returns the answer with a good status. Raises Refused and its like, Unauthorized, SignInNeeded, RateLimited
        or Unavailable where it is proved that nothing happened; OutcomeUnknown in every other case.
        """
        if call.act != "write":
            raise ValueError(f"{call.method} {call.path} is a read: it does not go out as a write")
        patience = Patience(self._patience)
        send = partial(self._write_once, contract)
        outcome = send(call, patience, 1)
        return self._persist(send, call, patience, outcome) if isinstance(outcome, Trouble) else outcome

    def close(self) -> None:
        """Close this thread's connections."""
        self._throttle.tell()
        self._wire.close()

    def _authorizer(self, tokens: Tokens, *, account: str, credential: str) -> Authorizer:
        auth = self._adapter.auth(self._settings)
        if not isinstance(auth, OAuth2):
            return FixedHeaders(auth, self._redactor)
        from sellercare.http.oauth import OAuthClient

        client = OAuthClient(
            auth,
            title=self._adapter.title,
            account=account,
            clock=self._clock,
            wire=self._wire,
            redactor=self._redactor,
            user_agent=self._settings.user_agent,
            timeout=self._settings.timeout,
        )
        return OAuthTokens(
            auth,
            tokens,
            client.refresh,
            credential=credential,
            account=account,
            clock=self._clock,
            redactor=self._redactor,
        )

    def _persist(
        self, send: Callable[[Call, Patience, int], T | Trouble], call: Call, patience: Patience, trouble: Trouble
    ) -> T:
        if trouble.again:
            # tenacity is only loaded once something goes wrong.
            from sellercare.http.retry import persist

            outcome = persist(partial(send, call, patience), trouble, patience, self._clock, self._adapter.title)
            if not isinstance(outcome, Trouble):
                return outcome
            trouble = outcome
        raise trouble.error

    def _read_once(self, call: Call, patience: Patience, attempt: int) -> Answer | Trouble:
        response = self._round(call, patience, attempt)
        if isinstance(response, Trouble):
            return response
        answer = self._answer(call, response)
        if isinstance(answer, Trouble):
            return answer
        document = _document(call, answer)
        # The adapter looks at what was read already: to read a page twice costs a listing as much as its models.
        trouble = self._told_in_success(call, answer if isinstance(document, BadAnswer) else document)
        if trouble is not None:
            return trouble
        if isinstance(document, BadAnswer):
            return Trouble(document, status=answer.status, again=True, tries=_TRIES_OF_A_SPOILED_ANSWER)
        return document

    def _write_once(self, contract: WriteContract, call: Call, patience: Patience, attempt: int) -> Answer | Trouble:
        response = self._round(call, patience, attempt, contract)
        outcome = response if isinstance(response, Trouble) else self._answer(call, response)
        if not isinstance(outcome, Trouble):
            outcome = self._told_in_success(call, outcome) or outcome
        if not isinstance(outcome, Trouble) or not outcome.sent:
            return outcome
        if _proves_nothing_happened(outcome, contract):
            again = isinstance(outcome.error, RateLimited)
            return Trouble(outcome.error, status=outcome.status, again=again, wait=outcome.wait, soon=outcome.soon)
        return Trouble(self._unknown(outcome.error, contract), status=outcome.status)

    def _unknown(self, error: PlatformError, contract: WriteContract) -> OutcomeUnknown:
        look_at = contract.by_hand
        return OutcomeUnknown(
            f"A write left and no proof came back. {error.message}",
            look_at=look_at,
            status=error.status,
            native_code=error.native_code,
            request_id=error.request_id,
            field=error.field,
            next_step=f"Do not send it again before you have looked: {look_at}." if look_at else "",
        )

    def _round(
        self, call: Call, patience: Patience, attempt: int, contract: WriteContract | None = None
    ) -> requests.Response | Trouble:
        """One attempt, with one renewal of the tokens on the way: a good response, its body unread, or trouble."""
        renewed = False
        while True:
            try:
                grant = _NOBODY if call.storage else self._auth.grant()
            except TryLater as error:
                return Trouble(error, sent=False, again=True)
            here = grant.at(call.base)
            url = self._addresses.of(call, here.params)
            if not call.storage:
                self._throttle.take_turn(call, patience)
            outcome = self._send(call, url, here, patience, attempt)
            if not isinstance(outcome, Trouble):
                return outcome
            if renewed or call.storage or not _may_renew(outcome, contract):
                return outcome
            try:
                renewed = self._auth.renew(grant)
            except TryLater as error:
                return Trouble(error, sent=False, again=True)
            if not renewed:
                return outcome

    def _send(
        self, call: Call, url: str, grant: Grant, patience: Patience, attempt: int
    ) -> requests.Response | Trouble:
        request = self._prepare(call, url, grant)
        began = time.perf_counter()
        redirects = 0
        while True:
            response = self._wire.send(request, call.timeout or self._settings.timeout, fresh=call.act == "write")
            if isinstance(response, Lost):
                patience.spent += time.perf_counter() - began
                self._log(call, None, began, "", attempt, response.why)
                why = f"{where(call)}: {self._adapter.title} gave no answer: {response.why}."
                return Trouble(Unavailable(why), sent=response.sent, again=True)
            status = response.status_code
            if logger.isEnabledFor(logging.DEBUG):
                self._log(call, status, began, self._request_id(response.headers), attempt, "")
            if 200 <= status < 300:
                return response
            if call.act == "read" and status in _REDIRECTS:
                target = response.headers.get("Location", "") if redirects < _MOST_REDIRECTS else ""
                redirects += 1
                body_of(response)
                request.url = self._addresses.sent_on(call, str(request.url), target, status)
                continue
            patience.spent += time.perf_counter() - began
            return self._trouble(call, response)

    def _trouble(self, call: Call, response: requests.Response) -> Trouble:
        """What an answer with an error status means."""
        answer = self._answer(call, response)
        if isinstance(answer, Trouble):
            # The status arrived whole, and it decides; only its words are lost.
            answer = Answer(
                response.status_code, response.headers, b"", where(call), self._request_id(response.headers)
            )
        # The words of a storage service are its own, and tell nothing about the platform.
        problem = Problem() if call.storage else problem_of(self._adapter, answer)
        return self._error(call, answer, problem)

    def _told_in_success(self, call: Call, answer: Answer) -> Trouble | None:
        """The trouble that an answer with a good status carries, where the platform does that."""
        if not self._adapter.errors_in_success or call.storage:
            return None
        problem = problem_of(self._adapter, answer)
        return self._error(call, answer, problem) if problem.code or problem.text else None

    def _error(self, call: Call, answer: Answer, problem: Problem) -> Trouble:
        wait = advice(answer.headers, self._clock.now())
        error = error_of(self._adapter, answer, problem, self._redactor, wait)
        soon = isinstance(error, RateLimited) and not call.storage and self._throttle.refused(call, wait)
        return Trouble(error, status=answer.status, again=isinstance(error, TryLater), wait=wait, soon=soon)

    def _answer(self, call: Call, response: requests.Response) -> Answer | Trouble:
        body = body_of(response, LARGEST_FILE) if call.storage or call.expect == "bytes" else body_of(response)
        name, request_id = where(call), self._request_id(response.headers)
        status = response.status_code
        if isinstance(body, Lost):
            cut = BadAnswer(f"{name}: {body.why}.", status=status, request_id=request_id)
            return Trouble(cut, status=status, again=True, tries=_TRIES_OF_A_SPOILED_ANSWER)
        if call.packed and 200 <= status < 300:
            try:
                body = unpacked(body)
            except ValueError as error:
                spoiled = BadAnswer(f"{name}: {error}.", status=status, request_id=request_id)
                return Trouble(spoiled, status=status, again=True, tries=_TRIES_OF_A_SPOILED_ANSWER)
        if self._log_bodies:
            logger.debug("%s answered: %s", name, self._redactor.scrub(body.decode("utf-8", "replace")))
        answer = Answer(status, response.headers, body, name, request_id)
        if not call.storage:
            self._throttle.learn(call, answer)
        return answer

    def _prepare(self, call: Call, url: str, grant: Grant) -> requests.PreparedRequest:
        own = {} if call.storage else self._adapter.headers(self._settings, call, self._locale)
        headers = {**self._common, **own, **grant.headers}
        body = call.body
        if call.json is not None:
            body = to_json(call.json)
            headers.setdefault("Content-Type", "application/json")
        headers.update(call.headers)
        if self._signs and not call.storage:
            url = self._signed(call, url, headers, body)
        request = requests.PreparedRequest()
        request.method = call.method
        request.url = url
        try:
            request.headers = self._checked(headers)
        except (requests.RequestException, ValueError, TypeError):
            refused = BadInput(f"{where(call)}: a header has a value that cannot be sent.", field="headers")
        else:
            request.body = body
            request.prepare_content_length(body)
            if self._log_bodies and body is not None:
                logger.debug("%s sends: %s", where(call), self._redactor.scrub(body.decode("utf-8", "replace")))
            return request
        raise refused

    def _checked(self, headers: dict[str, str]) -> CaseInsensitiveDict[str]:
        """The headers as requests wants them; checked once as long as they stay the same."""
        known, checked = self._last_headers
        if known != headers:
            request = requests.PreparedRequest()
            request.prepare_headers(headers)
            checked = request.headers
            self._last_headers = headers, checked
        return checked.copy()

    def _signed(self, call: Call, url: str, headers: dict[str, str], body: bytes | None) -> str:
        """Put the adapter's signature into the headers; the address, with what of it belongs there."""
        outgoing = Outgoing(call.method, url, dict(headers), body or b"", self._clock.now())
        signature = self._adapter.sign(self._settings, call, outgoing)
        if signature is None:
            return url
        headers.update(signature.headers)
        if not signature.params:
            return url
        return f"{url}{'&' if '?' in url else '?'}{urlencode(signature.params)}"

    def _request_id(self, headers: Mapping[str, str]) -> str:
        name = self._adapter.request_id_header
        value = headers.get(name, "") if name else ""
        return self._redactor.line(value, 100) if value else ""

    def _log(self, call: Call, status: int | None, began: float, request_id: str, attempt: int, why: str) -> None:
        logger.debug(
            "%s %s %d ms attempt %d%s%s",
            where(call),
            status or "-",
            (time.perf_counter() - began) * 1000,
            attempt,
            f" request {request_id}" if request_id else "",
            f" ({why})" if why else "",
        )


def _document(call: Call, answer: Answer) -> Answer | BadAnswer:
    """The answer with its document, where the call expects one."""
    if call.expect not in ("json", "xml") or answer.status in _EMPTY:
        return answer
    parsed = _Parsed(answer.status, answer.headers, answer.body, answer.where, answer.request_id)
    try:
        document = answer.xml(call.lists) if call.expect == "xml" else answer.json()
    except BadAnswer as error:
        return error
    object.__setattr__(parsed, "_document", document)
    return parsed


def _may_renew(trouble: Trouble, contract: WriteContract | None) -> bool:
    if not isinstance(trouble.error, Unauthorized):
        return False
    return contract is None or _proves_nothing_happened(trouble, contract)


def _proves_nothing_happened(trouble: Trouble, contract: WriteContract) -> bool:
    return not contract.nothing_happened.isdisjoint({trouble.status, trouble.error.native_code})
