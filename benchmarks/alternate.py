"""Compare fairly: each side in a process of its own, taking turns, so that noise hits both alike.

Two thread pools in one process fight for the cores, and a machine that slows down for a second
would otherwise slow down one side alone.
"""
import argparse
import json
import sys

from numbacnn.ladder.processes import LadderError, json_of
from numbacnn.ladder.results import spread

__all__ = ["compare", "spread"]


def compare(script, sides, show, description):
    """The command line of a benchmark: one side's JSON with `--side`, else all sides and the table.

    `sides` maps a name to the function that measures it, `show` prints the results of all rounds.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--side", choices=sides)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", help="file for every figure of every round")
    args = parser.parse_args()
    if args.side:
        print(json.dumps(sides[args.side]()))
        return
    results = alternate(script, sides, args.rounds)
    show(results)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)


def alternate(script, sides, rounds):
    """Run `script --side NAME` for each side in turn; a list of its JSON results for each side."""
    results = {side: [] for side in sides}
    for turn in range(rounds):
        for side in sides:
            try:
                results[side].append(json_of([sys.executable, script, "--side", side]))
            except LadderError as error:
                sys.exit(str(error))
            print(f"round {turn + 1}/{rounds}: {side} done", file=sys.stderr)
    return results
