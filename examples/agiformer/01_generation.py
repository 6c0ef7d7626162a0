"""Basic text generation: the first example of the AGIFORMER documentation. (The model is untrained:
what it writes is noise. `lydia train model=minimal` makes one that has learned.)"""
import lesson  # noqa: F401  (--quick: small sizes)
import lydia as torch
from lydia.agiformer import AGIFORMER

# Model oluştur
model = AGIFORMER(vocab_size=256, d_model=768, n_layers=12)
model.eval()

# Metin girdisi hazırla
text = "Hello, world!"
char_ids = [ord(c) % 256 for c in text]
input_tensor = torch.tensor([char_ids], dtype=torch.long)

# Metin üret
with torch.no_grad():
    generated = model.generate(
        input_tensor,
        max_new_tokens=50,
        temperature=0.8,
        top_k=50
    )

# Sonucu metne dönüştür
generated_text = ''.join([chr(c % 256) for c in generated[0].cpu().numpy()])
print(generated_text)
