"""Acme's two shapes of writes: those that set a state of a thing, and those that make something."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sellercare.calls import Answer, Call, Json, read, write
from sellercare.finding import at, in_rows, in_state, same_content
from sellercare.interfaces import Context
from sellercare.models import Model
from sellercare.naming import by_name
from sellercare.shapes import Shape, translation, upload
from sellercare.support import Readback
from sellercare.writes import Found, Kept, Search, Step, Write
from sellercare_adapters.acme.contracts import contract_of
from sellercare_adapters.acme.wire import Row


def sets(thing: str, act: str, shape: Shape | None, done: Callable[[Row, Any], Any]) -> Any:
    """Set a state. Acme answers with the thing; a lost answer is found by the state."""

    def verb(self: object, ctx: Context, command: Any) -> Write[Any]:
        call = _post(f"{thing}/{act}", command)
        states = ("state", "lines", "reply", "review_requested", "removal_asked", "read", "closed")
        find, before = in_state(ctx, read(thing, ids=call.ids), lambda row: done(row, command), states)
        return _write(call, command, shape, find, before)

    return verb


def makes(name: str, path: str, model: type[Model]) -> Any:
    """Make something where things like it are listed. How it is found again is the contract's."""

    def verb(self: object, ctx: Context, command: Any) -> Write[Any]:
        contract, call = contract_of(name, ctx.settings.contract), _post(path, command)
        marked = contract.readback is Readback.BY_MARKER

        def rows() -> list[Row]:
            return list(ctx.read(read(path, ids=call.ids, params={"by": "seller", "limit": 100}))["rows"])

        def in_list(search: Search) -> Found | None:
            def ours(row: Row) -> bool:
                return bool(row["reference"] == ctx.key) if marked else same_content(by_name(model, row), command)

            return in_rows(rows(), search, ours, sure=marked)

        by_key = at(ctx, read("/v1/requests/{key}", ids={"key": ctx.key or "none"}))
        find = {Readback.BY_KEY: by_key, Readback.NONE: None}.get(contract.readback, in_list)
        before = (lambda: [row["id"] for row in rows()]) if contract.readback is Readback.BY_DIFFERENCE else None
        headers = {"Idempotency-Key": ctx.key} if contract.key else {}
        call = replace(call, headers=headers, json=call.json | ({"reference": ctx.key} if marked else {}))
        return _write(call, command, model, find, before)

    return verb


def _post(path: str, command: Any) -> Call:
    body = command.model_dump(mode="json", exclude_none=True, exclude={"attachments"})
    group = "messages" if path.endswith("/messages") else "default"
    return write("POST", path, ids={"id": command.target.partition(":")[2]}, json=body, group=group)


def _write(call: Call, command: Any, shape: Shape | None, find: Any, before: Any = None) -> Write[Any]:
    """Files go first, then the call that commits. Where Acme answers 204, only what was sent is known."""
    untold = {"id": None, "thread_id": ""} | {name: value for name, value in call.json.items() if name != "lines"}
    steps: list[Step] = []
    for n, file in enumerate(getattr(command, "attachments", ())):
        declare = {"filename": file.filename, "media_type": file.media_type, "size": len(file.data)}
        kind = {"Content-Type": file.media_type}
        put = write("PUT", "/v1/files/{id}", body=file.data, headers=kind, expect="nothing")
        steps += upload(n, write("POST", "/v1/files", json=declare), put)

    def send(kept: Kept) -> Call:
        return replace(call, json=call.json | {"file_ids": [made["id"] for made in kept.values() if made]})

    def told(answer: Answer) -> Json:
        return answer.json() if answer.status != 204 else None

    last = Step("send", send, told, commits=True, find=find, native_id=lambda row: row["id"] if row else None)
    return Write((*steps, last), lambda kept: translation(shape)(kept["send"] or untold) if shape else None, before)
