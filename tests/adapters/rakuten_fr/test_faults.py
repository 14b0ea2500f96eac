"""Messages under every fault, the token that is nowhere, and the wire: GET, errors with 200, ISO-8859-1."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from requests.adapters import BaseAdapter

from sellercare.calls import Answer
from sellercare.errors import (
    BadAnswer,
    ConfigError,
    Forbidden,
    Invalid,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    SellercareError,
    Unauthorized,
    Unavailable,
)
from sellercare.models import Reply
from sellercare.simulator import Fault
from sellercare.simulator.messages import Reply as Answered
from sellercare.simulator.messages import Request
from sellercare_adapters.rakuten_fr import RakutenFrAdapter
from sellercare_adapters.rakuten_fr.asking import problem_of

TELL = "GET /sales_ws/contactuseraboutitem"
TOKEN = "t0ken-0f-the-seller"


class TestLostReplies:
    @pytest.mark.parametrize("kind", ["lost_answer", "error_after", "cut_body", "html_body"])
    def test_one_that_landed_is_found_by_its_text(self, rakuten: Any, kind: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.face.faults.add(Fault(kind, TELL))
        sent = rakuten.shop.messages.reply(item.id, "Il part demain.", key="a")
        assert rakuten.said(item) == ["Il part demain."]
        assert sent.id == list(rakuten.shop.messages.messages(item.id))[-1].id

    def test_blanks_that_rakuten_folds_make_no_difference(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.face.faults.add(Fault("lost_answer", TELL))
        assert rakuten.shop.messages.start(item.id, option="buyer", text="  Il part\n\ndemain. ", key="a").id

    @pytest.mark.parametrize("kind", ["never_arrived", "error_before"])
    def test_one_that_is_not_there_stays_unknown(self, rakuten: Any, kind: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.face.faults.add(Fault(kind, TELL))
        for _ in range(3):
            with pytest.raises(OutcomeUnknown) as caught:
                rakuten.shop.messages.reply(item.id, "Il part demain.", key="a")
            assert "among its messages" in caught.value.look_at
            rakuten.world.advance(86_400)
        assert rakuten.said(item) == []
        assert rakuten.calls.count("contactuseraboutitem") == 1

    def test_one_that_acts_late_is_found_and_not_repeated(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.face.faults.add(Fault("acts_late", TELL, seconds=30))
        with pytest.raises(OutcomeUnknown):
            rakuten.shop.messages.reply(item.id, "Il part demain.", key="a")
        rakuten.world.advance(60)
        assert rakuten.shop.messages.reply(item.id, "Il part demain.", key="a").id
        assert rakuten.said(item) == ["Il part demain."]

    def test_an_old_answer_in_the_same_words_is_not_taken_for_it(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.shop.messages.reply(item.id, "Il part demain.", key="a")
        rakuten.face.faults.add(Fault("never_arrived", TELL))
        with pytest.raises(OutcomeUnknown):
            rakuten.shop.messages.reply(item.id, "Il part demain.", key="b")

    @pytest.mark.parametrize("verb", ["reply", "start"])
    def test_the_same_words_under_another_key_prove_nothing(self, rakuten: Any, verb: str) -> None:
        """What was SENT has no id, so that nothing else says whose a message is."""
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.face.faults.add(Fault("never_arrived", TELL))
        with pytest.raises(OutcomeUnknown):
            rakuten.shop.messages.reply(item.id, "Il part demain.", key="a")
        rakuten.world.advance(60)
        if verb == "reply":
            rakuten.shop.messages.reply(item.id, "Il part  demain.", key="b")
        else:
            rakuten.shop.messages.start(item.id, option="buyer", text="Il part demain.", key="b")
        with pytest.raises(OutcomeUnknown, match="another key"):
            rakuten.shop.messages.reply(item.id, "Il part demain.", key="a")
        assert len(rakuten.said(item)) == 1

    @pytest.mark.parametrize("lost", ["a", "b"])
    def test_where_both_are_there_both_are_found(self, rakuten: Any, lost: str) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        for key in ("a", "b"):
            rakuten.world.advance(60)
            if key == lost:
                rakuten.face.faults.add(Fault("lost_answer", TELL))
                rakuten.face.faults.add(Fault("stale_read", "GET /sales_ws/getiteminfos", after=1, seconds=3600))
                with pytest.raises(OutcomeUnknown):
                    rakuten.shop.messages.reply(item.id, "Il part demain.", key=key)
            else:
                rakuten.shop.messages.reply(item.id, "Il part demain.", key=key)
        rakuten.world.advance(60)
        assert rakuten.shop.messages.reply(item.id, "Il part demain.", key=lost).id
        assert len(rakuten.said(item)) == 2

    def test_words_to_rakuten_are_not_words_to_the_buyer(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.face.faults.add(Fault("lost_answer", TELL))
        rakuten.face.faults.add(Fault("stale_read", "GET /sales_ws/getiteminfos", after=1, seconds=3600))
        with pytest.raises(OutcomeUnknown):
            rakuten.shop.messages.reply(item.id, "Il part demain.", key="a")
        rakuten.shop.messages.start(item.id, option="rakuten", text="Il part demain.", key="b")
        assert rakuten.shop.messages.reply(item.id, "Il part demain.", key="a").id

    def test_an_old_look_is_no_picture_of_before(self, rakuten: Any) -> None:
        """Work may be taken up long after it was checked, and somebody may have written by hand."""
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.shop.messages.thread(item.id)
        for seconds, looks in ((30, 1), (3600, 2)):
            rakuten.world.advance(seconds)
            rakuten.world.say(item.thread(), f"par moi, {seconds}")
            command = Reply(thread_id=item.id, text="Demain.")
            write = rakuten.shop.adapter.messages.reply(rakuten.shop.context(), command)
            seen = write.before()
            assert rakuten.calls.count("getiteminfos") == looks
        assert len(seen) == 3

    def test_a_text_that_was_altered_is_not_sent_again(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.face.faults.add(Fault("lost_answer", TELL))
        rakuten.face.faults.add(Fault("text_altered", TELL))
        with pytest.raises(OutcomeUnknown, match="altered"):
            rakuten.shop.messages.reply(item.id, "Il part demain.", key="a")
        assert len(rakuten.said(item)) == 1

    def test_a_stale_look_is_no_proof(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.face.faults.add(Fault("lost_answer", TELL))
        rakuten.face.faults.add(Fault("stale_read", "GET /sales_ws/getiteminfos", after=1, seconds=600))
        with pytest.raises(OutcomeUnknown):
            rakuten.shop.messages.reply(item.id, "Il part demain.", key="a")
        rakuten.world.advance(60)
        assert rakuten.shop.messages.reply(item.id, "Il part demain.", key="a").id
        assert rakuten.said(item) == ["Il part demain."]

    @pytest.mark.parametrize("to", ["buyer", "rakuten"])
    def test_an_answer_that_does_not_say_sent_is_no_proof(self, rakuten: Any, monkeypatch: Any, to: str) -> None:
        item = rakuten.sold()
        for name in ("tell_buyer", "tell_rakuten"):
            root = {"tell_buyer": "contactuseraboutitemresult", "tell_rakuten": "contactusaboutitemresult"}[name]
            body = f"<{root}><response><status>QUEUED</status></response></{root}>".encode()
            monkeypatch.setattr(rakuten.face, name, lambda request, body=body: Answered(200, {}, body))
        with pytest.raises(OutcomeUnknown):
            rakuten.shop.messages.start(item.id, option=to, text="Bonjour", key="a")

    def test_the_quota_is_waited_for(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.face.faults.add(Fault("rate_limited", TELL, times=2))
        rakuten.shop.messages.start(item.id, option="buyer", text="Bonjour", key="a")
        assert rakuten.said(item) == ["Bonjour"]


class TestReads:
    @pytest.mark.parametrize(
        "kind", ["lost_answer", "error_before", "error_after", "cut_body", "html_body", "rate_limited", "slow"]
    )
    @pytest.mark.parametrize("service", ["getitemtodolist", "getiteminfos"])
    def test_they_recover(self, rakuten: Any, kind: Any, service: str) -> None:
        item = rakuten.sold()
        rakuten.asks(item, "é")
        rakuten.face.faults.add(Fault(kind, f"GET /sales_ws/{service}", seconds=1.0))
        assert [thread.id for thread in rakuten.shop.messages.threads()] == [item.id]
        assert [message.text for message in rakuten.shop.messages.messages(item.id)] == ["é"]

    def test_they_give_up_in_the_end(self, rakuten: Any) -> None:
        rakuten.face.faults.add(Fault("error_before", times=None))
        with pytest.raises(Unavailable, match="getitemtodolist"):
            list(rakuten.shop.messages.threads())


ERRORS = [
    ("InvalidUserConnection", "Unknown user.", Unauthorized),
    ("InvalidUserRights", "Not allowed.", Forbidden),
    ("ParameterError", "The parameter content is mandatory", Invalid),
    ("ParameterError", "The parameter 'itemid' is invalid.", NotFound),
    ("ServerError", "Server not able to fullfill request.", OutcomeUnknown),
    ("Unknown error", "Service unavailable", OutcomeUnknown),
    ("SomethingNew", "?", OutcomeUnknown),
]


STATUSES = (200, 400, 500)
PROVED = [(status, *said) for said in ERRORS for status in STATUSES if status != 400 or said[2] is not OutcomeUnknown]
"""An answer with 400 proves by its status that nothing happened, so that it is not unknown with any code."""


class TestErrorsInAnyAnswer:
    @pytest.mark.parametrize(("status", "code", "text", "error"), PROVED)
    def test_the_code_decides_whatever_the_status(
        self, rakuten: Any, monkeypatch: Any, status: int, code: str, text: str, error: type[Exception]
    ) -> None:
        item = rakuten.sold()
        monkeypatch.setattr(rakuten.face, "tell_buyer", lambda request: rakuten.face.error(status, code, text))
        with pytest.raises(error) as caught:
            rakuten.shop.messages.start(item.id, option="buyer", text="Bonjour", key="a")
        assert isinstance(caught.value, OutcomeUnknown) is (error is OutcomeUnknown)

    def test_a_wrong_token_is_said(self, make_seller: Any) -> None:
        seller = make_seller(token="another-t0ken")
        with pytest.raises(Unauthorized, match="InvalidUserConnection"):
            seller.shop.account.check()

    def test_a_spent_quota_is_told_from_a_missing_right(self) -> None:
        body = b"<errorresponse><error><type>Sender</type><code>InvalidUserRights</code><message>%s</message>"
        body += b"<details><detail>a</detail><detail>b</detail></details></error></errorresponse>"
        quota, right = (problem_of(Answer(200, {}, body % said)) for said in (b"Quota exceeded.", b"No."))
        assert RakutenFrAdapter.errors[quota.code] is RateLimited
        assert RakutenFrAdapter.errors[right.code] is Forbidden
        assert right.text == "No. a b"

    def test_good_answers_are_none(self) -> None:
        good = b"<x><content>&lt;errorresponse&gt; is what I got</content></x>"
        assert problem_of(Answer(200, {}, good)).code == ""


class TestTheWire:
    def test_everything_is_a_get_with_the_token_in_the_address(self, rakuten: Any, monkeypatch: Any) -> None:
        seen: list[Request] = []
        plain = rakuten.face.handle

        def handle(request: Request) -> Answered:
            seen.append(request)
            return plain(request)

        monkeypatch.setattr(rakuten.face, "handle", handle)
        item = rakuten.sold()
        rakuten.shop.messages.start(item.id, option="buyer", text="À 100 % : été & hiver + 1 ?", key="a")
        assert {request.method for request in seen} == {"GET"}
        assert all(request.param("pwd") == TOKEN and request.param("login") == "vendeur" for request in seen)
        assert all("no-cache" in request.headers["Cache-Control"] for request in seen)
        assert rakuten.said(item) == ["À 100 % : été & hiver + 1 ?"]

    def test_answers_are_read_as_the_bytes_say(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item, "déjà payé 5 € – ça va ?")
        assert next(iter(rakuten.shop.messages.messages(item.id))).text == "déjà payé 5 € – ça va ?"

    def test_a_document_type_is_not_read(self, rakuten: Any, monkeypatch: Any) -> None:
        bomb = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><getitemtodolistresult>&x;</getitemtodolistresult>'
        monkeypatch.setattr(rakuten.face, "to_do", lambda request: Answered(200, {"Content-Type": "text/xml"}, bomb))
        with pytest.raises(BadAnswer, match="document type"):
            list(rakuten.shop.messages.threads())

    def test_a_time_zone_is_checked(self, make_seller: Any) -> None:
        with pytest.raises(ConfigError, match="time_zone"):
            make_seller(time_zone="Europe/Nowhere")


class Broken(BaseAdapter):
    """A transport whose errors carry the whole address, as those of requests do."""

    def send(self, request: Any, **more: Any) -> Any:
        raise ConnectionError(f"cannot reach {request.url}")

    def close(self) -> None:
        """There is nothing to close."""


class TestTheToken:
    def test_it_is_in_no_log_error_or_row(self, rakuten: Any, caplog: Any, monkeypatch: Any) -> None:
        caplog.set_level(logging.DEBUG)
        item = rakuten.sold()
        rakuten.asks(item)
        world, shop = rakuten.world, rakuten.shop
        world.review(4, order=item.order)
        errors: list[SellercareError] = []
        for n, kind in enumerate(("lost_answer", "error_before", "html_body", "cut_body", "rate_limited", "slow")):
            rakuten.face.faults.add(Fault(kind, times=4, seconds=60.0))
            for act in (
                lambda n=n: shop.messages.reply(item.id, f"Bonjour {n}", key=f"a{n}"),
                lambda: list(shop.messages.threads()),
                lambda n=n: shop.orders.cancel(item.id, reason="x", consent=True, key=f"c{n}"),
                lambda: shop.account.check(),
            ):
                try:
                    act()
                except SellercareError as error:
                    errors.append(error)
        rakuten.face.faults.clear()
        summary = shop.reviews.summary(item.sold()["advertid"])
        with shop.store.reading() as db:
            rows = [
                str(tuple(row))
                for table in ("intents", "steps", "looks")
                for row in db.exec_driver_sql(f"SELECT * FROM {table}")
            ]
        assert errors
        assert rows
        told = [caplog.text, repr(summary), repr(summary.raw), repr(shop), repr(shop.settings), *rows]
        told += [f"{error} {error!r} {error.details()} {error.__cause__!r} {error.__context__!r}" for error in errors]
        assert not [text for text in told if TOKEN in text]

    def test_it_is_in_no_error_of_the_connection(self, rakuten: Any, caplog: Any, monkeypatch: Any) -> None:
        caplog.set_level(logging.DEBUG)
        monkeypatch.setattr(rakuten.shop.http._wire, "_transport", Broken())
        rakuten.shop.http.close()
        with pytest.raises(Unavailable) as caught:
            rakuten.shop.account.check()
        error: BaseException | None = caught.value
        while error is not None:
            assert TOKEN not in str(error)
            error = error.__cause__ or error.__context__
        assert TOKEN not in caplog.text

    def test_it_is_in_no_body_that_is_logged_and_no_place_that_we_are_sent_to(
        self, rakuten: Any, caplog: Any, monkeypatch: Any
    ) -> None:
        caplog.set_level(logging.DEBUG)
        monkeypatch.setattr(rakuten.shop.http, "_log_bodies", True)
        item = rakuten.sold()
        rakuten.world.review(4, order=item.order)
        rakuten.shop.reviews.summary(item.sold()["advertid"])
        assert "breadcrumbselement" in caplog.text
        there = Answered(302, {"Location": f"https://elsewhere.test/sales_ws?login=vendeur&pwd={TOKEN}"}, b"")
        monkeypatch.setattr(rakuten.face, "to_do", lambda request: there)
        with pytest.raises(BadAnswer, match="another place") as caught:
            rakuten.shop.account.check()
        error: BaseException | None = caught.value
        while error is not None:
            assert TOKEN not in f"{error} {error!r}"
            error = error.__cause__ or error.__context__
        assert TOKEN not in caplog.text

    def test_the_face_repeats_it_as_rakuten_does(self, rakuten: Any) -> None:
        """Or the tests above would prove nothing."""
        item = rakuten.sold()
        rakuten.world.review(4, order=item.order)
        query = f"action=listing&login=vendeur&pwd={TOKEN}&version=2018-06-28&productids={item.sold()['advertid']}"
        reply = rakuten.face.handle(Request("GET", "/listing_ssl_ws", parse_qs(urlsplit(f"?{query}").query)))
        assert TOKEN.encode() in reply.body
