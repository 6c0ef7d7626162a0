"""Does the long-term memory remember? Pairs of key and value stand in the first segment of a text of
noise; many tokens later a key is asked for, and the model must answer with its value.

    PYTHONPATH=build/release/python .venv/bin/python bench/agiformer_recall.py [--gap 2000] [--no-memory]

Keys, values and noise are drawn anew for every text, so that only what was read can answer. The working
memory holds one segment and can't reach back; gradients flow through the writes of all segments.
"""
import argparse
import math
import time

import lydia
from lydia.agiformer import AGIFORMER

KEYS, VALUES, NOISE = 16, 16, 32
ASK = KEYS + VALUES + NOISE  # the token before the key that is asked for


def texts(batch, segments, length, pairs):
    """ids [batch, segments * length] and their targets: the values behind the keys that the end of
    the text asks for (ask, key, value, ask, key, value, ...), -100 elsewhere."""
    ids = lydia.randint(KEYS + VALUES, ASK, (batch, segments * length))
    keys = lydia.stack([lydia.randperm(KEYS)[:pairs] for _ in range(batch)])
    values = lydia.randint(KEYS, KEYS + VALUES, (batch, pairs))
    places = lydia.stack([lydia.randperm((length - 1) // 2)[:pairs] * 2 for _ in range(batch)])
    rows = lydia.arange(batch).unsqueeze(1)
    ids[rows, places], ids[rows, places + 1] = keys, values
    order = lydia.stack([lydia.randperm(pairs) for _ in range(batch)])
    questions = lydia.stack([lydia.full((batch, pairs), ASK), keys[rows, order], values[rows, order]], 2)
    ids[:, -3 * pairs:] = questions.reshape(batch, 3 * pairs)
    targets = lydia.full(tuple(ids.shape), -100)
    at = ids.shape[1] - 3 * pairs + 3 * lydia.arange(pairs) + 1
    targets[:, at] = values[rows, order]
    return ids, targets


def read(model, ids, length):
    """Logits of the last segment, after all segments before it."""
    state, logits = None, None
    for part in ids.split(length, 1):
        logits, info = model(text=part, state=state)
        state = info.get("state")
    return logits


def accuracy(model, args, batches=8):
    model.eval()
    right = count = 0
    with lydia.no_grad():
        for _ in range(batches):
            ids, targets = texts(args.batch, args.segments, args.length, args.pairs)
            last = targets[:, -args.length:]
            asked = last != -100
            right += int(((read(model, ids, args.length).argmax(-1) == last) & asked).sum())
            count += int(asked.sum())
    model.train()
    return right / count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gap", type=int, default=2000, help="tokens between a pair and its question")
    parser.add_argument("--length", type=int, default=250, help="tokens of a segment")
    parser.add_argument("--pairs", type=int, default=4)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--every", type=int, default=10, help="tokens of a write")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-memory", action="store_true")
    args = parser.parse_args()
    args.segments = 1 + math.ceil(args.gap / args.length)
    lydia.manual_seed(args.seed)
    model = AGIFORMER(vocab_size=ASK + 1, d_model=args.width, n_layers=2, n_heads=4, d_ff=2 * args.width, n_experts=1,
                      expert_types=["language"], memory_size=1000, max_seq_len=args.length, dropout=0.0,
                      use_memory=not args.no_memory, use_introspection=False, use_multimodal=False,
                      max_segment_len=args.length, memory_update_freq=args.every, bptt_segments=args.segments)
    optimizer = lydia.optim.AdamW(model.parameters(), lr=args.rate, weight_decay=0.01)
    warm = max(1, args.steps // 10)
    start = time.time()
    for step in range(1, args.steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = args.rate * min(step / warm, (warm / step) ** 0.5)
        ids, targets = texts(args.batch, args.segments, args.length, args.pairs)
        logits = read(model, ids, args.length)
        loss = lydia.nn.functional.cross_entropy(logits.reshape(-1, ASK + 1),
                                                 targets[:, -args.length:].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        lydia.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % max(1, args.steps // 10) == 0:
            print(f"step {step}: loss {loss.item():.3f}, right {accuracy(model, args, 2):.3f}, "
                  f"{time.time() - start:.0f} s", flush=True)
    print(f"{'without' if args.no_memory else 'with'} memory, {args.gap} tokens back: "
          f"{accuracy(model, args, 20):.4f} right (chance {1 / VALUES:.4f})")


if __name__ == "__main__":
    main()
