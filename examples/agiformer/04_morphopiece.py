"""MorphoPiece and AGIFORMER: the fourth example of the AGIFORMER documentation."""
import lesson
import lydia as torch
from lydia.agiformer import AGIFORMER
from lydia.language import MorphoPieceTokenizer

lesson.make_tokenizer("path/to/model")  # a small one, from a few sentences

# MorphoPiece tokenizer oluştur
tokenizer = MorphoPieceTokenizer(vocab_size=32000, model_path="path/to/model")

# Tokenizer ile AGIFORMER modelini oluştur
model = AGIFORMER(
    vocab_size=tokenizer.vocab_size,
    d_model=768,
    n_layers=12,
    tokenizer=tokenizer,  # MorphoPiece tokenizer entegrasyonu
    use_memory=True,
    use_introspection=True
)
model.eval()

# Türkçe metin işleme
text = "Merhaba dünya, bu bir test metnidir."
tokens = tokenizer.tokenize(text)
input_ids = torch.tensor([tokens], dtype=torch.long)

# Model ile işleme
with torch.no_grad():
    logits, info = model(text=input_ids)

# Metin üretimi
generated_tokens = model.generate(input_ids, max_new_tokens=50)
generated_text = tokenizer.decode(generated_tokens[0].cpu().numpy())
print(f"Oluşturulan metin: {generated_text}")
