"""Text and an image: the second example of the AGIFORMER documentation."""
import lesson  # noqa: F401  (--quick: small sizes)
import lydia as torch
from lydia.agiformer import AGIFORMER

# Multimodal model
model = AGIFORMER(use_multimodal=True)
model.eval()

# Girdiler
text = torch.randint(0, 256, (1, 32))  # Metin
image = torch.randn(1, 3, 224, 224)    # Görüntü

# İşle
with torch.no_grad():
    logits, info = model(text=text, image=image)

print(f"Çıktı şekli: {logits.shape}")
print(f"Kullanılan modaliteler: {info['modalities']}")
