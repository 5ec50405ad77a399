"""Ports of this machine for what a test starts."""

import random
import socket


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count):
    """One behind the other; below those that the system gives to outgoing connections: what ends comes back to its port."""
    while True:
        base = random.randrange(15000, 32000)
        if all(is_free(base + n) for n in range(count)):
            return list(range(base, base + count))
