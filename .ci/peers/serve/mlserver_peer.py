"""MLServer, which answers for a picture as scones serve does: `mlserver_peer.py PORT`, the model in PEER_MODEL.

It runs in one process: its pool of workers fails with the libraries that install beside it today.
"""

import asyncio
import json
import sys
import tempfile

from fastapi import Request
from fastapi.responses import Response
from mlserver import MLModel, MLServer
from mlserver.handlers import custom_handler
from mlserver.settings import ModelSettings, Settings

import scorer


class Classifier(MLModel):
    async def load(self):
        self.scorer = scorer.Scorer(scorer.MODEL, 2)
        return True

    # Its protocol has no bare pictures; a handler of one's own takes the body as it came.
    @custom_handler(rest_path="/invocations")
    async def invocations(self, request: Request) -> Response:
        scores = self.scorer.scores([self.scorer.decode(await request.body())])[0]
        return Response(json.dumps(scores.tolist()), media_type="application/json")


async def main(port):
    settings = Settings(host="127.0.0.1", http_port=port, grpc_port=port + 1, metrics_port=port + 2, parallel_workers=0,
                        metrics_dir=tempfile.mkdtemp(), debug=False)
    server = MLServer(settings)
    await server.start([ModelSettings(name="classifier", implementation=Classifier)])


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
