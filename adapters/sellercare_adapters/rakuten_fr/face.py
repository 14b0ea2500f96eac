"""Simulated Rakuten France: its seller web services over a world, written from its sample payloads and its dossier.

One address a service, always GET, errors with status 200, ISO-8859-1, padded texts, no ids on messages; a look at an
item marks its messages as read. What nobody knows is chosen as unfriendly as it could be: cancelled sales leave the
list of current ones, a sale that is not accepted yet has no item infos, a second cancellation is refused.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sellercare.markup import to_xml
from sellercare.simulator.face import Face, Limit, Refusal, Reply, Request, route
from sellercare.simulator.faults import Faults
from sellercare.simulator.world import World
from sellercare_adapters.rakuten_fr.face_items import Items, SoldItem

PAGE = 50
"""Sales on a page of the current ones; how many there are at Rakuten is not known."""


class RakutenFrFace(Face):
    """Rakuten France for one seller. `login` and `token` are the seller's."""

    name = "rakuten-fr"
    limits = (
        Limit("looks", 0.5, 20, "GET /sales_ws/getiteminfos"),
        Limit("messages", 0.5, 20, "GET /sales_ws/contact*"),
        Limit("orders", 0.5, 20, "GET /sales_ws/cancelitem"),
        Limit("to do", 0.5, 20, "GET /sales_ws/getitemtodolist"),
    )
    html_not_found = True
    login, token = "vendeur", "t0ken-0f-the-seller"

    def __init__(self, world: World, faults: Faults | None = None) -> None:
        super().__init__(world, faults)
        self.items = Items(world)
        self._looked: list[SoldItem] = []

    def settings(self) -> dict[str, str]:
        """The seller's login and token."""
        return {"login": self.login, "token": self.token}

    # --- what is different here -------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Reply:
        """Services are told apart by the parameter `action`: it becomes the end of the path, for routes and faults."""
        return super().handle(replace(request, path=f"{request.path}/{request.param('action') or 'none'}"))

    def authorize(self, request: Request) -> Reply | None:
        """Login and token are parameters of every call."""
        for name in ("login", "pwd"):
            if not request.param(name):
                return self.error(200, "ParameterError", f"The parameter {name} is mandatory")
        if request.param("login") != self.login or request.param("pwd") != self.token:
            return self.error(200, "InvalidUserConnection", "Unknown user or token.")
        return None

    def error(self, status: int, code: str, text: str = "", field: str = "") -> Reply:
        """The error document. Faults of the kit and of its own routes get the platform's codes."""
        code = {"unavailable": "ServerError", "timeout": "ServerError", "malformed": "ParameterError"}.get(code, code)
        kind = {"ServerError": "ServerError", "Unknown error": "Unknown error"}.get(code, "Sender")
        error = {"type": kind, "code": code, "message": _SAID.get(code, text), "details": {"detail": text}}
        return _reply("errorresponse", {"error": error}, status)

    def too_many(self, wait: float) -> Reply:
        """The quota of an hour is spent; nobody says for how long."""
        reply = self.error(200, "InvalidUserRights", "You have exceeded the maximum number of requests per hour.")
        return replace(reply, body=reply.body.replace(b"No right.", b"Quota exceeded."))

    def signal(self, call: str, reply: Reply) -> None:
        """What was looked at is read from now on, whether the answer arrives or not."""
        looked, self._looked = self._looked, []
        for item in looked:
            self.items.mark_read(item)

    # --- reading ----------------------------------------------------------------------------------------------------

    @route("GET", "/sales_ws/getitemtodolist")
    def to_do(self, request: Request) -> Reply:
        rows = [
            {"itemid": item.id, "causes": {"cause": causes}} for item in self.items.all() if (causes := item.causes)
        ]
        return self._shown("getitemtodolistresult", request, {"sellerid": "18352654", "items": {"item": rows}})

    @route("GET", "/sales_ws/getiteminfos")
    def item_infos(self, request: Request) -> Reply:
        item = self._item(request)
        if item.order.state == "open":
            raise Refusal(200, "Unknown error", "Service unavailable")
        self._looked.append(item)
        return self._shown("getiteminfosresult", request, {"sellerid": "109698070", "item": item.infos(self.login)})

    @route("GET", "/sales_ws/getnewsales")
    def new_sales(self, request: Request) -> Reply:
        sales = [self.items.sale(order) for order in self.items.orders() if order.state == "open"]
        return self._shown("getnewsalesresult", request, {"sellerid": "123456", "sales": {"sale": sales}})

    @route("GET", "/sales_ws/getcurrentsales")
    def current_sales(self, request: Request) -> Reply:
        """Those ordered before their release are told apart from the others, and only when they are asked for."""
        wanted = request.param("ispendingpreorder") == "y"
        orders = [
            order
            for order in self.items.orders()
            if order.state != "open" and bool(order.extra.get("preordered")) is wanted
        ]
        sales = [sale for order in orders if (sale := self.items.sale(order))["items"]["item"]]
        start = int(request.param("nexttoken") or 0)
        after = str(start + PAGE) if start + PAGE < len(sales) else ""
        told = {"nexttoken": after, "sellerid": "123456", "sales": {"sale": sales[start : start + PAGE]}}
        return self._shown("getcurrentsalesresult", request, told)

    @route("GET", "/wallet_ws/getoperations")
    def operations(self, request: Request) -> Reply:
        rows = self.items.payments()
        last = request.param("lastoperationdate")
        if last:
            known = [row["operationdate"] for row in rows]
            rows = rows[known.index(last) + 1 :] if last in known else []
        told = {"operation": rows[:PAGE], "hasmoreoperations": str(len(rows) > PAGE).lower()}
        return self._shown("getoperationsresult", request, {"sellerid": "1089000", "operations": told})

    @route("GET", "/sales_ws/getcompensationdetails")
    def compensation(self, request: Request) -> Reply:
        details = self.items.compensation(request.param("compensationid"))
        if details is None:
            raise _invalid("compensationid")
        told = {"sellerid": "1089000", "compensationdetails": details}
        return self._shown("getcompensationdetailsresult", request, told)

    @route("GET", "/listing_ssl_ws/listing")
    def products(self, request: Request) -> Reply:
        """Rakuten repeats the caller's address in the links of each product, its token included."""
        wanted = request.param("productids").split(",")
        link = f"https://ws.fr.shopping.rakuten.com/listing_ssl_ws?action=listing&login={self.login}&pwd={self.token}"
        rows = [
            product | {"breadcrumbselements": {"breadcrumbselement": {"label": "Livres", "url": link}}}
            for product in self.items.products()
            if product["productid"] in wanted
        ]
        if request.param("scope") == "PRICING":
            rows = [product | {"adverts": self.items.adverts(self.login)} for product in rows]
        return self._shown("listingresult", request, {"status": "ok", "products": {"product": rows}})

    # --- writing ----------------------------------------------------------------------------------------------------

    @route("GET", "/sales_ws/contactuseraboutitem", reads=False)
    def tell_buyer(self, request: Request) -> Reply:
        item = self._acting_on(request, "contactuseraboutitem")
        text = self._wanted(request, "content")
        self.world.say(item.thread() or self.items.talk(item), text)
        return self._shown("contactuseraboutitemresult", request, {"status": "SENT"})

    @route("GET", "/sales_ws/contactusaboutitem", reads=False)
    def tell_rakuten(self, request: Request) -> Reply:
        item = self._acting_on(request, "contactusaboutitem")
        text = self._wanted(request, "content")
        parent = request.param("mailparentid") or None
        said = self.world.say(item.thread(of_rakuten=True) or self.items.talk(item, of_rakuten=True), text)
        said.answers = parent
        return self._shown("contactusaboutitemresult", request, {"status": "SENT"})

    @route("GET", "/sales_ws/cancelitem", reads=False)
    def cancel(self, request: Request) -> Reply:
        item = self._acting_on(request, "cancelitem")
        self.items.cancel(item, self._wanted(request, "comment"))
        return self._shown("cancelitemresult", request, {"status": "CANCELLED"})

    @route("GET", "/sales_ws/refusesale", reads=False)
    def refuse(self, request: Request) -> Reply:
        """What it answers was never published; this follows the others."""
        item = self._item(request)
        if item.order.state != "open":
            raise _invalid("itemid")
        self.world.cancel(item.order, "refused")
        return self._shown("salerefusalresult", request, {"status": "Refused"})

    # --- parts ------------------------------------------------------------------------------------------------------

    def _item(self, request: Request) -> SoldItem:
        found = self.items.one(self._wanted(request, "itemid"))
        if found is None:
            raise _invalid("itemid")
        return found

    def _acting_on(self, request: Request, action: str) -> SoldItem:
        item = self._item(request)
        if action not in item.actions:
            raise _invalid("itemid")
        return item

    def _wanted(self, request: Request, name: str) -> str:
        value = request.param(name)
        if not value:
            raise Refusal(200, "ParameterError", f"The parameter {name} is mandatory")
        return value

    def _shown(self, root: str, request: Request, response: dict[str, Any]) -> Reply:
        asked = {name: values[0] for name, values in request.query.items() if name not in ("action", "login", "pwd")}
        version = request.param("version")
        body = {"request": asked | {"user": self.login}, "response": {"lastversion": version} | response}
        return _reply(root, body, 200)


_SAID = {
    "ParameterError": "Problem with parameters",
    "InvalidUserRights": "No right.",
    "ServerError": "Server not able to fullfill request.",
}


def _invalid(name: str) -> Refusal:
    return Refusal(200, "ParameterError", f"The parameter '{name}' is invalid.")


def _reply(root: str, value: dict[str, Any], status: int) -> Reply:
    """A document as Rakuten writes it: in ISO-8859-1, with a namespace of its own, and blanks around texts."""
    namespace = f"http://www.priceminister.com/res/schema/{root.removesuffix('result')}"
    body = to_xml(root, {"@xmlns": namespace, **value}, encoding="iso-8859-1").replace(b"><", b">\n   <")
    return Reply(status, {"Content-Type": "text/xml;charset=ISO-8859-1"}, body)
