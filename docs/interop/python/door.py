"""A caller of a Valise node over mutual TLS. Needs grpcio, protobuf and the code that `stubs` makes.

connect   opens a channel with an identity folder, as `valise officer add --new-certificate` makes it
events    tells every event from a cursor on, over any number of interruptions, each once
act       makes a call that does something, again and again under one request id, until it is answered
Refusal   is what a node said and whether asking again makes sense
"""

import pathlib
import time

import grpc

import rpc_pb2
from valise.v1 import inquiry_service_pb2 as inquiry
from valise.v1 import inquiry_service_pb2_grpc as inquiry_grpc

NO_ANSWER = 1.0  # seconds to wait where nobody answered who could have said how long


class Refusal(Exception):
    """What a node answered in the place of a response, or that nobody answered."""

    def __init__(self, error):
        super().__init__(error.details())
        self.reason, self.metadata, self.retry_after = "", {}, None
        if error.code() == grpc.StatusCode.UNAVAILABLE:
            self.retry_after = NO_ANSWER
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                self._read(rpc_pb2.Status.FromString(value))

    def _read(self, status):
        self.retry_after = None  # a node that answers says itself whether to come again
        for detail in status.details:
            kind = detail.type_url.rpartition("/")[2]
            if kind == "google.rpc.ErrorInfo":
                info = rpc_pb2.ErrorInfo.FromString(detail.value)
                self.reason, self.metadata = info.reason, dict(info.metadata)
            elif kind == "google.rpc.RetryInfo":
                delay = rpc_pb2.RetryInfo.FromString(detail.value).retry_delay
                self.retry_after = delay.seconds + delay.nanos / 1e9


def connect(node, identity):
    """Opens a channel to host:port. Nothing but the certificate in node.crt is trusted: the name in it
    is the same for every node, and no authority stands behind it."""
    folder = pathlib.Path(identity)
    credentials = grpc.ssl_channel_credentials(
        root_certificates=(folder / "node.crt").read_bytes(),
        private_key=(folder / "officer.key").read_bytes(),
        certificate_chain=(folder / "officer.crt").read_bytes(),
    )
    return grpc.secure_channel(node, credentials, options=[
        ("grpc.ssl_target_name_override", "valise"),
        ("grpc.max_receive_message_length", 64 << 20),
        ("grpc.max_reconnect_backoff_ms", 2000),
    ])


def events(node, identity, cursor=0):
    """Yields events without end. Keep the cursor of each event together with what you made of it, and
    begin with the last one kept: then none is lost and none comes twice, whoever stopped in between."""
    while True:
        request = inquiry.WatchRequest(cursor=cursor) if cursor else inquiry.WatchRequest(replay=True)
        try:
            with connect(node, identity) as channel:
                for event in inquiry_grpc.InquiryServiceStub(channel).Watch(request):
                    yield event
                    cursor = event.cursor
        except grpc.RpcError as error:
            refusal = Refusal(error)
            if refusal.retry_after is None:
                raise refusal from error
            time.sleep(refusal.retry_after)


def act(call, request):
    """Makes a call until the node has answered. The request must name a request id: it is bound to the
    officer, the act and the whole request, so that the same again does nothing twice."""
    named = request.options if "options" in request.DESCRIPTOR.fields_by_name else request
    if not named.request_id:
        raise ValueError("without a request id, asking twice is two acts")
    while True:
        try:
            return call(request, timeout=30)
        except grpc.RpcError as error:
            refusal = Refusal(error)
            if refusal.retry_after is None:
                raise refusal from error
            time.sleep(refusal.retry_after)
