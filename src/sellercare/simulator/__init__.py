"""Simulated platforms: a world of buyers and orders, faces that speak a platform's API, and faults on purpose.

`InProcess(face)` is a transport for `requests` without a socket; `serve(face)` is a real server on a loopback port.
"""

from sellercare.simulator.clock import FakeClock, FastClock
from sellercare.simulator.face import Face, Limit, Refusal, route
from sellercare.simulator.faults import Fault, Faults
from sellercare.simulator.messages import Headers, Reply, Request
from sellercare.simulator.server import InProcess, serve
from sellercare.simulator.tokens import TokenDesk
from sellercare.simulator.world import World

__all__ = [
    "Face",
    "FakeClock",
    "FastClock",
    "Fault",
    "Faults",
    "Headers",
    "InProcess",
    "Limit",
    "Refusal",
    "Reply",
    "Request",
    "TokenDesk",
    "World",
    "route",
    "serve",
]
