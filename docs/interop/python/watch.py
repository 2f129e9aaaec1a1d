"""Writes every event of a node to a file, one JSON object a line, each once: watch.py NODE IDENTITY FILE

The file is its own memory: its last whole line has the cursor with which to go on. A line that a
crash has cut is taken away and comes again.
"""

import json
import os
import sys

from google.protobuf.json_format import MessageToDict

import door


def last_cursor(path):
    """The cursor of the last whole line; what follows it is cut off."""
    if not os.path.exists(path):
        return 0
    with open(path, "r+b") as file:
        whole = file.read().rpartition(b"\n")[0]
        file.truncate(len(whole) + 1 if whole else 0)
    return json.loads(whole.rpartition(b"\n")[2])["cursor"] if whole else 0


def main(node, identity, path):
    cursor = last_cursor(path)
    with open(path, "ab") as file:
        for event in door.events(node, identity, cursor):
            line = MessageToDict(event, preserving_proto_field_name=True) | {"cursor": event.cursor}
            file.write(json.dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


if __name__ == "__main__":
    try:
        main(*sys.argv[1:4])
    except door.Refusal as refusal:
        sys.exit(f"{refusal.reason}: {refusal}")
    except KeyboardInterrupt:
        pass
