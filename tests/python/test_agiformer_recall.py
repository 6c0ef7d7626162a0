"""The long-term memory learns to recall: bench/agiformer_recall.py's task, two segments back."""
import argparse
import importlib.util
import pathlib

BENCH = pathlib.Path(__file__).resolve().parents[2] / "bench/agiformer_recall.py"
SMALL = argparse.Namespace(gap=64, length=32, pairs=2, batch=32, steps=160, width=64, rate=3e-3, every=4, seed=0, show=40)


def test_values_are_recalled_from_beyond_the_working_memory():
    spec = importlib.util.spec_from_file_location("agiformer_recall", BENCH)
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    model = bench.train(SMALL, "both", stages=[(1, 1, 1, 1)])
    # By chance 0.06; 0.5 for knowing the values but not whose they are.
    assert bench.accuracy(model, SMALL, "both", 4) > 0.7
