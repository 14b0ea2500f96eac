"""Acme's two kinds of writes, and how each is found again: those that make something, and those that set a state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sellercare.calls import Call, read, write
from sellercare.errors import NotFound
from sellercare.finding import in_rows
from sellercare.interfaces import Context
from sellercare.models import Model, Upload
from sellercare.support import Readback, WriteContract
from sellercare.writes import Found, Kept, Search, Step, Write, nothing
from sellercare_adapters.acme.wire import Row

Make = Callable[[Any], Any]
Same = Callable[[Row], bool]


def making(
    ctx: Context,
    contract: WriteContract,
    call: Call,
    make: Make,
    look: Call,
    same: Same,
    untold: Model,
    uploads: Sequence[Upload] = (),
) -> Write[Any]:
    """Make something by one call. `look` lists its kind; `untold` is what we know of it where Acme tells nothing."""
    marked = contract.readback is Readback.BY_MARKER

    def send(kept: Kept) -> Call:
        files = [kept[f"declare-{n}"]["id"] for n in range(len(uploads))]
        more = {"reference": ctx.key} if marked else {}
        headers = {"Idempotency-Key": ctx.key} if contract.key else {}
        return replace(call, json={**call.json, "file_ids": files, **more}, headers=headers)

    def rows() -> list[Row]:
        return list(ctx.read(look)["rows"])

    def in_list(search: Search) -> Found | None:
        ours = (lambda row: bool(row["reference"] == ctx.key)) if marked else same
        return in_rows(rows(), search, ours, sure=marked)

    def by_key(search: Search) -> Found | None:
        try:
            row = ctx.read(read("/v1/requests/{key}", ids={"key": ctx.key}))
        except NotFound:
            return None
        return Found(row["id"], row)

    find = {Readback.BY_KEY: by_key, Readback.NONE: None}.get(contract.readback, in_list)
    before = (lambda: [row["id"] for row in rows()]) if contract.readback is Readback.BY_DIFFERENCE else None
    steps = [step for n, upload in enumerate(uploads) for step in _uploading(n, upload)]
    steps += [_step(send, find)]
    return Write(tuple(steps), lambda kept: make(kept["send"]) if kept["send"] else untold, before)


def setting(ctx: Context, thing: str, id: str, act: str, body: Row, done: Same, make: Make) -> Write[Any]:
    """Set the state of a thing by one call, which answers with the thing."""

    def find(search: Search) -> Found | None:
        row = ctx.read(read(thing, ids={"id": id}))
        return Found(row["id"], row) if done(row) else None

    call = write("POST", f"{thing}/{act}", ids={"id": id}, json=body)
    return Write((_step(lambda kept: call, find),), lambda kept: make(kept["send"]))


def _step(send: Callable[[Kept], Call], find: Callable[[Search], Found | None] | None) -> Step:
    """The step that commits. Where Acme answers 204, nothing is known but the status."""
    return Step(
        "send",
        send,
        keep=lambda answer: answer.json() if answer.status != 204 else None,
        commits=True,
        find=find,
        native_id=lambda row: row["id"] if row else None,
    )


def _uploading(n: int, upload: Upload) -> Sequence[Step]:
    """A file is declared, then its bytes are put; without a message it is gone after a day."""
    head = {"filename": upload.filename, "media_type": upload.media_type, "size": len(upload.data)}
    declare = write("POST", "/v1/files", json=head)

    def put(kept: Kept) -> Call:
        ids = {"id": kept[f"declare-{n}"]["id"]}
        headers = {"Content-Type": upload.media_type}
        return write("PUT", "/v1/files/{id}", ids=ids, body=upload.data, headers=headers, expect="nothing")

    return Step(f"declare-{n}", lambda kept: declare), Step(f"put-{n}", put, nothing)
