#!/usr/bin/env python3
"""A reward server to start from: scores images by their mean brightness, 0 (black) to 1 (white), or by their size as JPEG.

    python3 reference_server.py --port 8085 --scorer brightness

Replace the functions in SCORERS by your own. It listens on this machine only.
"""
import argparse
import io

from PIL import ImageStat

from reward_protocol import serve


def brightness(items):
    return [sum(ImageStat.Stat(item.image).mean) / (3 * 255) for item in items]


def jpeg_size(items):
    """kB of the JPEG at quality 95: the term incompressibility."""
    sizes = []
    for item in items:
        file = io.BytesIO()
        item.image.save(file, "JPEG", quality=95)
        sizes.append(len(file.getvalue()) / 1000)
    return sizes


SCORERS = {"brightness": brightness, "jpeg-size": jpeg_size}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8085)
    parser.add_argument("--max-batch", type=int, default=16, help="most images in a request")
    parser.add_argument("--scorer", choices=sorted(SCORERS), default="brightness")
    parser.add_argument("--memory", metavar="FILE", help="keep answers here, so that repeats are known after a restart too")
    arguments = parser.parse_args()
    serve(SCORERS[arguments.scorer], name=arguments.scorer, version="1", port=arguments.port, needs=["image"],
          max_batch=arguments.max_batch, memory=arguments.memory)


if __name__ == "__main__":
    main()
