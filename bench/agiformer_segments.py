"""Does the memory help on texts longer than a segment? Two small AGIFORMERs (d 128, 2 layers, one language
expert, bytes) of the same seed read the same windows of Turkish pages, segment by segment: one hands its
memory state on, the other has no memory. Prints bits per byte on held-out pages by segment.

    tools/turkish_text build/corpus/help-tr.txt
    PYTHONPATH=build/release/python .venv/bin/python bench/agiformer_segments.py [--text FILE] [--steps 600]

A page (between blank lines) is held out when the CRC-32 of its bytes is 0 mod 10; held-out windows begin where
their page begins. The model with memory is also read without its state, as if each segment were a text of its
own: what it loses by that is what the memory gives.
"""
import argparse
import math
import random
import time
import zlib

import lydia
from lydia.agiformer import AGIFORMER


def pages(path, size):
    """Pages for training and held-out ones, of `size` bytes at least."""
    with open(path, "rb") as file:
        found = [page.strip() for page in file.read().split(b"\n\n")]
    found = [page for page in dict.fromkeys(found) if len(page) > size]
    held_out = [page for page in found if zlib.crc32(page) % 10 == 0]
    return [page for page in found if zlib.crc32(page) % 10], held_out


def windows(chosen, size, rng=None):
    """ids [pages, size + 1] from the start of each page, or from random places."""
    starts = [rng.randrange(len(page) - size) if rng else 0 for page in chosen]
    return lydia.tensor([list(page[at:at + size + 1]) for page, at in zip(chosen, starts)])


def losses(model, ids, length, remember):
    """The mean loss of each segment, in nats per byte."""
    state, out = None, []
    for at in range(0, ids.shape[1] - 1, length):
        logits, info = model(text=ids[:, at:at + length], state=state)
        state = info.get("state") if remember else None
        out.append(lydia.nn.functional.cross_entropy(logits.reshape(-1, 256), ids[:, at + 1:at + length + 1].reshape(-1)))
    return out


def train(args, pool, memory):
    lydia.manual_seed(args.seed)
    rng = random.Random(args.seed)
    model = AGIFORMER(vocab_size=256, d_model=128, n_layers=2, n_heads=4, d_ff=512, n_experts=1, expert_types=["language"],
                      memory_size=1000, max_seq_len=args.length, max_segment_len=512, dropout=0.1, use_memory=memory,
                      use_introspection=False, use_multimodal=False)
    optimizer = lydia.optim.AdamW(model.parameters(), lr=args.rate, weight_decay=0.01)
    warm, start = max(1, args.steps // 10), time.process_time()
    for step in range(1, args.steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = args.rate * min(step / warm, (warm / step) ** 0.5)
        ids = windows(rng.choices(pool, [len(page) for page in pool], k=args.batch), args.length * args.segments, rng)
        loss = sum(losses(model, ids, args.length, memory)) / args.segments
        optimizer.zero_grad()
        loss.backward()
        lydia.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % max(1, args.steps // 8) == 0:
            print(f"  step {step}: {loss.item() / math.log(2):.3f} bits per byte, {time.process_time() - start:.0f} s",
                  flush=True)
    return model


def measure(model, args, held_out, remember):
    """Bits per byte of each segment on held-out pages, and the mean of all but the first."""
    model.eval()
    batches = [held_out[at:at + args.batch] for at in range(0, len(held_out) - args.batch + 1, args.batch)]
    total = [0.0] * args.segments
    with lydia.no_grad():
        for batch in batches:
            parts = losses(model, windows(batch, args.length * args.segments), args.length, remember)
            total = [sum_ + part.item() / math.log(2) / len(batches) for sum_, part in zip(total, parts)]
    return total


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--text", default="build/corpus/help-tr.txt")
    parser.add_argument("--length", type=int, default=64, help="bytes of a segment")
    parser.add_argument("--segments", type=int, default=6)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    pool, held_out = pages(args.text, args.length * args.segments)
    rows = []
    for memory in (True, False):
        print(f"{'with' if memory else 'without'} memory:", flush=True)
        model = train(args, pool, memory)
        rows.append(("with memory" if memory else "trained without", measure(model, args, held_out, memory)))
        if memory:
            rows.append(("with memory, state withheld", measure(model, args, held_out, False)))
    print(f"\nbits per byte on {len(held_out)} held-out pages, {args.steps} steps of {args.batch} x "
          f"{args.length * args.segments} bytes:\n")
    print("| | " + " | ".join(f"segment {i + 1}" for i in range(args.segments)) + " |")
    print("|---" * (args.segments + 1) + "|")
    for name, bits in rows:
        print(f"| {name} | " + " | ".join(f"{b:.3f}" for b in bits) + " |")


if __name__ == "__main__":
    main()
