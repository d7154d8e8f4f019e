#!/usr/bin/env python3
"""A reward program to start from: reads requests and writes scores as lines of JSON.

    rlcm train ... --set reward.terms=program --set "reward.program=python3 reference_program.py --scorer brightness"
"""
import argparse

from reference_server import SCORERS
from reward_protocol import serve_lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scorer", choices=sorted(SCORERS), default="brightness")
    serve_lines(SCORERS[parser.parse_args().scorer])


if __name__ == "__main__":
    main()
