#!/usr/bin/env python3
"""Text-image alignment by a vision model: it is asked what it sees, and its words are compared with the prompt.

    python3 vision_model_server.py --endpoint http://127.0.0.1:8000/v1 --model llava-v1.6-13b --port 8085

The endpoint is any server with OpenAI's chat interface that takes images as data URLs (vLLM, SGLang, llama.cpp, Ollama).
The question, the sentence compared with and the measure are those of the DDPO and RLCM papers: "Answer concisely: what is
going on in this image?", "The image contains {prompt}", and the recall of BERTScore with microsoft/deberta-xlarge-mnli
(pip install bert-score). That model, 3 GB, is downloaded at the first start; for a copy of it: --bert-model FOLDER
--bert-layer 40. `--scorer tokens` takes the share of the sentence's words that the answer holds instead: no dependency,
coarse, good for trying things out.

A model that answers with nothing gets the score 0, as there.
"""
import argparse
import base64
import concurrent.futures
import http.client
import json
import os
import re
import sys
import urllib.error
import urllib.request

from reward_protocol import BadRequest, serve

QUESTION = "Answer concisely: what is going on in this image?"
SENTENCE = "The image contains {prompt}"
BERT_MODEL = "microsoft/deberta-xlarge-mnli"
MOST_PIECES = 512  # of a sentence, where the tokenizer of the BERT model names no limit
MOST_TOKENS = 64
PASSING = (408, 425, 429)  # refusals after which asking again may help
KEY = os.environ.get("VISION_MODEL_KEY", "")  # of the endpoint, if it wants one


class Endpoint:
    """A chat endpoint with a vision model behind it."""

    def __init__(self, address, model, timeout):
        self.address = address.rstrip("/") + "/chat/completions"
        self.model = model
        self.timeout = timeout

    def describe(self, item):
        """What the model says about an image."""
        kind = "png" if item.data.startswith(b"\x89PNG") else "jpeg"
        url = f"data:image/{kind};base64," + base64.b64encode(item.data).decode()
        content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": QUESTION}]
        question = {"model": self.model, "messages": [{"role": "user", "content": content}], "temperature": 0, "max_tokens": MOST_TOKENS}
        request = urllib.request.Request(self.address, json.dumps(question).encode(), {"Content-Type": "application/json"})
        if KEY:
            request.add_header("Authorization", f"Bearer {KEY}")
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as reply:
                return (json.load(reply)["choices"][0]["message"]["content"] or "").strip()
        except urllib.error.HTTPError as problem:
            message = f"the vision model answered HTTP {problem.code}: {problem.read(200).decode(errors='replace')}"
            if problem.code < 500 and problem.code not in PASSING:
                raise BadRequest(424, message) from None  # a wrong key or name stays wrong: the run should stop
            raise RuntimeError(message) from None
        except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError, AttributeError) as problem:
            raise RuntimeError(f"the vision model at {self.address} gave no answer: {problem!r}") from None


def token_recall(candidates, references):
    """Share of a reference's words that its candidate holds, each as often as it holds it."""
    recalls = []
    for candidate, reference in zip(candidates, references):
        found = re.findall(r"\w+", candidate.lower())
        wanted = re.findall(r"\w+", reference.lower())
        hits = 0
        for word in wanted:
            if word in found:
                found.remove(word)
                hits += 1
        recalls.append(hits / len(wanted))
    return recalls


def load_bert(model, layer):
    """The scorer of bert-score. `layer`: None for the one that bert-score knows to be the best of a model."""
    try:
        from bert_score import BERTScorer
    except ImportError as problem:
        sys.exit(f"error: --scorer bertscore needs the package bert-score: pip install bert-score ({problem})\n"
                 "(or take --scorer tokens, which needs nothing but is coarse)")
    try:
        scorer = BERTScorer(model_type=model, num_layers=layer, use_fast_tokenizer=True, rescale_with_baseline=False)
    except KeyError:
        sys.exit(f"error: bert-score does not know which layer of {model} to take: --bert-layer N, 40 for {BERT_MODEL}")
    except (OSError, ValueError, AssertionError) as problem:
        sys.exit(f"error: --bert-model {model} cannot be loaded: {problem}")
    # DeBERTa's tokenizer files name no limit; transformers then says 1e30, which its own code cannot count to.
    scorer._tokenizer.model_max_length = min(scorer._tokenizer.model_max_length, MOST_PIECES)
    return scorer


def bert_recall(model, layer=None):
    """A function as token_recall. Loads the model, once."""
    scorer = load_bert(model, layer)

    def recall(candidates, references):
        # An empty candidate has no tokens to compare with; the published code scores it 0.
        filled = [i for i, text in enumerate(candidates) if text]
        recalls = [0.0] * len(candidates)
        if filled:
            _, found, _ = scorer.score([candidates[i] for i in filled], [references[i] for i in filled])
            for i, value in zip(filled, found.tolist()):
                recalls[i] = value
        return recalls

    return recall


def scorer_of(endpoint, recall, parallel):
    pool = concurrent.futures.ThreadPoolExecutor(parallel)

    def score(items):
        answers = list(pool.map(endpoint.describe, items))
        return recall(answers, [SENTENCE.format(prompt=item.prompt) for item in items])

    return score


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", required=True, help="address up to and with /v1")
    parser.add_argument("--model", required=True, help="name of the vision model there")
    parser.add_argument("--scorer", choices=["bertscore", "tokens"], default="bertscore")
    parser.add_argument("--bert-model", default=BERT_MODEL, help="of BERTScore: a name or a folder (default: %(default)s)")
    parser.add_argument("--bert-layer", type=int, help="its layer to take, if bert-score does not know it")
    parser.add_argument("--port", type=int, default=8085)
    parser.add_argument("--max-batch", type=int, default=16, help="most images in a request")
    parser.add_argument("--parallel", type=int, default=4, help="questions asked at the same time")
    parser.add_argument("--timeout", type=float, default=60, help="seconds for one question")
    parser.add_argument("--memory", metavar="FILE", help="keep answers here, so that repeats are known after a restart too")
    arguments = parser.parse_args()
    is_bert = arguments.scorer == "bertscore"
    recall = bert_recall(arguments.bert_model, arguments.bert_layer) if is_bert else token_recall
    measure = arguments.scorer if arguments.bert_model == BERT_MODEL else f"{arguments.scorer}:{arguments.bert_model}"
    endpoint = Endpoint(arguments.endpoint, arguments.model, arguments.timeout)
    serve(scorer_of(endpoint, recall, arguments.parallel), name=f"{arguments.model}+{measure}", version="1",
          port=arguments.port, max_batch=arguments.max_batch, memory=arguments.memory)


if __name__ == "__main__":
    main()
