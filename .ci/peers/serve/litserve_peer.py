"""LitServe, which answers for a picture as scones serve does: `litserve_peer.py PORT BATCH`, the model in PEER_MODEL."""

import sys
from typing import Annotated

import fastapi
import litserve
import numpy

import scorer


class Classifier(litserve.LitAPI):
    def setup(self, device):
        self.scorer = scorer.Scorer(scorer.MODEL, 1)

    # Left to itself LitServe takes JSON and forms; with this annotation FastAPI hands over the body as it came.
    def decode_request(self, request: Annotated[bytes, fastapi.Body()]):
        return self.scorer.decode(request)

    def predict(self, pictures):
        return self.scorer.scores(pictures if isinstance(pictures, list) else [pictures])

    def batch(self, pictures):
        return pictures

    def unbatch(self, scores):
        return list(scores)

    def encode_response(self, scores):
        return numpy.ravel(scores).tolist()


if __name__ == "__main__":
    port, batch = int(sys.argv[1]), int(sys.argv[2])
    settings = {"max_batch_size": batch, "batch_timeout": 0.001} if batch > 1 else {}
    server = litserve.LitServer(Classifier(api_path="/invocations", **settings), accelerator="cpu", workers_per_device=2)
    server.run(host="127.0.0.1", port=port, log_level="warning", generate_client_file=False)
