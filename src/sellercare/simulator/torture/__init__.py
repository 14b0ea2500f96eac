"""The proof of "exactly once": seeds that decide everything, and a count of what was done twice or lost."""

from sellercare.simulator.torture.judge import Verdict
from sellercare.simulator.torture.runs import PLACES, Torture, torture

__all__ = ["PLACES", "Torture", "Verdict", "torture"]
