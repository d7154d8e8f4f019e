"""Ids that transformers gives for texts with added tokens: random mixtures of the small files beside one vocabulary.

Usage: python generate.py FOLDER_WITH_vocab.json_AND_merges.txt > cases.json
"""
import json
import pathlib
import random
import shutil
import sys
import tempfile

from transformers import CLIPTokenizer

WORDS = ["<my-pet>", "<Dog>", "fox", "CAT", "<a", "<a b>", "\u00e9", "<\u00c9>", "sks", "xx_", " lead", "trail ", "<|startoftext|>", "<|endoftext|>", "!",
         "\u65e5\u672c", "<my", "\u0130x", "a", "cat</w>", "the", "-", "\u2167"]
PARTS = WORDS + ["a photo of ", "THE ", "cat", "Fox ", "<my-pet>s", "_", "<MY-PET>", "  ", "\t", "\u3000", "5", "'s", "<|STARTOFTEXT|>", "x", "\u00c9", "e\u0301",
                 "<\u00e9>", "<e\u0301>", " <a B> ", "sks sks", "SKS", "\u00df", "\n", "<DOG>", "i\u0307x", "\u200b", "\u2177", "\u0301"]


def token(dice, **more):
    return {"content": dice.choice(WORDS), "lstrip": dice.random() < 0.3, "rstrip": dice.random() < 0.3, "single_word": dice.random() < 0.3,
            "normalized": dice.random() < 0.5, **more}


def mixture(dice, vocabulary):
    """The small files by name."""
    config, files, tokens, seen = {}, {}, {}, set()
    following = len(vocabulary)
    for _ in range(dice.randrange(1, 5)):
        one = token(dice, special=dice.random() < 0.3)
        if one["content"] in seen:
            continue
        seen.add(one["content"])
        if one["content"] not in vocabulary:
            tokens[following] = one
            following += 1
        else:
            tokens[vocabulary[one["content"]]] = one
    place = dice.choice(["added_tokens_decoder", "added_tokens.json", "tokenizer.json", "only special"])
    if place == "added_tokens_decoder":
        config["added_tokens_decoder"] = {str(number): one for number, one in tokens.items()}
    elif place == "added_tokens.json":
        files["added_tokens.json"] = {one["content"]: number for number, one in tokens.items()}
    elif place == "tokenizer.json":
        files["tokenizer.json"] = {"added_tokens": [dict(one, id=number) for number, one in tokens.items()]}  # the model is filled in below
    if dice.random() < 0.5:
        config["additional_special_tokens"] = [dice.choice(WORDS) if dice.random() < 0.6 else dict(token(dice), __type="AddedToken") for _ in range(dice.randrange(1, 3))]
    if dice.random() < 0.3:
        config["pad_token"] = "!"
    if dice.random() < 0.4:
        names = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "pad_token": "!"}
        files["special_tokens_map.json"] = {key: {"content": text, "lstrip": False, "normalized": dice.random() < 0.5, "rstrip": False, "single_word": False}
                                            for key, text in names.items()}
    files["tokenizer_config.json"] = config
    return files


def model_part(vocabulary, merges):
    return {"version": "1.0", "truncation": None, "padding": None, "normalizer": None, "pre_tokenizer": None, "post_processor": None, "decoder": None,
            "model": {"type": "BPE", "dropout": None, "unk_token": "<|endoftext|>", "continuing_subword_prefix": "", "end_of_word_suffix": "</w>",
                      "fuse_unk": False, "vocab": vocabulary, "merges": merges}}


def main():
    source = pathlib.Path(sys.argv[1])
    vocabulary = json.loads((source / "vocab.json").read_text())
    merges = [line for line in (source / "merges.txt").read_text().splitlines() if line and not line.startswith("#version")]
    dice, cases = random.Random(5), []
    for _ in range(40):
        files = mixture(dice, vocabulary)
        with tempfile.TemporaryDirectory() as folder:
            for name in ("vocab.json", "merges.txt"):
                shutil.copy(source / name, folder)
            for name, content in files.items():
                whole = {**model_part(vocabulary, merges), **content} if name == "tokenizer.json" else content
                (pathlib.Path(folder) / name).write_text(json.dumps(whole))
            tokenizer = CLIPTokenizer.from_pretrained(folder)
        rows = []
        for _ in range(8):
            text = "".join(dice.choice(PARTS) for _ in range(dice.randrange(1, 8)))
            ids = tokenizer(text)["input_ids"]
            rows.append({"text": text, "ids": ids, "prompt_key_50": tokenizer.decode(ids[:50], skip_special_tokens=True)})
        cases.append({"files": files, "encodings": rows})
    print("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]")


main()
