"""Follow a live run from another program: python examples/02_live_client.py [ADDRESS [TOKEN]].

In another terminal: tcmr run --source camera:0 -o results --serve 8765
"""

import json
import sys

from websockets.sync.client import connect

address, token = (*sys.argv[1:], None, None)[:2]
headers = {"Authorization": f"Bearer {token}"} if token else None
with connect(address or "ws://127.0.0.1:8765", additional_headers=headers) as run:
    for line in run:
        message = json.loads(line)
        if message["type"] == "start":
            print(f"{message['source']}: {message['size']} at {message['fps']:.0f} frames/s")
        elif message["type"] == "frame" and not message["late"]:
            for person in message["persons"]:
                x, y, z = person["transl"]
                print(f"frame {message['frame']}: person {person['id']} at {x:.2f} {y:.2f} {z:.2f} m")
        elif message["type"] == "end":
            print(f"{message['frames']} frames, {message['dropped_frames']} dropped")
