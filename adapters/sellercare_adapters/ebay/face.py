"""Simulated eBay, whole: messages, orders, refunds, disputes, Post-Order, feedback, analytics, notifications."""

from __future__ import annotations

from sellercare_adapters.ebay.face_files import FilesFace
from sellercare_adapters.ebay.face_messages import MessagesFace
from sellercare_adapters.ebay.face_orders import OrdersFace
from sellercare_adapters.ebay.face_standing import StandingFace


class EbayFace(MessagesFace, OrdersFace, FilesFace, StandingFace):
    """eBay's APIs over a world, on one host."""

    name = "ebay"
