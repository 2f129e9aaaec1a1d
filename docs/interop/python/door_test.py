"""Plays real nodes and a caller in Python: test NODE-PROGRAM. Run by `make interop`."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = pathlib.Path(__file__).parent
PROGRAM = os.environ["VALISE"]
PATIENCE = 120  # seconds until something that must come is missed

stubs = tempfile.TemporaryDirectory()
subprocess.run([HERE / "stubs", stubs.name], check=True)
sys.path[:0] = [stubs.name, str(HERE)]

import grpc  # noqa: E402  the stubs had to be made first

import door  # noqa: E402
from valise.v1 import inquiry_service_pb2 as inquiry  # noqa: E402
from valise.v1 import inquiry_service_pb2_grpc as inquiry_grpc  # noqa: E402
from valise.v1 import record_service_pb2 as record  # noqa: E402
from valise.v1 import record_service_pb2_grpc as record_grpc  # noqa: E402


def free_address():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{s.getsockname()[1]}"


class Network:
    """Two invented States and a relay in a folder, each a process of its own."""

    def __init__(self, folder):
        self.home, self.running = folder / "L", {}
        self.valise("lab", "new", "--home", self.home, "--states", "XA,XB")
        self.node = free_address()
        with open(self.home / "XA" / "valise.toml", "a", encoding="utf-8") as file:
            file.write(f'\n[door]\nlisten = "{self.node}"\n')
        self.start("relay")
        self.start("XB")
        self.start("XA")

    def valise(self, *words):
        return subprocess.run([PROGRAM, *map(str, words)], check=True, capture_output=True, text=True).stdout

    def officer(self, name, *roles):
        """Adds an officer who comes over TCP, and gives the identity folder."""
        folder = self.home.parent / name
        words = [word for role in roles for word in ("--role", role)]
        self.valise("officer", "add", name, *words, "--new-certificate", folder, "--home", self.home / "XA")
        return folder

    def start(self, name):
        noun = "relay" if name == "relay" else "node"
        process = subprocess.Popen([PROGRAM, noun, "run", "--home", self.home / name], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.running[name] = process
        if not process.stdout.readline().startswith("ready"):
            raise RuntimeError(f"{name} did not start")

    def stop(self, name, how=signal.SIGTERM):
        process = self.running.pop(name)
        process.send_signal(how)
        process.wait(PATIENCE)
        process.stdout.close()

    def end(self):
        for name in list(self.running):
            self.stop(name)


def request(number):
    return inquiry.SendInquiryRequest(
        to="XB/technical",
        inquiry={"title": f"Scans {number}", "originator": {"name": "A. Rowan", "phone": "+99900000001"}},
        options={"request_id": f"scans-{number}"},
    )


class DoorTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.network = Network(pathlib.Path(self.folder.name))
        self.addCleanup(self.network.end)

    def watch(self, identity, path):
        environment = os.environ | {"PYTHONPATH": stubs.name}
        return subprocess.Popen([sys.executable, HERE / "watch.py", self.network.node, identity, path], env=environment, stderr=subprocess.PIPE, text=True)

    def until(self, condition, what):
        end = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.05)

    def test_every_event_once_through_two_restarts(self):
        identity = self.network.officer("watchroom", "duty_officer")
        path = pathlib.Path(self.folder.name) / "events"
        heard = lambda: path.read_bytes().count(b"\n") if path.exists() else 0
        many, sent = 40, []

        def send():
            with door.connect(self.network.node, identity) as channel:
                call = inquiry_grpc.InquiryServiceStub(channel).SendInquiry
                for number in range(many):
                    sent.append(door.act(call, request(number)).sent.message)
                    time.sleep(0.05)

        watcher = self.watch(identity, path)
        writer = threading.Thread(target=send)
        writer.start()
        for how in (signal.SIGTERM, signal.SIGKILL):
            before = heard()
            self.until(lambda: heard() > before + 5, "nothing is heard")
            self.network.stop("XA", how)
            self.network.start("XA")
        before = heard()
        self.until(lambda: heard() > before + 5, "nothing is heard after the restarts")
        watcher.kill()  # the caller may die as well
        watcher.wait()
        watcher.stderr.close()
        watcher = self.watch(identity, path)
        writer.join()

        with door.connect(self.network.node, identity) as channel:
            again = door.act(inquiry_grpc.InquiryServiceStub(channel).SendInquiry, request(0))
            self.assertEqual(again.sent.message, sent[0], "the same request id made another message")
        self.assertEqual(len(set(sent)), many)

        # What the record tells from its beginning is what was heard, in order and once.
        events = lambda: [json.loads(line) for line in path.read_text().splitlines()]
        reached = lambda: {e["message"] for e in events() if e.get("delivery") == "DELIVERY_REACHED"}
        self.until(lambda: reached() == set(sent), "not every message is heard to have reached the peer")
        count = len(events())
        told = self.network.valise("inquiry", "watch", "--replay", "--count", count, "--timeout", f"{PATIENCE}s", "--json", "--home", self.network.home / "XA")
        told = [json.loads(line) for line in told.splitlines()]
        self.assertEqual([e["cursor"] for e in events()][:count], [e["cursor"] for e in told])
        self.assertEqual(sorted(e["message"] for e in events() if e["type"] == "ITEM_TYPE_SENT"), sorted(sent))

        # Who is removed hears no more, and is told so.
        self.network.valise("officer", "remove", "watchroom", "--home", self.network.home / "XA")
        _, said = watcher.communicate(timeout=PATIENCE)
        self.assertIn("NOT_PERMITTED", said)
        self.assertNotEqual(watcher.returncode, 0)

    def test_errors_say_what_to_do(self):
        identity = self.network.officer("watchroom", "duty_officer")
        with door.connect(self.network.node, identity) as channel:
            stub = inquiry_grpc.InquiryServiceStub(channel)
            door.act(stub.SendInquiry, request(1))
            other = request(1)
            other.inquiry.title = "Another"
            for call, bad, reason in (
                (stub.SendInquiry, other, "REQUEST_ID_CONFLICT"),
                (stub.GetThread, inquiry.GetThreadRequest(thread="x"), "BAD_REQUEST"),
                (stub.GetThread, inquiry.GetThreadRequest(thread="0" * 32), "NOT_FOUND"),
                (record_grpc.RecordServiceStub(channel).ListItems, record.ListItemsRequest(), "NOT_PERMITTED"),
            ):
                with self.assertRaises(grpc.RpcError) as caught:
                    call(bad)
                refusal = door.Refusal(caught.exception)
                self.assertEqual(refusal.reason, reason)
                self.assertIsNone(refusal.retry_after, f"{reason} is said to change by waiting")

    def test_strangers_hear_nothing(self):
        identity = self.network.officer("watchroom", "duty_officer")
        stranger = self.network.officer("stranger", "duty_officer")
        self.network.valise("officer", "remove", "stranger", "--home", self.network.home / "XA")
        other = pathlib.Path(self.folder.name) / "other"
        other.mkdir()
        for name, source in (("officer.key", identity), ("officer.crt", identity), ("node.crt", None)):
            text = (stranger / "officer.crt" if source is None else source / name).read_bytes()
            (other / name).write_bytes(text)
        for who, folder in (("an officer who was removed", stranger), ("a caller of another node", other)):
            with door.connect(self.network.node, folder) as channel, self.assertRaises(grpc.RpcError, msg=who) as caught:
                inquiry_grpc.InquiryServiceStub(channel).ListThreads(inquiry.ListThreadsRequest(), timeout=10)
            self.assertIn(caught.exception.code(), (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED))
        with grpc.insecure_channel(self.network.node) as channel, self.assertRaises(grpc.RpcError):
            inquiry_grpc.InquiryServiceStub(channel).ListThreads(inquiry.ListThreadsRequest(), timeout=10)


if __name__ == "__main__":
    unittest.main()
