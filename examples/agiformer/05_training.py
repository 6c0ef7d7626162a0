"""A training loop: the fifth example of the AGIFORMER documentation, on the text of this file."""
import lesson
import lydia as torch
import lydia.nn as nn
from lydia.agiformer import AGIFORMER

# This file's bytes in windows of 64, each with the bytes that follow it.
data = torch.tensor(list(open(__file__, "rb").read()), dtype=torch.long)
starts = range(0, len(data) - 65, 16)
dataset = torch.utils.data.TensorDataset(torch.stack([data[i:i + 64] for i in starts]),
                                         torch.stack([data[i + 1:i + 65] for i in starts]))
dataloader = torch.utils.data.DataLoader(dataset, batch_size=8, shuffle=True)
losses = []

# Model ve optimizer
model = AGIFORMER()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4 if not lesson.QUICK else 3e-3)
criterion = nn.CrossEntropyLoss(ignore_index=0)

# Eğitim döngüsü
model.train()
for batch in dataloader:
    input_ids, target_ids = batch

    optimizer.zero_grad()

    # Forward pass
    logits, info = model(text=input_ids)

    # Kayıp hesabı
    logits_flat = logits.view(-1, logits.size(-1))
    target_flat = target_ids.view(-1)
    loss = criterion(logits_flat, target_flat)
    losses.append(loss.item())

    # MoE load balancing ekle
    for block_info in info['blocks']:
        if 'moe' in block_info and 'load_balancing_loss' in block_info['moe']['router_info']:
            lb_loss = block_info['moe']['router_info']['load_balancing_loss']
            loss = loss + lb_loss

    # Backward pass
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
    optimizer.step()

print(f"kayıp: {losses[0]:.3f} -> {losses[-1]:.3f} ({len(losses)} adım)")
assert losses[-1] < losses[0]
