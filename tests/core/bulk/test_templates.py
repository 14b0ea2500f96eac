"""Templates see plain data, survive what is withheld, and reach nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sellercare.bulk.templates import MAX_OUTPUT, View, nothing, template, view
from sellercare.errors import BadInput
from sellercare.models import Buyer, Money, Order, OrderLine, Thread

ORDER = Order(
    id="ord-1",
    number="2026-7",
    total=Money(amount=Decimal("12.5"), currency="EUR"),
    lines=(OrderLine(id="l1", title="Kettle"), OrderLine(id="l2")),
    raw={"secret": "payload"},
)


def data(**more: Any) -> dict[str, Any]:
    return {
        "buyer": view("buyer", Buyer(login="zoe")),
        "order": view("order", ORDER),
        "thread": view("thread", Thread(id="thr-1")),
        "row": View("row", {"shipped": "Monday", "items": "3", "flag": True}),
        "account": "acme",
    } | more


def text(source: str, **more: Any) -> str:
    return template(source).render(data(**more)).text


def refused(source: str) -> str:
    with pytest.raises(BadInput) as caught:
        template(source).render(data(), line=7)
    return caught.value.message


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ('Hello {{ buyer.name or "there" }}!', "Hello there!"),
        ('{{ buyer.name|default("there", true) }}', "there"),
        ("{% if buyer.name is none %}-{% endif %}", "-"),
        ("{{ buyer.login }}", "zoe"),
        ("{{ order.total }}, {{ order.total.amount }}", "12.50 EUR, 12.50"),
        ("{% for line in order.lines %}[{{ line.title or 'goods' }}]{% endfor %}", "[Kettle][goods]"),
        ("{{ row.shipped }} {{ row.items }} {{ row['shipped'] }}", "Monday 3 Monday"),
        ("{{ account }}: <b>&\n", "acme: <b>&\n"),
    ],
)
def test_what_templates_can_do(source: str, result: str) -> None:
    assert text(source) == result


def test_a_withheld_value_that_is_printed_leaves_a_gap_that_is_named() -> None:
    rendered = template("Dear {{ buyer.name|upper }}{{ buyer.name }}, {{ order.number }}").render(data())
    assert rendered.text == "Dear , 2026-7"
    assert rendered.gaps == ("buyer.name",)
    assert template('{{ buyer.name or "x" }}').render(data()).gaps == ()


def test_a_thread_without_an_order_withholds_all_of_it() -> None:
    assert text('{{ order.number or "your order" }}{{ order.total or "" }}', order=nothing("order")) == "your order"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("{{ buyer.nmae }}", "there is no buyer.nmae; did you mean 'name'?"),
        ("{{ customer }}", "there is no 'customer'"),
        ("{{ row.price }}", "there is no row.price"),
        ("\n\n{{ order.totl }}", "line 3: there is no order.totl; did you mean 'total'?"),
        ("{{ order.raw }}", "there is no order.raw"),
        ("{{ order }}", "several fields"),
        ("{{ order.lines }}", "neither text nor a number"),
        ("{{ none }}", "neither text nor a number"),
        ("{{ 1 / 0 }}", "division"),
        ("{{ buyer.login + 1 }}", "str"),
        ("{% include 'x' %}", "no loader"),
    ],
)
def test_what_is_wrong_is_said_with_the_templates_line(source: str, says: str) -> None:
    assert says in refused(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ ().__class__.__bases__[0].__subclasses__() }}",
        "{{ buyer.__init__.__globals__ }}",
        "{{ buyer._fields }}",
        "{{ buyer['_fields'] }}",
        "{{ buyer|attr('__class__') }}",
        "{{ self.__init__ }}",
        "{{ '{0.__class__}'.format(buyer) }}",
        "{{ '%s' % buyer }}",
        "{{ ['__class__']|map(attribute='__class__')|list }}",
        "{{ [buyer]|map(attribute='__class__')|first }}",
        "{{ range.__self__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ lipsum.__globals__ }}",
        "{{ order.lines.append(1) }}",
        "{{ row.update({}) }}",
        "{{ 'a' * 10 ** 9 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ '{:>1000000000}'.format(1) }}",
        "{{ 'x'.center(1000000000) }}",
        "{{ range(1000000)|list }}",
    ],
)
def test_python_and_the_machine_are_out_of_reach(source: str) -> None:
    assert "template" in refused(source)


def test_the_text_has_a_limit() -> None:
    assert f"{MAX_OUTPUT:,}" in refused("{% for a in range(999) %}{{ 'x' * 999 }}{% endfor %}")


def test_a_template_that_is_not_one_names_its_line() -> None:
    with pytest.raises(BadInput, match="wrong in its line 2"):
        template("Hello\n{{ buyer.name ")


def test_the_rows_line_goes_with_the_error() -> None:
    with pytest.raises(BadInput) as caught:
        template("{{ nope }}").render(data(), line=12)
    assert caught.value.line == 12
    assert caught.value.field == "template"


def test_whether_the_marketplace_must_be_asked() -> None:
    assert template("{{ row.x }} {{ account }}").asks_platform is False
    assert template("{{ buyer.name }}").asks_platform is True


@pytest.mark.parametrize("source", ["Hi {buyer.name}!", "Hi {{ buyer.login }}, { name }", "Hi\n{order}"])
def test_a_field_with_one_brace_is_refused(source: str) -> None:
    # As text it would reach the buyer as it stands.
    said = refused(source)
    assert "one brace" in said
    assert f"line {2 if source.endswith('{order}') else 1}" in said


def test_braces_that_are_no_field_stay() -> None:
    assert text("{ } {1} :-{ }{{ buyer.login }}") == "{ } {1} :-{ }zoe"


def test_a_question_ends_without_a_full_stop() -> None:
    assert refused("{{ buyer.nme }}").endswith("did you mean 'name'?")
