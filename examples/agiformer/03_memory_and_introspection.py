"""What the memory and the introspection report: the third example of the AGIFORMER documentation."""
import lesson  # noqa: F401  (--quick: small sizes)
import lydia as torch
from lydia.agiformer import AGIFORMER

model = AGIFORMER(use_memory=True, use_introspection=True)
model.eval()

text = torch.randint(0, 256, (1, 32))

with torch.no_grad():
    logits, info = model(text=text)

# Bellek bilgileri
memory_info = info['memory']
print(f"Bellek adımı: {memory_info['step_count']}")

# İç gözlem bilgileri
last_block = info['blocks'][-1]
if 'introspection' in last_block:
    introspection_info = last_block['introspection']
    print(f"İç gözlem iterasyonları: {introspection_info['num_iterations']}")
    print(f"Güven skoru: {introspection_info['final_confidence']:.3f}")
