"""What can go wrong. The first fork is whether a call may have changed something at the marketplace.

    SellercareError
    ├── NothingSent                  we stopped before the marketplace heard of it
    │   ├── BadInput                 a value given to us is wrong (field, file, line)
    │   │   ├── RuleBroken           the marketplace's own rules forbid it
    │   │   ├── AmbiguousRefund      several ways to pay back: choose one
    │   │   └── KeyConflict          this key was used for another content
    │   ├── ConfigError              a setting, app or account is missing or wrong
    │   │   ├── UnknownAdapter
    │   │   ├── UnknownAccount
    │   │   └── SignInNeeded         the seller must grant access (again)
    │   ├── Unsupported
    │   │   ├── Impossible           the platform has no such thing
    │   │   └── NotYet               the platform has it, sellercare does not
    │   ├── NotAllowedNow            possible in general, not for this order, thread or return
    │   ├── AboveLimit               more money than the seller's own limits let go without an approval
    │   ├── ConsentNeeded            more follows from it than what is asked for: say that you know
    │   ├── InProgress               another worker has this write in hand
    │   └── StoreError               the journal cannot be written (locked, read-only, full, corrupt)
    ├── AlreadyDone                  this key was confirmed before; its details were purged since
    └── PlatformError                the marketplace answered, or should have
        ├── Refused                  it said no; nothing changed
        │   ├── NotFound
        │   ├── Forbidden            a scope, role or plan is missing, or it is somebody else's
        │   ├── Conflict             the state of the thing forbids it
        │   └── Invalid              a field is not as the platform wants it
        ├── Unauthorized             the credential is not accepted (any more)
        ├── TryLater                 it may work later; reads were already retried
        │   ├── RateLimited
        │   ├── StillWorking         the platform makes what was asked for, and is not done
        │   └── Unavailable          no connection, a time-out or a 5xx on a read
        ├── BadAnswer                an answer that we cannot read; names the path in it
        └── OutcomeUnknown           a write left and no proof came back, either way

Every error says what happened, whether anything changed at the marketplace, and what to do next.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar


class Changed(StrEnum):
    """Whether a call changed anything at the marketplace."""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"


_CHANGED_SENTENCE = {
    Changed.NO: "Nothing was changed at the marketplace.",
    Changed.YES: "The marketplace has acted.",
    Changed.UNKNOWN: "It is not known whether the marketplace acted.",
}


class SellercareError(Exception):
    """The root of everything this library raises on purpose.

    `code` is stable and has a paragraph in docs/errors.md. `changed` tells whether the marketplace acted.
    `next_step` is a sentence for the seller.
    """

    code: ClassVar[str] = "error"
    changed: Changed = Changed.NO
    next_step: str = ""

    def __init__(self, message: str, *, next_step: str = "", changed: Changed | None = None) -> None:
        super().__init__(message)
        self.message = message
        if next_step:
            self.next_step = next_step
        if changed is not None:
            self.changed = changed

    def __str__(self) -> str:
        parts = [self.message, _CHANGED_SENTENCE[self.changed], self.next_step]
        return " ".join(part for part in parts if part)

    def details(self) -> dict[str, Any]:
        """The error as plain data, for `--json` and for reports."""
        return {
            "error": self.code,
            "message": self.message,
            "changed": self.changed.value,
            "next_step": self.next_step,
        }


class NothingSent(SellercareError):
    """We stopped before the marketplace heard of it."""

    code = "nothing-sent"


class BadInput(NothingSent):
    """A value given to us is wrong. `field` names it; `line` is the line of a file, counted from 1."""

    code = "bad-input"

    def __init__(
        self, message: str, *, field: str = "", line: int | None = None, file: str = "", next_step: str = ""
    ) -> None:
        super().__init__(message, next_step=next_step)
        self.field = field
        self.line = line
        self.file = file

    def details(self) -> dict[str, Any]:
        return super().details() | {"field": self.field, "line": self.line, "file": self.file}


class RuleBroken(BadInput):
    """The marketplace's own rules forbid it. `rule` names the rule, `source` says where it is written."""

    code = "rule-broken"

    def __init__(self, message: str, *, rule: str, source: str = "", field: str = "", next_step: str = "") -> None:
        super().__init__(message, field=field, next_step=next_step)
        self.rule = rule
        self.source = source

    def details(self) -> dict[str, Any]:
        return super().details() | {"rule": self.rule, "source": self.source}


class AmbiguousRefund(BadInput):
    """There are several ways to pay this back. `options` lists them; name one with `option=`."""

    code = "ambiguous-refund"

    def __init__(self, message: str, *, options: tuple[Any, ...]) -> None:
        super().__init__(message, field="option", next_step="Choose one of the listed options by its id.")
        self.options = options


class KeyConflict(BadInput):
    """This key was used before, for another content. `before` and `now` show both."""

    code = "key-conflict"

    def __init__(self, message: str, *, before: dict[str, Any], now: dict[str, Any]) -> None:
        super().__init__(
            message,
            field="key",
            next_step="Use a new key if this is another write, or the old content if it is the same one.",
        )
        self.before = before
        self.now = now


class ConfigError(NothingSent):
    """A setting, app or account is missing or wrong. `setting` names it."""

    code = "config"

    def __init__(self, message: str, *, setting: str = "", next_step: str = "") -> None:
        super().__init__(message, next_step=next_step)
        self.setting = setting

    def details(self) -> dict[str, Any]:
        return super().details() | {"setting": self.setting}


class UnknownAdapter(ConfigError):
    """No installed adapter has this name."""

    code = "unknown-adapter"


class UnknownAccount(ConfigError):
    """No account of this name is configured."""

    code = "unknown-account"


class SignInNeeded(ConfigError):
    """The seller must grant access, for the first time or again: the tokens are missing, used up or revoked."""

    code = "sign-in-needed"


class Unsupported(NothingSent):
    """The adapter does not offer this verb. `verb` names it, `reason` says why."""

    code = "unsupported"

    def __init__(self, message: str, *, verb: str, reason: str, next_step: str = "") -> None:
        super().__init__(message, next_step=next_step)
        self.verb = verb
        self.reason = reason

    def details(self) -> dict[str, Any]:
        return super().details() | {"verb": self.verb, "reason": self.reason}


class Impossible(Unsupported):
    """The platform has no such thing; `next_step` says where a person does it by hand, if anywhere."""

    code = "impossible"


class NotYet(Unsupported):
    """The platform has it, sellercare does not yet."""

    code = "not-yet"


class NotAllowedNow(NothingSent):
    """Possible in general, but not now for this order, thread or return."""

    code = "not-allowed-now"


class AboveLimit(NothingSent):
    """More money than the seller's own limits let go without an approval.

    `limit` is the limit that it is above: `refund`, `run` or `day`.
    """

    code = "above-limit"

    def __init__(self, message: str, *, limit: str, next_step: str = "") -> None:
        super().__init__(message, next_step=next_step)
        self.limit = limit

    def details(self) -> dict[str, Any]:
        return super().details() | {"limit": self.limit}


class ConsentNeeded(NothingSent):
    """More follows from this write than what is asked for, and nobody has consented. `consequences` says what."""

    code = "consent-needed"

    def __init__(self, message: str, *, consequences: str) -> None:
        super().__init__(message, next_step="If that is what you want, ask again with `consent=True`.")
        self.consequences = consequences

    def details(self) -> dict[str, Any]:
        return super().details() | {"consequences": self.consequences}


class InProgress(NothingSent):
    """Another worker or process has this write, or another one on the same target, in hand right now."""

    code = "in-progress"


class StoreError(NothingSent):
    """The journal cannot be used, so nothing is sent: locked, read-only, full, corrupt or too new."""

    code = "store"


class AlreadyDone(SellercareError):
    """This key was confirmed before, and its details were purged since: nothing was sent now.

    `intent_id` names it in the journal, `native_id` at the marketplace where that is known; `done_at` is in UTC.
    """

    code = "already-done"
    changed = Changed.YES

    def __init__(self, message: str, *, intent_id: str, native_id: str | None, done_at: datetime | None) -> None:
        super().__init__(message, next_step="Nothing is left to do. The marketplace's own pages may show it.")
        self.intent_id = intent_id
        self.native_id = native_id
        self.done_at = done_at

    def details(self) -> dict[str, Any]:
        done_at = self.done_at.isoformat() if self.done_at else None
        return super().details() | {"intent_id": self.intent_id, "native_id": self.native_id, "done_at": done_at}


class PlatformError(SellercareError):
    """The marketplace answered, or should have.

    `status` is the HTTP status (None without an answer), `native_code` the platform's own word,
    `request_id` what the platform's support asks for, `field` the field that the platform names.
    """

    code = "platform"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        native_code: str = "",
        request_id: str = "",
        field: str = "",
        next_step: str = "",
        changed: Changed | None = None,
    ) -> None:
        super().__init__(message, next_step=next_step, changed=changed)
        self.status = status
        self.native_code = native_code
        self.request_id = request_id
        self.field = field

    def __str__(self) -> str:
        text = super().__str__()
        return f"[{self.request_id}] {text}" if self.request_id else text

    def details(self) -> dict[str, Any]:
        return super().details() | {
            "status": self.status,
            "native_code": self.native_code,
            "request_id": self.request_id,
            "field": self.field,
        }


class Refused(PlatformError):
    """The platform said no; nothing changed."""

    code = "refused"


class NotFound(Refused):
    """There is no such thing, or not for this seller."""

    code = "not-found"


class Forbidden(Refused):
    """A scope, role or plan is missing, the account is restricted, or it is somebody else's."""

    code = "forbidden"


class Conflict(Refused):
    """The state of the thing forbids it."""

    code = "conflict"


class Invalid(Refused):
    """A field is not as the platform wants it."""

    code = "invalid"


class Unauthorized(PlatformError):
    """The credential is not accepted (any more)."""

    code = "unauthorized"
    next_step = "Check the account with `sellercare accounts check`; sign in again if it says so."


class TryLater(PlatformError):
    """It may work later. Reads were already retried as long as the caller allowed."""

    code = "try-later"


class RateLimited(TryLater):
    """The platform wants fewer calls. `wait` is its advice in seconds, if it gave one."""

    code = "rate-limited"

    def __init__(self, message: str, *, wait: float | None = None, status: int | None = 429, **more: Any) -> None:
        super().__init__(message, status=status, **more)
        self.wait = wait


class StillWorking(TryLater):
    """The platform is at work on what was asked for (a report, an export), for longer than we wait.

    `work` names it for people, `handle` is the platform's id of it. The same call again goes on with it.
    """

    code = "still-working"
    next_step = "Ask again later: the same call goes on with it, and begins nothing anew."

    def __init__(self, message: str, *, work: str, handle: str, **more: Any) -> None:
        super().__init__(message, **more)
        self.work = work
        self.handle = handle

    def details(self) -> dict[str, Any]:
        return super().details() | {"work": self.work, "handle": self.handle}


class Unavailable(TryLater):
    """No connection, a time-out, or a server error, on a call that changes nothing or provably did not act."""

    code = "unavailable"
    next_step = "Try again later; check the network if it stays."


class BadAnswer(PlatformError):
    """An answer that we cannot read. `path` names the place in it, such as `$.threads[3].id`."""

    code = "bad-answer"
    next_step = "If it happens again the platform may have changed; report it with the path."

    def __init__(self, message: str, *, path: str = "$", **more: Any) -> None:
        super().__init__(message, **more)
        self.path = path

    def details(self) -> dict[str, Any]:
        return super().details() | {"path": self.path}


class OutcomeUnknown(PlatformError):
    """A write left and no proof came back, either way. It is never sent again without a person's word.

    `intent_id` names it in the journal, `look_at` says what to look at, and where.
    """

    code = "outcome-unknown"
    changed = Changed.UNKNOWN

    def __init__(self, message: str, *, intent_id: str = "", look_at: str = "", **more: Any) -> None:
        super().__init__(message, **more)
        self.intent_id = intent_id
        self.look_at = look_at

    def details(self) -> dict[str, Any]:
        return super().details() | {"intent_id": self.intent_id, "look_at": self.look_at}
