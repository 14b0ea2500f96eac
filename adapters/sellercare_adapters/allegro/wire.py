"""Allegro's payloads as they are sent, as far as they are read. Source: Allegro's OpenAPI description, July 2026.

Fields that the description does not require may be absent; those marked nullable may be null.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NotRequired, TypedDict


class Price(TypedDict):
    """An amount as text, and its currency."""

    amount: str
    currency: str


class Id(TypedDict):
    """A reference."""

    id: str


# --- messaging ---------------------------------------------------------------------------------------


class Interlocutor(TypedDict):
    """The other side of a thread."""

    login: str
    avatarUrl: str


class Thread(TypedDict):
    """A thread of the message center, in a list or alone."""

    id: str
    read: bool
    lastMessageDateTime: NotRequired[str | None]
    interlocutor: NotRequired[Interlocutor | None]


class MessageAuthor(TypedDict):
    """Who wrote; `isInterlocutor` is true for the other side."""

    login: str
    isInterlocutor: bool


class MessageAttachment(TypedDict):
    """A file at a message."""

    fileName: str
    mimeType: NotRequired[str]
    url: NotRequired[str]
    status: str


class RelatesTo(TypedDict):
    """What a message is about."""

    offer: NotRequired[Id | None]
    order: NotRequired[Id | None]


class Message(TypedDict):
    """A message of the message center. Attachments were seen as null for seconds after sending (#12423)."""

    id: str
    status: str
    type: str
    createdAt: str
    thread: Id
    author: MessageAuthor
    text: str
    subject: NotRequired[str | None]
    relatesTo: RelatesTo
    hasAdditionalAttachments: bool
    attachments: list[MessageAttachment] | None


# --- disputes and claims ---------------------------------------------------------------------------------------------


class IssueAttachment(TypedDict, total=False):
    """A file at an issue or in its chat."""

    fileName: str
    url: str


class IssueAuthor(TypedDict, total=False):
    """Who wrote; the login is absent for the platform's own roles."""

    login: str
    role: str


class IssueMessage(TypedDict):
    """A message in an issue's chat."""

    id: str
    text: NotRequired[str | None]
    attachments: NotRequired[list[IssueAttachment] | None]
    author: NotRequired[IssueAuthor]
    createdAt: NotRequired[str]


class IssueState(TypedDict, total=False):
    """Where an issue is."""

    status: str
    statusDueDate: str | None
    returnRequired: bool | None
    chatActive: bool


class LastMessage(TypedDict, total=False):
    """Who spoke last in an issue."""

    status: str
    createdAt: str


class IssueChat(TypedDict, total=False):
    """A summary of an issue's chat. Its initialMessage was seen with the text "TODO" (#12486) and is not read."""

    lastMessage: LastMessage
    messagesCount: int


class Expectation(TypedDict, total=False):
    """What the buyer of a claim wants."""

    name: str | None
    refund: Price | None


class IssueReason(TypedDict, total=False):
    """Why a claim was made."""

    type: str
    description: str | None


class IssueOffer(TypedDict, total=False):
    """The offer that an issue is about."""

    id: str | None
    quantity: int


class User(TypedDict):
    """A user of Allegro."""

    id: str
    login: str


class Issue(TypedDict):
    """A dispute or a claim."""

    id: str
    type: str
    referenceNumber: NotRequired[str | None]
    decisionDueDate: NotRequired[str | None]
    openedDate: NotRequired[str]
    subject: NotRequired[str | None]
    buyer: NotRequired[User]
    checkoutForm: NotRequired[Id]
    currentState: IssueState
    chat: NotRequired[IssueChat]
    expectations: NotRequired[list[Expectation]]
    description: NotRequired[str | None]
    offer: NotRequired[IssueOffer | None]
    reason: NotRequired[IssueReason | None]
    attachments: NotRequired[list[IssueAttachment]]


# --- customer returns ----------------------------------------------------------------------------------------------


class ItemReason(TypedDict, total=False):
    """Why an item comes back."""

    type: str
    userComment: str | None


class ReturnItem(TypedDict):
    """An item that comes back; there is no id beside the offer's."""

    offerId: str
    quantity: NotRequired[int]
    name: NotRequired[str]
    price: NotRequired[Price]
    reason: NotRequired[ItemReason | None]


class Rejection(TypedDict, total=False):
    """Why the seller does not pay a return back."""

    code: str
    reason: str
    createdAt: str


class ReturnBuyer(TypedDict, total=False):
    """Who returns."""

    email: str
    login: str


class ReturnParcel(TypedDict):
    """A parcel of a return. The two that begin with `transporting` are of the one who really carries it, if another."""

    waybill: NotRequired[str | None]
    carrierId: NotRequired[str | None]
    transportingWaybill: NotRequired[str | None]
    transportingCarrierId: NotRequired[str | None]


class CustomerReturn(TypedDict):
    """A return of goods. The description requires no field; without id and status it is none."""

    id: str
    status: str
    createdAt: NotRequired[str]
    referenceNumber: NotRequired[str]
    orderId: NotRequired[str]
    buyer: NotRequired[ReturnBuyer]
    items: NotRequired[list[ReturnItem]]
    parcels: NotRequired[list[ReturnParcel] | None]
    rejection: NotRequired[Rejection | None]


# --- orders ---------------------------------------------------------------------------------------


class Payment(TypedDict):
    """A payment, or a surcharge that was paid later."""

    id: str
    type: str
    provider: NotRequired[str]
    paidAmount: NotRequired[Price | None]


class Offer(TypedDict):
    """What was sold."""

    id: str
    name: str
    external: NotRequired[Id | None]


class Deposit(TypedDict):
    """A deposit on one piece."""

    price: Price


class AdditionalService(TypedDict, total=False):
    """A service bought with an item."""

    name: str
    price: Price
    quantity: int


class LineItem(TypedDict):
    """A line of an order; the price is for one piece."""

    id: str
    offer: Offer
    quantity: int | Decimal
    price: Price
    deposit: NotRequired[Deposit | None]
    selectedAdditionalServices: NotRequired[list[AdditionalService] | None]
    boughtAt: NotRequired[str]


class OrderBuyer(TypedDict):
    """Who bought."""

    id: str
    email: str
    login: str
    firstName: NotRequired[str | None]
    lastName: NotRequired[str | None]
    companyName: NotRequired[str | None]


class Fulfillment(TypedDict, total=False):
    """What the seller says about shipping."""

    status: str


class Delivery(TypedDict, total=False):
    """How it is delivered, as far as money is concerned."""

    cost: Price | None


class Summary(TypedDict):
    """What there is to pay."""

    totalToPay: Price


class CheckoutForm(TypedDict):
    """An order."""

    id: str
    buyer: OrderBuyer
    payment: NotRequired[Payment | None]
    status: str
    fulfillment: NotRequired[Fulfillment | None]
    delivery: NotRequired[Delivery | None]
    lineItems: list[LineItem]
    surcharges: list[Payment]
    marketplace: NotRequired[Id]
    summary: Summary
    updatedAt: NotRequired[str]


# --- refunds ---------------------------------------------------------------------------------------


class RefundLineItem(TypedDict):
    """A line in a refund: so many pieces, or a sum."""

    id: str
    type: str
    quantity: NotRequired[int | Decimal]
    value: NotRequired[Price | None]


class RefundDeposit(TypedDict):
    """A deposit in a refund."""

    lineItemId: str
    totalValue: Price


class RefundSurcharge(TypedDict, total=False):
    """A surcharge in a refund, named by its payment."""

    id: str
    value: Price


class RefundPart(TypedDict, total=False):
    """Delivery, overpaid money or additional services in a refund."""

    value: Price


class Refund(TypedDict):
    """A refund of a payment."""

    id: str
    payment: Id
    order: NotRequired[Id | None]
    reason: str
    status: str
    createdAt: str
    totalValue: Price
    lineItems: NotRequired[list[RefundLineItem] | None]
    deposits: NotRequired[list[RefundDeposit] | None]
    delivery: NotRequired[RefundPart | None]
    overpaid: NotRequired[RefundPart | None]
    surcharges: NotRequired[list[RefundSurcharge] | None]
    additionalServices: NotRequired[RefundPart | None]
    sellerComment: NotRequired[str | None]


# --- ratings, quality, account ---------------------------------------------------------------------------------------


class RatingAnswer(TypedDict):
    """The seller's answer."""

    message: str
    createdAt: str


class Removal(TypedDict):
    """Until when a removal may be asked for, and whether it was."""

    possibleTo: str
    request: NotRequired[RatingAnswer | None]


class RatingOrder(TypedDict):
    """The order that was rated."""

    id: str


class Rating(TypedDict):
    """A buyer's rating of a sale, in its public shape."""

    id: str
    buyer: User
    recommended: bool
    createdAt: str
    comment: NotRequired[str | None]
    rates: NotRequired[dict[str, int] | None]
    lastChangedAt: NotRequired[str | None]
    order: NotRequired[RatingOrder | None]
    answer: NotRequired[RatingAnswer | None]
    removal: NotRequired[Removal | None]


class Counts(TypedDict):
    """How many users, and how many ratings of theirs."""

    unique: int
    total: int


class RatingsSummary(TypedDict, total=False):
    """Totals of a seller. The percentage is a text with a decimal comma ("99,8")."""

    recommended: Counts
    notRecommended: Counts
    recommendedPercentage: str


class ScoreCount(TypedDict, total=False):
    """How often one score was given."""

    name: str
    count: int


class OfferRating(TypedDict, total=False):
    """Totals of a product's ratings."""

    averageScore: str
    scoreDistribution: list[ScoreCount]
    totalResponses: int


class QualityMetric(TypedDict):
    """One number of a day's quality."""

    code: str
    name: str
    score: int | Decimal
    maxScore: NotRequired[int | Decimal]


class QualityDay(TypedDict):
    """The sales quality of one day."""

    resultFor: str
    score: int | Decimal
    grade: str
    maxScore: int | Decimal
    metrics: list[QualityMetric]


class Quality(TypedDict):
    """The days that Allegro keeps."""

    quality: list[QualityDay]


class Company(TypedDict, total=False):
    """The seller's company."""

    name: str | None


class Me(TypedDict):
    """Who the token belongs to."""

    id: str
    login: NotRequired[str]
    baseMarketplace: NotRequired[Id]
    features: NotRequired[list[str]]
