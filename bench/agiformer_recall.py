"""Does the long-term memory remember? Pairs of key and value stand early in a text of noise; 2,000 tokens
later a key is asked for, and the model must answer with its value.

    PYTHONPATH=build/release/python .venv/bin/python bench/agiformer_recall.py [--gap 2000] [--memory both|working|none]

Keys, values, places and noise are drawn anew for every text, in training and in the test, so that only what
was read can answer. The working memory holds one segment and can't reach back; gradients flow through the
writes of all segments. Training begins with short texts: 125 tokens back, then 500, then 2,000.
Without --memory three models are trained alike: with both memories, with the working memory alone (a bank of
no slots), and with none.
"""
import argparse
import math
import time

import lydia
from lydia.agiformer import AGIFORMER

KEYS, VALUES, NOISE = 16, 16, 32
ASK = KEYS + VALUES + NOISE  # the token before the key that is asked for
# Shares of the steps; in each, segments and gaps so many times shorter, and so many times more texts at once.
STAGES = [(0.75, 4, 16, 2), (0.17, 2, 4, 1), (0.08, 1, 1, 1)]


def texts(batch, length, gap, pairs):
    """ids [batch, segments * length] and their targets: the values behind the keys that the end of
    the text asks for (ask, key, value, ask, key, value, ...), -100 elsewhere. Between the last pair and the
    first question lie at least `gap` tokens."""
    questions = 3 * pairs
    total = length * math.ceil((gap + questions + 2 * pairs) / length)
    ids = lydia.randint(KEYS + VALUES, ASK, (batch, total))
    keys = lydia.stack([lydia.randperm(KEYS)[:pairs] for _ in range(batch)])
    values = lydia.randint(KEYS, KEYS + VALUES, (batch, pairs))
    places = lydia.stack([2 * lydia.randperm((total - gap - questions) // 2)[:pairs] for _ in range(batch)])
    rows = lydia.arange(batch).unsqueeze(1)
    ids[rows, places], ids[rows, places + 1] = keys, values
    order = lydia.stack([lydia.randperm(pairs) for _ in range(batch)])
    asked = lydia.stack([lydia.full((batch, pairs), ASK), keys[rows, order], values[rows, order]], 2)
    ids[:, -questions:] = asked.reshape(batch, questions)
    targets = lydia.full(tuple(ids.shape), -100)
    targets[:, total - questions + 3 * lydia.arange(pairs) + 1] = values[rows, order]
    return ids, targets[:, -length:]


def read(model, ids, length, memory):
    """Logits of the last segment, after all segments before it; without a memory those can't matter."""
    state, logits, info = None, None, None
    parts = ids.split(length, 1)
    for part in parts[-1:] if memory == "none" else parts:
        logits, info = model(text=part, state=state)
        state = info.get("state")
    return logits, info


def accuracy(model, args, memory, batches):
    model.eval()
    right = count = 0
    with lydia.no_grad():
        for _ in range(batches):
            ids, targets = texts(args.batch, args.length, args.gap, args.pairs)
            logits, _ = read(model, ids, args.length, memory)
            asked = targets != -100
            right += int(((logits.argmax(-1) == targets) & asked).sum())
            count += int(asked.sum())
    model.train()
    return right / count


def train(args, memory, stages=STAGES):
    lydia.manual_seed(args.seed)
    segments = math.ceil(args.gap / args.length) + 2
    model = AGIFORMER(vocab_size=ASK + 1, d_model=args.width, n_layers=2, n_heads=4, d_ff=2 * args.width, n_experts=1,
                      expert_types=["language"], memory_size=1000 if memory == "both" else 0, max_seq_len=args.length,
                      dropout=0.0, use_memory=memory != "none", use_introspection=False, use_multimodal=False,
                      max_segment_len=args.length, memory_update_freq=args.every, bptt_segments=segments)
    optimizer = lydia.optim.AdamW(model.parameters(), lr=args.rate, weight_decay=0.01)
    warm, step, start = max(1, args.steps // 10), 0, time.process_time()
    for share, shorter, nearer, more in stages:
        length, gap = args.length // shorter, args.gap // nearer
        right = count = 0
        for _ in range(round(args.steps * share)):
            step += 1
            for group in optimizer.param_groups:
                group["lr"] = args.rate * min(step / warm, (args.steps - step + 1) / (args.steps - warm))
            ids, targets = texts(args.batch * more, length, gap, args.pairs)
            logits, info = read(model, ids, length, memory)
            loss = lydia.nn.functional.cross_entropy(logits.reshape(-1, ASK + 1), targets.reshape(-1))
            optimizer.zero_grad()
            loss.backward()
            lydia.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            right += int((logits.argmax(-1) == targets).sum())
            count += int((targets != -100).sum())
            if step % args.show == 0:
                print(f"  step {step}, {gap} tokens back: loss {loss.item():.3f}, right {right / count:.3f}, slots "
                      f"{info['memory']['slots_used'] if 'memory' in info else 0:.0f}, "
                      f"{time.process_time() - start:.0f} s", flush=True)
                right = count = 0
    return model


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gap", type=int, default=2000, help="tokens between a pair and its question")
    parser.add_argument("--length", type=int, default=250, help="tokens of a segment")
    parser.add_argument("--pairs", type=int, default=4)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=360)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--every", type=int, default=2, help="tokens of a write; a pair takes two")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=50, help="steps between lines of progress")
    parser.add_argument("--memory", choices=["both", "working", "none"], help="all three without this")
    args = parser.parse_args()
    results = []
    for memory in [args.memory] if args.memory else ["both", "working", "none"]:
        print(f"memory: {memory}", flush=True)
        results.append((memory, accuracy(train(args, memory), args, memory, 20)))
    print(f"answers right, {args.gap} tokens back, on {20 * args.batch} new texts (chance {1 / VALUES:.3f}; knowing "
          f"the values but not whose: {1 / args.pairs:.3f}):")
    for memory, right in results:
        print(f"  memory {memory}: {right:.4f}")


if __name__ == "__main__":
    main()
