"""The operations that are sent, checked in tests against Shopify's own schema of 2026-10.

Nested connections multiply what an operation costs, so inner ones ask for few rows; one operation may cost 1000 points
at most. Amounts are asked for in the buyer's currency (presentment).
"""

from __future__ import annotations

from sellercare.graphql import Endpoint

VERSION = "2026-10"
"""The version of the API. A version lives about a year; then Shopify answers with another one."""

ADMIN = Endpoint(f"/admin/api/{VERSION}/graphql.json")

_MONEY = "presentmentMoney { amount currencyCode }"

# --- orders ----------------------------------------------------------------------------------------------------------

_LINE = f"""
fragment OrderLine on LineItem {{
  id title sku quantity refundableQuantity unfulfilledQuantity
  product {{ id }}
  discountedUnitPriceAfterAllDiscountsSet {{ {_MONEY} }}
  taxLines {{ priceSet {{ {_MONEY} }} }}
}}"""

_PARCELS = """
fragment Parcels on Order {
  fulfillments(first: $parcels) { deliveredAt }
}"""

_ORDER = f"""
fragment OrderHead on Order {{
  id legacyResourceId name email createdAt updatedAt cancelledAt
  displayFinancialStatus displayFulfillmentStatus returnStatus
  presentmentCurrencyCode taxesIncluded
  customer {{ id displayName }}
  totalPriceSet {{ {_MONEY} }}
  totalReceivedSet {{ {_MONEY} }}
  totalRefundedSet {{ {_MONEY} }}
  shippingLine {{ id title discountedPriceSet {{ {_MONEY} }} taxLines {{ priceSet {{ {_MONEY} }} }} }}
  ...Parcels
}}{_PARCELS}"""

_LINES = "lineItems(first: $lines, after: $linesAfter) { nodes { ...OrderLine } pageInfo { hasNextPage endCursor } }"

ORDERS_IN_LIST = 20
LINES_IN_LIST = 4
PARCELS_IN_LIST = 3
"""A page of twenty orders with so much of each asks for 941 points, by our count of what Shopify counts."""

LONG_ORDERS_AT_ONCE = 4
LINES_OF_LONG_ORDER = 25
LINES_AT_ONCE = 100
PARCELS_AT_ONCE = 25

ORDER = f"""query Order($id: ID!, $lines: Int!, $linesAfter: String, $parcels: Int!) {{
  order(id: $id) {{ ...OrderHead {_LINES} }}
}}{_ORDER}{_LINE}"""

ORDER_LINES = f"""query OrderLines($id: ID!, $lines: Int!, $linesAfter: String) {{
  order(id: $id) {{ {_LINES} }}
}}{_LINE}"""

LONG_ORDERS = f"""query LongOrders($ids: [ID!]!, $lines: Int!, $linesAfter: String, $parcels: Int!) {{
  nodes(ids: $ids) {{ ... on Order {{ id ...Parcels {_LINES} }} }}
}}{_PARCELS}{_LINE}"""

ORDERS = f"""query Orders(
  $first: Int!, $after: String, $query: String, $lines: Int!, $linesAfter: String, $parcels: Int!
) {{
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT, reverse: true) {{
    nodes {{ ...OrderHead {_LINES} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}{_ORDER}{_LINE}"""

ORDER_STATE = """query OrderState($id: ID!) {
  order(id: $id) { id name cancelledAt displayFinancialStatus displayFulfillmentStatus }
}"""

ORDER_CANCEL = """mutation OrderCancel(
  $id: ID!, $reason: OrderCancelReason!, $restock: Boolean!, $notify: Boolean!,
  $refundMethod: OrderCancelRefundMethodInput
) {
  orderCancel(
    orderId: $id, reason: $reason, restock: $restock, notifyCustomer: $notify, refundMethod: $refundMethod
  ) {
    job { id done }
    orderCancelUserErrors { code field message }
  }
}"""

# --- returns ---------------------------------------------------------------------------------------------------------

_DELIVERY = """
fragment Delivery on ReverseDelivery {
  id
  deliverable { ... on ReverseDeliveryShippingDeliverable { tracking { carrierName number url } } }
}"""

REVERSE_ORDERS_AT_ONCE = 5
"""Places that goods come back to, each a reverse fulfillment order with parcels of its own."""

_PARCELS_AT_ONCE = 5


def _reverse_orders(first: str | int, parcels: int, after: str = "") -> str:
    return f"""reverseFulfillmentOrders(first: {first}{after}) {{
    nodes {{
      id status
      reverseDeliveries(first: {parcels}) {{ nodes {{ ...Delivery }} pageInfo {{ hasNextPage endCursor }} }}
    }}
    pageInfo {{ hasNextPage endCursor }}
  }}"""


_RETURN_PARCELS = _reverse_orders(REVERSE_ORDERS_AT_ONCE, _PARCELS_AT_ONCE)

_PARCELS_IN_LIST = _reverse_orders(2, 3)
"""Of returns in a list, the first three parcels to each of the first two places."""

REVERSE_ORDERS = f"""query ReverseOrders($id: ID!, $first: Int!, $after: String) {{
  return(id: $id) {{ {_reverse_orders("$first", _PARCELS_AT_ONCE, ", after: $after")} }}
}}{_DELIVERY}"""

_DELIVERED = """reverseDeliveryLineItems(first: 40) {
        nodes { quantity reverseFulfillmentOrderLineItem { id } }
        pageInfo { hasNextPage }
      }"""

DELIVERIES_AT_ONCE = 10

DELIVERIES = f"""query Deliveries($id: ID!, $first: Int!, $after: String) {{
  reverseFulfillmentOrder(id: $id) {{
    reverseDeliveries(first: $first, after: $after) {{
      nodes {{ ...Delivery {_DELIVERED} }}
      pageInfo {{ hasNextPage endCursor }}
    }}
  }}
}}{_DELIVERY}"""

DELIVERY_CREATE = f"""mutation DeliveryCreate(
  $place: ID!, $lines: [ReverseDeliveryLineItemInput!]!, $tracking: ReverseDeliveryTrackingInput, $notify: Boolean!
) {{
  reverseDeliveryCreateWithShipping(
    reverseFulfillmentOrderId: $place, reverseDeliveryLineItems: $lines, trackingInput: $tracking,
    notifyCustomer: $notify
  ) {{
    reverseDelivery {{ ...Delivery {_DELIVERED} }}
    userErrors {{ code field message }}
  }}
}}{_DELIVERY}"""

_RETURN_LINE = f"""
fragment LineOfReturn on ReturnLineItemType {{
  id quantity processableQuantity processedQuantity refundableQuantity refundedQuantity
  customerNote returnReasonNote
  returnReasonDefinition {{ handle name }}
  ... on ReturnLineItem {{
    fulfillmentLineItem {{ id lineItem {{ id title }} }}
    withCodeDiscountedTotalPriceSet {{ {_MONEY} }}
    restockingFee {{ percentage amountSet {{ {_MONEY} }} }}
  }}
  ... on UnverifiedReturnLineItem {{ unitPrice {{ amount currencyCode }} }}
}}"""

EXCHANGES_AT_ONCE = 10
"""Goods that a buyer gets in exchange, of which a return shows the first ones."""

_RETURN = f"""
fragment ReturnHead on Return {{
  id name status createdAt requestApprovedAt closedAt
  decline {{ reason note }}
  order {{ id name email customer {{ id displayName }} }}
  exchangeLineItems(first: {EXCHANGES_AT_ONCE}) {{
    nodes {{ id title variantTitle variantSku quantity processableQuantity processedQuantity }}
    pageInfo {{ hasNextPage }}
  }}
  returnShippingFees {{ amountSet {{ {_MONEY} }} }}
}}"""

_RETURN_LINES = """returnLineItems(first: $lines, after: $linesAfter) {
    nodes { ...LineOfReturn }
    pageInfo { hasNextPage endCursor }
  }"""

RETURN_LINES_IN_LIST = 12
RETURN_LINES_AT_ONCE = 50

RETURN = f"""query Return($id: ID!, $lines: Int!, $linesAfter: String) {{
  return(id: $id) {{ ...ReturnHead {_RETURN_LINES} {_RETURN_PARCELS} }}
}}{_RETURN}{_RETURN_LINE}{_DELIVERY}"""

RETURN_LINES = f"""query ReturnLines($id: ID!, $lines: Int!, $linesAfter: String) {{
  return(id: $id) {{ {_RETURN_LINES} }}
}}{_RETURN_LINE}"""

RETURNS_OF_ORDER = f"""query ReturnsOfOrder(
  $id: ID!, $first: Int!, $after: String, $lines: Int!, $linesAfter: String
) {{
  order(id: $id) {{
    returns(first: $first, after: $after) {{
      nodes {{ ...ReturnHead {_RETURN_LINES} {_PARCELS_IN_LIST} }}
      pageInfo {{ hasNextPage endCursor }}
    }}
  }}
}}{_RETURN}{_RETURN_LINE}{_DELIVERY}"""

ORDERS_WITH_RETURNS = """query OrdersWithReturns($first: Int!, $after: String, $query: String) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT, reverse: true) {
    nodes { id returns(first: 1) { nodes { id } } }
    pageInfo { hasNextPage endCursor }
  }
}"""

RETURNABLE = """query Returnable($id: ID!) {
  returnableFulfillments(orderId: $id, first: 10) {
    nodes {
      id
      returnableFulfillmentLineItems(first: 25) {
        nodes { quantity fulfillmentLineItem { id lineItem { id } } }
        pageInfo { hasNextPage }
      }
    }
    pageInfo { hasNextPage }
  }
}"""

REASONS = """query Reasons {
  returnReasonDefinitions(first: 200) { nodes { id handle deleted } }
}"""

REVERSE_LINES = """query ReverseLines($id: ID!) {
  return(id: $id) {
    reverseFulfillmentOrders(first: 5) {
      nodes {
        id status
        lineItems(first: 50) {
          nodes { id totalQuantity fulfillmentLineItem { id } dispositions { quantity } }
          pageInfo { hasNextPage }
        }
      }
      pageInfo { hasNextPage }
    }
  }
}"""

_RETURN_DONE = f"""{{
    return {{ ...ReturnHead {_RETURN_LINES} {_RETURN_PARCELS} }}
    userErrors {{ code field message }}
  }}
}}{_RETURN}{_RETURN_LINE}{_DELIVERY}"""

RETURN_CREATE = f"""mutation ReturnCreate($input: ReturnInput!, $lines: Int!, $linesAfter: String) {{
  returnCreate(returnInput: $input) {_RETURN_DONE}"""

RETURN_APPROVE = f"""mutation ReturnApprove($input: ReturnApproveRequestInput!, $lines: Int!, $linesAfter: String) {{
  returnApproveRequest(input: $input) {_RETURN_DONE}"""

RETURN_DECLINE = f"""mutation ReturnDecline($input: ReturnDeclineRequestInput!, $lines: Int!, $linesAfter: String) {{
  returnDeclineRequest(input: $input) {_RETURN_DONE}"""

RETURN_CANCEL = f"""mutation ReturnCancel($id: ID!, $notify: Boolean!, $lines: Int!, $linesAfter: String) {{
  returnCancel(id: $id, notifyCustomer: $notify) {_RETURN_DONE}"""

RETURN_CLOSE = f"""mutation ReturnClose($id: ID!, $lines: Int!, $linesAfter: String) {{
  returnClose(id: $id) {_RETURN_DONE}"""

RETURN_REOPEN = f"""mutation ReturnReopen($id: ID!, $lines: Int!, $linesAfter: String) {{
  returnReopen(id: $id) {_RETURN_DONE}"""

RETURN_PROCESS = f"""mutation ReturnProcess($input: ReturnProcessInput!, $lines: Int!, $linesAfter: String) {{
  returnProcess(input: $input) {_RETURN_DONE}"""

# --- chargebacks -----------------------------------------------------------------------------------------------------

_DISPUTE = """
fragment DisputeParts on ShopifyPaymentsDispute {
  id type status initiatedAt evidenceDueBy evidenceSentOn finalizedOn
  amount { amount currencyCode }
  reasonDetails { reason networkReasonCode }
  order { id name }
}"""

DISPUTES = f"""query Disputes($first: Int!, $after: String, $query: String) {{
  disputes(first: $first, after: $after, query: $query, reverse: true) {{
    nodes {{ ...DisputeParts }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}{_DISPUTE}"""

DISPUTE = f"""query Dispute($id: ID!) {{
  dispute(id: $id) {{ ...DisputeParts disputeEvidence {{ id submitted }} }}
}}{_DISPUTE}"""

EVIDENCE = """mutation Evidence($id: ID!, $input: ShopifyPaymentsDisputeEvidenceUpdateInput!) {
  disputeEvidenceUpdate(id: $id, input: $input) {
    disputeEvidence { id submitted }
    userErrors { code field message }
  }
}"""

# --- refunds ---------------------------------------------------------------------------------------------------------

_DUTIES = f"refundDuties {{ amountSet {{ {_MONEY} }} originalDuty {{ id }} }}"

_PAID = f"""transactions(first: 6) {{
    nodes {{ id kind status gateway formattedGateway amountSet {{ {_MONEY} }} parentTransaction {{ id }} }}
  }}"""

_REFUND = f"""
fragment RefundParts on Refund {{
  id createdAt processedAt note
  order {{ id taxesIncluded }}
  return {{ id }}
  totalRefundedSet {{ {_MONEY} }}
  refundLineItems(first: 20) {{
    nodes {{ quantity lineItem {{ id }} subtotalSet {{ {_MONEY} }} totalTaxSet {{ {_MONEY} }} }}
  }}
  refundShippingLines(first: 3) {{
    nodes {{ shippingLine {{ id }} subtotalAmountSet {{ {_MONEY} }} taxAmountSet {{ {_MONEY} }} }}
  }}
  {_DUTIES.replace("refundDuties", "duties")}
  orderAdjustments(first: 3) {{ nodes {{ reason }} }}
  {_PAID}
}}"""

REFUNDS_AT_ONCE = 5

REFUND = f"""query Refund($id: ID!) {{
  refund(id: $id) {{ ...RefundParts }}
}}{_REFUND}"""

REFUNDS = f"""query Refunds($ids: [ID!]!) {{
  nodes(ids: $ids) {{ ... on Refund {{ ...RefundParts }} }}
}}{_REFUND}"""

REFUND_IDS = """query RefundIds($id: ID!, $first: Int!) {
  order(id: $id) { id refunds(first: $first) { id createdAt processedAt } }
}"""

ORDERS_WITH_REFUNDS = """query OrdersWithRefunds($first: Int!, $after: String, $query: String, $refunds: Int!) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT, reverse: true) {
    nodes { id refunds(first: $refunds) { id createdAt processedAt } }
    pageInfo { hasNextPage endCursor }
  }
}"""

_TRANSACTIONS = f"""suggestedTransactions {{
      gateway formattedGateway amountSet {{ {_MONEY} }} maximumRefundableSet {{ {_MONEY} }} parentTransaction {{ id }}
    }}
    suggestedRefundMethods @include(if: $credit) {{
      amount {{ {_MONEY} }} maximumRefundable {{ {_MONEY} }}
      ... on SuggestedStoreCreditRefund {{ expiresAt }}
    }}"""

_ALLOCATED = "$credit: Boolean!, $allocation: RefundMethodAllocation"
_CUSTOMER = "customer @include(if: $credit) { id }"
"""Whether there is a customer is only asked where store credit may be given: the field may be kept from the app."""

QUOTE = f"""query Quote(
  $id: ID!, $lines: [RefundLineItemInput!], $shipping: Boolean, $shippingAmount: Money,
  $duties: [RefundDutyInput!], $all: Boolean, {_ALLOCATED}
) {{
  order(id: $id) {{
    id name presentmentCurrencyCode {_CUSTOMER}
    shippingLine {{ id }}
    returns(first: 5, query: "status:OPEN") {{ nodes {{ id name }} }}
    suggestedRefund(
      refundLineItems: $lines, refundShipping: $shipping, shippingAmount: $shippingAmount, suggestFullRefund: $all,
      refundDuties: $duties, refundMethodAllocation: $allocation
    ) {{
      amountSet {{ {_MONEY} }}
      maximumRefundableSet {{ {_MONEY} }}
      refundLineItems {{ quantity lineItem {{ id }} }}
      shipping {{ amountSet {{ {_MONEY} }} maximumRefundableSet {{ {_MONEY} }} }}
      {_DUTIES}
      {_TRANSACTIONS}
    }}
  }}
}}"""

QUOTE_RETURN = f"""query QuoteReturn(
  $id: ID!, $lines: [SuggestedOutcomeReturnLineItemInput!]!,
  $exchanges: [SuggestedOutcomeExchangeLineItemInput!]!, {_ALLOCATED}
) {{
  return(id: $id) {{
    id name status
    order {{ id presentmentCurrencyCode {_CUSTOMER} }}
    suggestedFinancialOutcome(
      returnLineItems: $lines, exchangeLineItems: $exchanges, refundMethodAllocation: $allocation
    ) {{
      maximumRefundable {{ {_MONEY} }}
      financialTransfer {{
        ... on RefundReturnOutcome {{ amount {{ {_MONEY} }} {_TRANSACTIONS} }}
      }}
    }}
  }}
}}"""

REFUND_CREATE = f"""mutation RefundCreate($input: RefundInput!, $key: String!) {{
  refundCreate(input: $input) @idempotent(key: $key) {{
    refund {{ ...RefundParts }}
    userErrors {{ field message }}
  }}
}}{_REFUND}"""

_REFUNDS_OF_RETURN = f"""id order {{ id }}
    refunds(first: $first, after: $after) {{
      nodes {{
        id createdAt processedAt note totalRefundedSet {{ {_MONEY} }}
        {_PAID}
      }}
      pageInfo {{ hasNextPage endCursor }}
    }}"""

REFUNDS_OF_RETURN = f"""query RefundsOfReturn($id: ID!, $first: Int!, $after: String) {{
  return(id: $id) {{ {_REFUNDS_OF_RETURN} }}
}}"""

RETURN_REFUND = f"""mutation ReturnRefund($input: ReturnProcessInput!, $first: Int!, $after: String) {{
  returnProcess(input: $input) {{
    return {{ {_REFUNDS_OF_RETURN} }}
    userErrors {{ code field message }}
  }}
}}"""

# --- the account -----------------------------------------------------------------------------------------------------

SHOP = """query Shop {
  shop { id name myshopifyDomain currencyCode ianaTimezone }
  currentAppInstallation { accessScopes { handle } }
}"""
