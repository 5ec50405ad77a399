"""stack/processes.sh: which processes count as running."""

import os
import subprocess
import sys
import time
from pathlib import Path

PROCESSES = Path(__file__).parents[2] / "stack/processes.sh"
# Its first thread ends, as in a process that is about to; the other one holds it until its input is closed.
LINGERING = """
import ctypes, os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0))).start()
ctypes.CDLL(None).pthread_exit(None)
"""


def wait_until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def runs(pid):
    return subprocess.run(["bash", "-c", f'. "{PROCESSES}"; process_started {pid}'], capture_output=True).returncode == 0


def state(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]


def test_a_process_runs_until_its_last_thread_is_gone():
    process = subprocess.Popen([sys.executable, "-c", LINGERING], stdin=subprocess.PIPE)
    try:
        wait_until(lambda: state(process.pid) == "Z")
        assert runs(process.pid)
        process.stdin.close()
        wait_until(lambda: not runs(process.pid))
        assert state(process.pid) == "Z"  # nobody has asked how it ended yet
    finally:
        process.kill()
        process.wait()
    assert not runs(process.pid) and not os.path.exists(f"/proc/{process.pid}")
