"""Ctrl-C at a real program, with a real signal, while a write is under way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from sellercare.simulator.faults import Fault

from .conftest import Platform, Run


def test_ctrl_c_in_the_middle_of_a_write(run: Run, acme: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    thread = acme.world.message().thread_id
    gate = threading.Event()
    monkeypatch.setattr(acme.world.clock, "sleep", lambda seconds: gate.wait(seconds))
    acted = threading.Event()
    monkeypatch.setattr(acme.face, "signal", lambda call, _: acted.set() if call.startswith("POST") else None)
    acme.face.faults.add(Fault("slow", on="POST /v1/threads/*", seconds=60))
    args = ("messages", "reply", thread, "--text", "On its way.", "--key", "t-17", "--yes")
    program = subprocess.Popen(
        [sys.executable, "-m", "sellercare", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert acted.wait(30)
    os.kill(program.pid, signal.SIGINT)
    out, err = program.communicate(timeout=60)
    gate.set()
    assert program.returncode == 130, err
    assert out == ""
    assert "Traceback" not in err
    assert "It is not known whether the marketplace acted." in err
    assert "--key t-17" in err
    again = run(*args)
    assert acme.world.count("message", thread) == 1
    assert again.exit_code == 0, again.stderr
    assert acme.world.data.threads[thread].messages[-1].id in again.stdout
