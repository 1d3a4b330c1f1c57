"""FastAPI under uvicorn, which answers for a picture as scones serve does: `fastapi_peer.py PORT WORKERS`, the model in PEER_MODEL.

A picture is decoded and scored in the event loop of its process: on two cores that beats threads.
"""

import json
import sys

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import Response

import scorer


def application():
    score = scorer.Scorer(scorer.MODEL, 1)
    app = FastAPI()

    @app.post("/invocations")
    async def invocations(request: Request):
        scores = score.scores([score.decode(await request.body())])[0]
        return Response(json.dumps(scores.tolist()), media_type="application/json")

    return app


if __name__ == "__main__":
    uvicorn.run("fastapi_peer:application", factory=True, host="127.0.0.1", port=int(sys.argv[1]), workers=int(sys.argv[2]),
                log_level="warning", access_log=False, loop="uvloop", http="httptools")
