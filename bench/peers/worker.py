"""One side of the comparison: a process that runs rows by number and answers with seconds per call.

Reads lines of JSON {"row": i, "budget": seconds} and answers {"seconds": median of the calls that
fit the budget}. `lydia` and `torch` workers take turns, so that the machine's drift meets both.
"""
import importlib
import json
import sys
import time

from rows import ROWS


def library(name):
    lib = importlib.import_module(name)
    lib.set_num_threads(2)
    return lib, importlib.import_module(f"{name}.nn.functional")


def measure(run, budget):
    run()  # brings back what the other side pushed out of the caches
    times, start = [], time.perf_counter()
    while not times or time.perf_counter() - start < budget:
        before = time.perf_counter()
        run()
        times.append(time.perf_counter() - before)
    times.sort()
    return times[len(times) // 2]


def resident(field):
    """Bytes of /proc/self/status: VmRSS now, VmHWM at most."""
    for line in open("/proc/self/status"):
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise OSError(f"no {field} in /proc/self/status")


def memory(index):
    """The most resident memory that three calls of a row take, beyond the imports."""
    lib, functional = library(sys.argv[1])
    lib.ones(2, 2) @ lib.ones(2, 2)
    baseline = resident("VmRSS")
    run = ROWS[index].setup(lib, functional)
    for _ in range(3):
        run()
    print(json.dumps({"bytes": resident("VmHWM") - baseline}))


def main():
    if len(sys.argv) > 2:
        return memory(int(sys.argv[2]))
    lib, functional = library(sys.argv[1])
    current, run = None, None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["row"] != current:
                run = None
                lib.manual_seed(0)
                run = ROWS[request["row"]].setup(lib, functional)
                current = request["row"]
                run()
            answer = {"seconds": measure(run, request["budget"])}
        except Exception as error:  # a missing op is reported as such, not as a time
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
