"""What the torture prints: counts that a person compares with the promise."""

from __future__ import annotations

from sellercare.simulator.torture.judge import Verdict


def table(verdict: Verdict, seconds: float | None = None) -> str:
    """The counts, the faults by kind, what stayed unknown by contract, and everything that breaks the promise."""
    time = f" in {seconds:.0f} s" if seconds is not None else ""
    lines = [
        f"{verdict.seeds} seeds{time}, {verdict.points} points at which a seed decided who runs, stops or dies",
        "",
        _line("writes wanted", verdict.wanted),
        _line("writes that the world acted on", verdict.acted),
        _line("confirmed", verdict.confirmed, f"{verdict.by_hand} of them by what somebody did by hand at that moment"),
        _line("refused", verdict.refused),
        _line("never sent", verdict.held, "the platform did not allow it any more, or nobody asked for it"),
        _line("unknown, with nothing to settle it", sum(verdict.unknown.values()) - verdict.unjust_unknowns),
        "",
        _line("DUPLICATES", verdict.duplicates, "the world acted twice on one write"),
        _line("LOSSES", verdict.losses, "confirmed and not there, or without an end"),
        _line("FALSE REFUSALS", verdict.false_refusals, "refused or never sent, and there"),
        _line("UNKNOWN WITHOUT NEED", verdict.unjust_unknowns, "its contract would have given a way to settle it"),
        "",
        "Faults injected:",
        *(_line(f"  {kind}", count) for kind, count in sorted(verdict.injected.items()) if count),
    ]
    if verdict.verbs:
        lines += ["", "Acted on:", *(_line(f"  {what}", n) for what, n in sorted(verdict.verbs.items()) if n)]
    if verdict.settled:
        lines += ["", "What became of the money of confirmed refunds:"]
        lines += [_line(f"  {what}", count) for what, count in sorted(verdict.settled.items())]
    if verdict.unknown:
        lines += ["", "Left unknown:", *(_line(f"  {what}", n) for what, n in sorted(verdict.unknown.items()))]
    if verdict.found:
        lines += ["", "Found:", *(f"  {what}" for what in verdict.found)]
    return "\n".join(lines)


def _line(what: str, count: int, why: str = "") -> str:
    return f"{what:<36}{count:>9}" + (f"   {why}" if why else "")
