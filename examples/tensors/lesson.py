"""What the Python lessons share: a title, facts that are checked as they are told, a stopwatch."""
import statistics
import sys
import time

QUICK = "--quick" in sys.argv


def title(text):
    print(f"\n{text}\n{'-' * len(text)}")


def fact(holds, statement):
    """Prints the statement and stops the lesson when it is not so."""
    print(("  ok  " if holds else "  NO  ") + statement)
    if not holds:
        sys.exit(1)


def error_of(f):
    """The message of the error that `f` raises; an empty string when it raises none."""
    try:
        f()
    except Exception as error:
        return str(error)
    return ""


def milliseconds(f, runs=7):
    """The median of several runs, after one that is not counted."""
    f()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        f()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)
