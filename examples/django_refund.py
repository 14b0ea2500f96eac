"""A Django view that pays back once, however often the browser, a proxy or an impatient person asks.

The number of the return is the key, so the same return never pays twice, in no process and on no machine.
"""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_POST

import sellercare
from sellercare.errors import AlreadyDone, InProgress, NothingSent, OutcomeUnknown, Refused, TryLater


@cache
def shop() -> sellercare.Shop:
    """One for each process; it serves all threads."""
    return sellercare.connect("my-shop")


@require_POST
def refund(request: HttpRequest, rma: str) -> JsonResponse:
    """The order and the amount, posted to /returns/RMA/refund."""
    asked = json.loads(request.body)
    amount = sellercare.Money(amount=Decimal(asked["amount"]), currency=asked["currency"])
    try:
        paid = shop().refunds.issue(order_id=asked["order_id"], amount=amount, key=f"rma-{rma}")
    except AlreadyDone as done:  # paid long ago; the details were purged since
        return JsonResponse({"refund": done.native_id, "state": "done"})
    except (InProgress, TryLater) as busy:  # nothing was sent; the caller may simply ask again
        return JsonResponse({"error": busy.code, "next": busy.next_step}, status=503, headers={"Retry-After": "10"})
    except OutcomeUnknown as unknown:  # asking again with the same key looks it up, and never pays blindly
        return JsonResponse({"error": unknown.code, "look_at": unknown.look_at}, status=504)
    except (NothingSent, Refused) as error:
        return JsonResponse({"error": error.code, "message": error.message, "next": error.next_step}, status=422)
    return JsonResponse({"refund": paid.id, "state": paid.state})


urlpatterns = [path("returns/<str:rma>/refund", refund)]


def main() -> None:
    """Ask three times, as an impatient person would, and once for another amount."""
    from django.conf import settings
    from django.test import Client

    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["testserver"])
    asked = {"order_id": "ord_1", "amount": "5.00", "currency": "EUR"}
    browser = Client()
    answers = [browser.post("/returns/381/refund", asked, "application/json") for _ in range(3)]
    other = browser.post("/returns/381/refund", asked | {"amount": "6.00"}, "application/json")
    print("asked three times, paid once:", {answer.json()["refund"] for answer in answers})
    print("another amount under the same key:", other.status_code, other.json()["error"])
    assert len({answer.content for answer in answers}) == 1
    assert (other.status_code, other.json()["error"]) == (422, "key-conflict")


if __name__ == "__main__":
    main()
