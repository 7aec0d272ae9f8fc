#!/usr/bin/env python3
"""EchoTest with aiortc (Debian's python3-aiortc): a foreign stack that only knows the profile AES128_CM_SHA1_80.

Sends VP8 and Opus, counts what comes back, prints one line of JSON. Usage: aiortc_echo.py ws://host:port/ [seconds]
"""
import asyncio
import json
import sys
import time

import websockets
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaStreamError
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack


class Janus:
    """The API over one WebSocket; replies are awaited one after the other."""

    def __init__(self, socket):
        self.socket = socket
        self.session = None
        self.number = 0
        self.events = []

    async def request(self, **message):
        self.number += 1
        transaction = str(self.number)
        message["transaction"] = transaction
        if self.session is not None:
            message["session_id"] = self.session
        await self.socket.send(json.dumps(message))
        while True:
            reply = json.loads(await asyncio.wait_for(self.socket.recv(), 10))
            if reply.get("transaction") != transaction:
                self.events.append(reply)
            elif reply["janus"] == "error":
                raise RuntimeError(reply["error"])
            elif reply["janus"] != "ack" or message["janus"] == "keepalive":
                return reply


class Counter:
    """Takes frames from a returned track until it ends."""

    def __init__(self, track):
        self.kind = track.kind
        self.frames = 0
        self.task = asyncio.ensure_future(self.consume(track))

    async def consume(self, track):
        try:
            while True:
                await track.recv()
                self.frames += 1
        except MediaStreamError:
            pass


async def echo(url, seconds):
    counters = []
    peer = RTCPeerConnection()
    peer.addTrack(AudioStreamTrack())
    peer.addTrack(VideoStreamTrack())
    peer.on("track", lambda track: counters.append(Counter(track)))
    async with websockets.connect(url, subprotocols=["janus-protocol"]) as socket:
        janus = Janus(socket)
        janus.session = (await janus.request(janus="create"))["data"]["id"]
        handle = (await janus.request(janus="attach", plugin="janus.plugin.echotest"))["data"]["id"]
        await peer.setLocalDescription(await peer.createOffer())
        jsep = {"type": "offer", "sdp": peer.localDescription.sdp}
        body = {"audio": True, "video": True, "videocodec": "vp8"}
        answer = await janus.request(janus="message", handle_id=handle, body=body, jsep=jsep)
        await peer.setRemoteDescription(RTCSessionDescription(**{key: answer["jsep"][key] for key in ("sdp", "type")}))
        end = time.monotonic() + seconds
        while time.monotonic() < end and peer.connectionState not in ("failed", "closed"):
            await asyncio.sleep(0.1)
        state = peer.connectionState
        await peer.close()
        await janus.request(janus="detach", handle_id=handle)
    frames = {counter.kind: counter.frames for counter in counters}
    return {"state": state, "frames": frames}


def main():
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 6
    print(json.dumps(asyncio.run(echo(sys.argv[1], seconds))))


if __name__ == "__main__":
    main()
