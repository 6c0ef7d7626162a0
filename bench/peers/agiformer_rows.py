"""AGIFORMER's `minimal` beside the same mathematics written plainly in PyTorch.

The plain model has lydia's parameter names, so that weights go from one to the other:

    PYTHONPATH=build/release/python .venv-bench/bin/python bench/peers/agiformer_rows.py

compares logits, gradients and the text they generate. Its memory is the empty one of a first segment;
it does not write (lydia's side does).
"""
import math
import sys

MINIMAL = dict(vocab_size=256, d_model=256, n_layers=4, n_heads=4, d_ff=1024, n_experts=1,
               expert_types=["language"], memory_size=500, max_seq_len=256, dropout=0.0, use_memory=True,
               use_introspection=False, use_multimodal=False)


def plain(torch, c):
    """The model in PyTorch: causal attention with rotary positions, then the language expert."""
    nn, F = torch.nn, torch.nn.functional
    d, heads = c["d_model"], c["n_heads"]
    width = d // heads

    def rotated(x, start):  # [B, heads, n, width]
        step = torch.exp(torch.arange(width // 2, dtype=torch.float64) * (-math.log(10000) / (width // 2)))
        angle = torch.arange(start, start + x.shape[2], dtype=torch.float64)[:, None] * step
        cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        a, b = x.chunk(2, -1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.qkv, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d)

        def forward(self, x, cache):
            batch, n, _ = x.shape
            q, k, v = self.qkv(x).view(batch, n, 3, heads, width).permute(2, 0, 3, 1, 4)
            past = cache[self][0].shape[2] if cache and self in cache else 0
            q, k = rotated(q, past), rotated(k, past)
            if past:
                k, v = (torch.cat([old, new], 2) for old, new in zip(cache[self], (k, v)))
            if cache is not None:
                cache[self] = (k, v)
            y = F.scaled_dot_product_attention(q, k, v, is_causal=n > 1)
            return self.out(y.transpose(1, 2).reshape(batch, n, d))

    class Language(nn.Module):
        def __init__(self):
            super().__init__()
            self.attention_norm, self.attention = nn.LayerNorm(d), Attention()
            self.norm = nn.LayerNorm(d)
            self.gate, self.up = nn.Linear(d, c["d_ff"], bias=False), nn.Linear(d, c["d_ff"], bias=False)
            self.down = nn.Linear(c["d_ff"], d, bias=False)

        def forward(self, x, cache):
            attended = self.attention(self.attention_norm(x), cache)
            h = self.norm(x + attended)
            return attended + self.down(F.silu(self.gate(h)) * self.up(h))

    class Mixture(nn.Module):
        def __init__(self):
            super().__init__()
            self.expert0 = Language()

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.attention_norm, self.attention = nn.LayerNorm(d), Attention()
            self.moe_norm, self.moe = nn.LayerNorm(d), Mixture()

        def forward(self, x, cache):
            x = x + self.attention(self.attention_norm(x), cache)
            return x + self.moe.expert0(self.moe_norm(x), cache)

    class Memory(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm, self.fuse_norm = nn.LayerNorm(d), nn.LayerNorm(d)
            self.fuse_in, self.fuse_out = nn.Linear(3 * d, d), nn.Linear(d, d)

        def forward(self, x):
            empty = torch.zeros_like(x)
            h = torch.cat([self.norm(x), empty, empty], -1)
            return x + self.fuse_norm(self.fuse_out(F.gelu(self.fuse_in(h), approximate="tanh")))

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens, self.memory = nn.Embedding(c["vocab_size"], d), Memory()
            self.blocks = nn.ModuleList(Block() for _ in range(c["n_layers"]))
            self.norm = nn.LayerNorm(d)

        def forward(self, ids, cache=None):
            x = self.memory(self.tokens(ids) * math.sqrt(d))
            for block in self.blocks:
                x = block(x, cache)
            return F.linear(self.norm(x), self.tokens.weight)

        @torch.no_grad()
        def generate(self, ids, count):
            """Greedy, with a cache."""
            cache, out, logits = {}, [ids], None
            for _ in range(count):
                logits = self(out[-1], cache)
                out.append(logits[:, -1:].argmax(-1))
            return torch.cat(out, 1)

    return Model()


def make(lib):
    if lib.__name__ == "lydia":
        return lib.agiformer.AGIFORMER(**MINIMAL)
    return plain(lib, MINIMAL)


def loss_of(lib, F, model, ids, targets):
    if lib.__name__ == "lydia":
        return model.loss(ids, targets)[0]["total"]
    return F.cross_entropy(model(ids).reshape(-1, 256), targets.reshape(-1))


def training_step(lib, F, batch=8, length=256):
    model = make(lib)
    optimizer = lib.optim.AdamW(model.parameters(), lr=1e-4)
    ids, targets = (lib.randint(0, 256, (batch, length)) for _ in range(2))

    def run():
        loss_of(lib, F, model, ids, targets).backward()
        optimizer.step()
        optimizer.zero_grad()
    return run


def forward_pass(lib, F, length=128):
    model, ids = make(lib).eval(), lib.randint(0, 256, (1, length))

    def run():
        with lib.no_grad():
            return model(ids)
    return run


def generation(lib, F, prompt=16, count=128):
    model, ids = make(lib).eval(), lib.randint(0, 256, (1, prompt))
    if lib.__name__ == "lydia":
        return lambda: model.generate(ids, max_new_tokens=count, temperature=0)
    return lambda: model.generate(ids, count)


# name, the least ratio, setup(lib, F)
AGIFORMER = [
    ("minimal, training step, B 8, S 256", 1.3, training_step),
    ("minimal, forward, B 1, S 128", 1.5, forward_pass),
    ("minimal, 128 tokens generated with a cache, B 1", 3.0, generation),
]


def compare():
    """Both sides with the same weights."""
    import lydia
    import numpy as np
    import torch

    lydia.manual_seed(0)
    ours, theirs = make(lydia), make(torch)
    values = {name: torch.from_numpy(p.detach().numpy().copy()) for name, p in ours.named_parameters()}
    missing, _ = theirs.load_state_dict(values, strict=False)
    assert not missing, missing
    ids = np.random.default_rng(0).integers(0, 256, (2, 64))
    mine, plainly = ours(lydia.tensor(ids))[0], theirs(torch.from_numpy(ids))
    logits = np.abs(mine.detach().numpy() - plainly.detach().numpy()).max()
    targets = np.roll(ids, -1, 1)
    loss_of(lydia, lydia.nn.functional, ours, lydia.tensor(ids), lydia.tensor(targets)).backward()
    loss_of(torch, torch.nn.functional, theirs, torch.from_numpy(ids), torch.from_numpy(targets)).backward()
    other = dict(theirs.named_parameters())
    gradient = max(np.abs(p.grad.numpy() - other[name].grad.numpy()).max()
                   for name, p in ours.named_parameters() if name in other)
    text = ours.generate(lydia.tensor(ids), max_new_tokens=40, temperature=0).numpy()
    same = np.array_equal(text, theirs.generate(torch.from_numpy(ids), 40).numpy())
    print(f"largest difference of logits {logits:.1e}, of gradients {gradient:.1e}; same text: {same}")
    return 0 if logits < 1e-4 and gradient < 1e-4 and same else 1


if __name__ == "__main__":
    sys.exit(compare())
