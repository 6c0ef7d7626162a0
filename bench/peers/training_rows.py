"""Whole training steps, forward, backward and AdamW, of models written once for both libraries."""


def resnet50(nn):
    """ResNet-50 as in He et al. 2016 (arXiv:1512.03385), strides in the 3x3 convolutions."""
    class Bottleneck(nn.Module):
        def __init__(self, inputs, width, stride):
            super().__init__()
            outputs = 4 * width
            self.main = nn.Sequential(
                nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
                nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
                nn.Conv2d(width, outputs, 1, bias=False), nn.BatchNorm2d(outputs))
            self.short = (nn.Identity() if stride == 1 and inputs == outputs else nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)))
            self.relu = nn.ReLU()

        def forward(self, x):
            return self.relu(self.main(x) + self.short(x))

    layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
              nn.MaxPool2d(3, 2, 1)]
    inputs = 64
    for width, count, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for i in range(count):
            layers.append(Bottleneck(inputs, width, stride if i == 0 else 1))
            inputs = 4 * width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 1000))


def language_model(nn, vocabulary, width, layers, heads):
    """Token and position embeddings, causal transformer layers, logits; dropout off."""
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens = nn.Embedding(vocabulary, width)
            self.positions = nn.Embedding(1024, width)
            layer = nn.TransformerEncoderLayer(width, heads, 4 * width, 0.0, "gelu",
                                               batch_first=True, norm_first=True)
            self.layers = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
            self.head = nn.Linear(width, vocabulary)

        def forward(self, ids, positions, mask):
            h = self.tokens(ids) + self.positions(positions)
            return self.head(self.layers(h, mask=mask, is_causal=True))
    return Model()


def step_of(lib, F, model, forward, targets):
    """One training step as a function; the loss is cross-entropy over the last dimension."""
    optimizer = lib.optim.AdamW(model.parameters(), lr=1e-4)

    def run():
        logits = forward()
        loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1))
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return run


def transformer_step(lib, F, width, layers, heads, batch, length, vocabulary=8192):
    model = language_model(lib.nn, vocabulary, width, layers, heads)
    ids = lib.randint(0, vocabulary, (batch, length))
    positions = lib.arange(length)
    mask = lib.nn.Transformer.generate_square_subsequent_mask(length)
    return step_of(lib, F, model, lambda: model(ids, positions, mask), ids)


def resnet_step(lib, F, batch=8, size=224):
    model = resnet50(lib.nn)
    pictures = lib.randn((batch, 3, size, size))
    return step_of(lib, F, model, lambda: model(pictures), lib.randint(0, 1000, (batch,)))


def lstm_step(lib, F, width=256, layers=2, batch=32, length=64, vocabulary=1000):
    class Model(lib.nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens = lib.nn.Embedding(vocabulary, width)
            self.lstm = lib.nn.LSTM(width, width, layers, batch_first=True)
            self.head = lib.nn.Linear(width, vocabulary)

        def forward(self, ids):
            return self.head(self.lstm(self.tokens(ids))[0])
    model = Model()
    ids = lib.randint(0, vocabulary, (batch, length))
    return step_of(lib, F, model, lambda: model(ids), ids)


# name, the least ratio, setup(lib, F) -> a training step
STEPS = [
    ("transformer, 12 layers, d 768, B 4, S 128", 1.0,
     lambda lib, F: transformer_step(lib, F, 768, 12, 12, 4, 128)),
    ("transformer, 4 layers, d 256, B 8, S 128", 1.3,
     lambda lib, F: transformer_step(lib, F, 256, 4, 4, 8, 128)),
    ("ResNet-50, B 8, 224 x 224", 1.0, resnet_step),
    ("LSTM, 2 x 256, B 32, T 64", 1.3, lstm_step),
]
