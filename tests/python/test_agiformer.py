"""lydia.agiformer: the documented surface in Python."""
import concurrent.futures
import copy
import json
import math
import os
import pickle
import threading

import pytest

import lydia
import lydia.nn as nn
from lydia.agiformer import AGIFORMER, MemoryState, utils

TINY = dict(vocab_size=50, d_model=32, n_layers=2, n_heads=4, d_ff=48, max_seq_len=64, memory_size=20, dropout=0.0,
            relation_window=8, image_size=16, patch_size=8, vision_width=16, vision_layers=1, vision_heads=2)


def make(**more):
    lydia.manual_seed(0)
    return AGIFORMER(**{**TINY, **more})


def ids(batch, length, seed=1):
    lydia.manual_seed(seed)
    return lydia.randint(0, 50, (batch, length))


def test_forward_and_info():
    model = make().eval()
    with lydia.no_grad():
        logits, info = model(text=ids(2, 10), image=lydia.randn(2, 3, 16, 16))
        states, _ = model(text=ids(2, 10), return_embeddings=True)
    assert logits.shape == (2, 10, 50) and states.shape == (2, 10, 32)
    assert info["modalities"] == ["text", "image"]
    assert info["memory"]["step_count"] == 15 and info["memory"]["slots_used"] >= 1
    assert len(info["blocks"]) == 2
    for block in info["blocks"]:
        router = block["moe"]["router_info"]
        assert float(router["expert_usage"].sum()) == pytest.approx(2)  # two of four experts a token
        assert 0 < router["router_entropy"] <= math.log(4) + 1e-6
        assert 1 <= block["moe"]["num_active_experts"] <= 4
    seen = info["blocks"][-1]["introspection"]
    assert "introspection" not in info["blocks"][0]
    assert seen["num_iterations"] == 2 == len(seen["iterations"])
    assert 0 < seen["final_confidence"] < 1 and 0 < seen["final_error"] < 1


def test_parameters_are_the_models_own():
    model = make(use_multimodal=False)
    names = [name for name, _ in model.named_parameters()]
    assert "tokens.weight" in names and "blocks.0.attention.qkv.weight" in names
    before = model(text=ids(1, 5))[0].detach()
    with lydia.no_grad():
        model.tokens.weight.mul_(2)
    assert not lydia.allclose(before, model(text=ids(1, 5))[0])
    model.freeze("tokens.*")
    parts, _ = model.loss(ids(2, 8), ids(2, 8, 2))
    parts["total"].backward()
    assert model.tokens.weight.grad is None
    assert model.blocks._modules["0"].attention.qkv.weight.grad is not None
    counts = utils.count_parameters(model)
    assert counts["non_trainable"] == model.tokens.weight.numel()
    assert counts["total"] == sum(p.numel() for p in model.parameters())
    assert [utils.format_number(n) for n in (999, 5_300_000)] == ["999", "5.30M"]


def test_training_falls_as_in_the_documentation():
    model = make(use_multimodal=False)
    optimizer = lydia.optim.AdamW(model.parameters(), lr=3e-3)
    criterion = nn.CrossEntropyLoss()
    model.train()
    text = ids(4, 33)
    losses = []
    for _ in range(25):
        optimizer.zero_grad()
        logits, info = model(text=text[:, :-1])
        loss = criterion(logits.view(-1, logits.size(-1)), text[:, 1:].reshape(-1))
        losses.append(loss.item())
        for block in info["blocks"]:
            loss = loss + block["moe"]["router_info"]["load_balancing_loss"]
        loss.backward()
        lydia.nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
        optimizer.step()
    assert losses[-1] < losses[0] - 1


def test_loss_reports_its_parts():
    model = make(use_multimodal=False)
    parts, info = model.loss(ids(2, 12), ids(2, 12, 3))
    total = sum(float(v.detach()) for k, v in parts.items() if k != "total")
    assert float(parts["total"].detach()) == pytest.approx(total, rel=1e-5)
    assert all(float(parts[k].detach()) > 0 for k in ("language", "load_balancing", "confidence", "error"))
    ignored = ids(2, 12, 3)
    ignored[:, 6:] = -100
    half, _ = model.loss(ids(2, 12), ignored)
    first, _ = model.loss(ids(2, 12)[:, :6], ids(2, 12, 3)[:, :6])
    assert float(half["language"].detach()) == pytest.approx(float(first["language"].detach()), rel=1e-4)


def test_generate():
    model = make(use_multimodal=False).eval()
    prompt = ids(1, 6)
    one = model.generate(prompt, max_new_tokens=8, temperature=0.8, top_k=20, seed=3)
    assert one.shape == (1, 14) and one[:, :6].tolist() == prompt.tolist()
    assert one.tolist() == model.generate(prompt, max_new_tokens=8, temperature=0.8, top_k=20, seed=3).tolist()
    seen = []
    model.generate(prompt, max_new_tokens=8, streamer=lambda t: seen.append(t.tolist()) or len(seen) < 3)
    assert len(seen) == 3
    model.train()
    model.generate(prompt, max_new_tokens=1)
    assert model.training
    with pytest.raises(ValueError, match="at least one token"):
        model.generate(lydia.zeros(1, 0, dtype=lydia.int64))
    with pytest.raises(ZeroDivisionError):
        model.generate(prompt, streamer=lambda t: 1 / 0)


def test_memory_is_a_value_and_the_models_own_can_be_forgotten():
    model = make(use_multimodal=False).eval()
    first, second = ids(2, 30), ids(2, 9, 5)
    with lydia.no_grad():
        alone = model(text=second)[0]
        state = model(text=first)[1]["state"]
        remembered = model(text=second, state=state)[0]
        again = MemoryState.from_tensors(state.tensors())
        assert lydia.equal(remembered, model(text=second, state=again)[0])
        assert lydia.equal(alone, model(text=second)[0])
    assert not lydia.allclose(alone, remembered)
    assert state.step_counts[:, 0].tolist() == [30, 30]
    with pytest.raises(ValueError, match="half a state"):
        MemoryState.from_tensors({"working": lydia.zeros(1, 2, 3)})

    def tell():
        return model.generate(second, max_new_tokens=6, temperature=0, remember=True).tolist()
    fresh = tell()
    model.generate(first, max_new_tokens=4, remember=True, seed=1)
    model.reset_memory()
    assert tell() == fresh


def test_saved_copied_and_pickled(tmp_path):
    model = make(expert_types=["language"], n_experts=1).eval()
    model.save_pretrained(tmp_path / "m")
    assert json.loads((tmp_path / "m/config.json").read_text())["model_type"] == "agiformer"
    text = ids(1, 7)
    with lydia.no_grad():
        expected = model(text=text)[0]
        for other in (AGIFORMER.from_pretrained(tmp_path / "m"), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
            assert lydia.equal(other(text=text)[0], expected)
            assert other.tokens.weight._storage_id() != model.tokens.weight._storage_id()
    generation = tmp_path / "m/generation_config.json"
    generation.write_text(generation.read_text().replace('"top_k":50', '"top_k":7').replace('"top_k": 50', '"top_k": 7'))
    AGIFORMER.from_pretrained(tmp_path / "m").save_pretrained(tmp_path / "again")
    assert json.loads((tmp_path / "again/generation_config.json").read_text())["top_k"] == 7
    (tmp_path / "m/tokenizer_config.json").write_text("[]")
    with pytest.raises(ValueError, match="expected an object, got list"):
        AGIFORMER.from_pretrained(tmp_path / "m")
    (tmp_path / "m/tokenizer_config.json").unlink()
    (tmp_path / "m/config.json").write_text('{"model_type": "gpt2"}')
    with pytest.raises(ValueError, match="another architecture"):
        AGIFORMER.from_pretrained(tmp_path / "m")


@pytest.mark.parametrize("settings, message", [
    (dict(expert_types=["langauge"], n_experts=1), "did you mean 'language'"),
    (dict(n_heads=5), "n_heads"), (dict(dropout=1.5), "dropout"), (dict(relation_windw=4), "relation_window"),
    (dict(n_layers=2 ** 40), "n_layers: expected at most"), (dict(n_experts=10 ** 7), "n_experts: expected at most"),
    (dict(n_layers=2000, n_experts=1000), "n_layers x n_experts"), (dict(image_size=2 ** 40), "image_size"),
    (dict(load_balancing_loss_weight=-1.0), "load_balancing_loss_weight"), (dict(confidence_weight=1e999), "confidence_weight"),
    (dict(memory_size=-1), "memory_size"), (dict(expert_types="language"), "expert_types"), (dict(pad_id=50), "pad_id")])
def test_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        make(**settings)


def test_bad_tokenizer():
    class Words:
        vocab_size = 51
    with pytest.raises(ValueError, match="at least the tokenizer's 51"):
        make(tokenizer=Words())
    with pytest.raises(TypeError, match="vocab_size"):
        make(tokenizer="path/to/model")
    with pytest.raises(ValueError, match="at most the model's 50 tokens, got 51"):
        AGIFORMER._from_core(make()._core, Words())


def test_clip_weights_are_taken_and_stay_frozen(tmp_path):
    clip = dict(vision_tower="clip", image_size=16, patch_size=8, vision_width=24, vision_layers=2, vision_heads=3)
    other, folder = make(**clip), tmp_path / "clip"
    folder.mkdir()
    prefix = "perception.vision."
    lydia.safetensors.save_file({"vision_model." + name[len(prefix):]: value * 2 for name, value in
                                 other.state_dict().items() if name.startswith(prefix)}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({"model_type": "clip", "vision_config": {
        "image_size": 16, "patch_size": 8, "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3,
        "intermediate_size": 96}}))
    assert AGIFORMER.clip_settings(folder) == clip
    model = make(**clip)
    model.load_vision(folder)
    weight = "perception.vision.encoder.layers.1.mlp.fc1.weight"
    assert lydia.equal(model.state_dict()[weight], other.state_dict()[weight] * 2)
    model.save_pretrained(tmp_path / "model")
    for each in (model, AGIFORMER.from_pretrained(tmp_path / "model").train()):
        frozen = [name for name, p in each.named_parameters() if not p.requires_grad]
        assert frozen and all(name.startswith(prefix) for name in frozen)
        each.loss(ids(1, 5), ids(1, 5), image=lydia.randn(1, 3, 16, 16))[0]["total"].backward()
        assert all(p.grad is None for name, p in each.named_parameters() if name in frozen)
        assert dict(each.named_parameters())["perception.picture.weight"].grad is not None
    with pytest.raises(ValueError, match="use_multimodal"):
        make(use_multimodal=False).load_vision(folder)
    with pytest.raises(ValueError, match="vision_width=24"):
        make().load_vision(folder)


def test_what_generation_wrote_is_remembered_to_the_last_token():
    for end in (dict(max_new_tokens=3), dict(streamer=lambda t, seen=[]: seen.append(t) or len(seen) < 3)):
        model = make(use_multimodal=False).eval()
        model.generate(ids(1, 5), temperature=0, remember=True, **end)
        assert model._memory.step_counts[0, 0].item() == 5 + 3


def test_bad_kinds_of_settings():
    with pytest.raises(TypeError, match="d_model: expected a value, got None"):
        make(d_model=None)
    with pytest.raises(ValueError, match="a list of names, got the string 'language'"):
        make(expert_types="language")


def test_a_parameter_cannot_be_replaced_unnoticed():
    model = make(use_multimodal=False)
    with pytest.raises(TypeError, match="weight: expected new values"):
        model.tokens.weight = nn.Parameter(lydia.zeros(50, 32))
    before = model(text=ids(1, 5))[0]
    model.tokens.weight.data = model.tokens.weight.data * 2
    assert not lydia.allclose(before, model(text=ids(1, 5))[0])


REAL = dict(text=lydia.zeros(1, 3, dtype=lydia.int64))
BAD_INPUT = [
    (dict(), "expected text"), (dict(text=lydia.full((1, 3), 50)), "0 to 49, got 50"),
    (dict(text=lydia.full((1, 3), -1)), "0 to 49, got -1"), (dict(text=lydia.zeros(1, 3)), "int64"),
    (dict(text=lydia.zeros(1, 65, dtype=lydia.int64)), "max_seq_len"),
    (dict(text=lydia.zeros(1, 0, dtype=lydia.int64)), "at least one token"),
    (dict(text=lydia.zeros(3, dtype=lydia.int64)), "batch, length"),
    (dict(REAL, mask=lydia.ones(1, 4, dtype=lydia.bool)), "mask"), (dict(REAL, mask=lydia.ones(1, 3)), "mask"),
    (dict(image=lydia.zeros(1, 3, 16, 16), mask=lydia.ones(1, 3, dtype=lydia.bool)), "expected text beside"),
    (dict(REAL, morpho_types=lydia.full((1, 3), 23)), "0 to 22, got 23"),
    (dict(REAL, morpho_types=lydia.zeros(1, 4, dtype=lydia.int64)), "morpho_types"),
    (dict(REAL, semantic_categories=lydia.full((1, 3), 12)), "0 to 11, got 12"),
    (dict(image=lydia.zeros(1, 16, 16)), "image"), (dict(image=lydia.zeros(1, 1, 16, 16)), "3 channels"),
    (dict(image=lydia.zeros(1, 3, 0, 16)), "sides"), (dict(image=lydia.zeros(1, 3, 1, 5000)), "sides"),
    (dict(image=lydia.full((1, 3, 16, 16), math.nan)), "NaN"), (dict(image=lydia.full((1, 3, 16, 16), 3e38)), "about -1"),
    (dict(REAL, image=lydia.zeros(2, 3, 16, 16)), "batch of 1"),
    (dict(audio=lydia.full((1, 800), math.nan)), "NaN"), (dict(audio=lydia.full((1, 800), math.inf)), "infinity"),
    (dict(audio=lydia.full((1, 800), 3e38)), "about -1 to 1"), (dict(audio=lydia.zeros(800)), "batch, length"),
    (dict(audio=lydia.zeros(1, 0)), "batch, length"), (dict(audio=lydia.zeros(1, 16000 * 31)), "max_audio_seconds"),
    (dict(video=lydia.zeros(1, 3, 16, 16)), "video"), (dict(video=lydia.zeros(1, 33, 3, 16, 16)), "max_frames"),
]


@pytest.mark.parametrize("given, message", BAD_INPUT)
def test_bad_input(given, message):
    with pytest.raises(ValueError, match=message) as error:
        make()(**given)
    assert "\n" not in str(error.value)


def test_bad_kinds_of_input():
    model = make()
    for call in (lambda: model(text=[[1, 2]]), lambda: model(text="abc"), lambda: model(text=ids(1, 3), state={}),
                 lambda: model.generate([[1, 2]]), lambda: model.generate(None), lambda: model.loss(ids(1, 3), None),
                 lambda: model.loss(ids(1, 3), [1])):
        with pytest.raises(TypeError, match="AGIFORMER: .*expected a ") as error:
            call()
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("settings, message", [
    (dict(temperature=-1), "temperature"), (dict(temperature=math.nan), "temperature"), (dict(top_k=-1), "top_k"),
    (dict(temperature=math.inf), "temperature"), (dict(top_p=0), "top_p"), (dict(top_p=math.nan), "top_p"),
    (dict(repetition_penalty=0), "repetition_penalty"), (dict(repetition_penalty=math.inf), "repetition_penalty"),
    (dict(eos=50), "eos"), (dict(eos=-5), "eos"), (dict(max_new_tokens=-1), "max_new_tokens"),
    (dict(mask=lydia.ones(1, 4, dtype=lydia.bool)), "mask"), (dict(audio=lydia.full((1, 800), math.nan)), "NaN")])
def test_bad_generation(settings, message):
    with pytest.raises(ValueError, match=message):
        make().generate(ids(1, 3), **settings)


@pytest.mark.parametrize("settings, message", [
    (dict(max_new_tokens=1.5), "max_new_tokens: expected an integer of 64 bits, got 1.5"),
    (dict(max_new_tokens=None), "max_new_tokens"), (dict(top_p="x"), "top_p: expected a number"),
    (dict(seed=-1), "seed: expected an integer of 0"), (dict(eos=[1, 2]), "eos"), (dict(temperature="hot"), "temperature"),
    (dict(top_k=2 ** 70), "top_k"), (dict(use_cache=None), "use_cache"), (dict(streamer=3), "streamer")])
def test_bad_kinds_of_generation_settings(settings, message):
    with pytest.raises(TypeError, match=f"generate: {message}"):
        make(use_multimodal=False).generate(ids(1, 3), **settings)


def test_streamers_may_say_anything():
    model, seen = make(use_multimodal=False).eval(), []
    assert model.generate(ids(1, 3), max_new_tokens=3, streamer=lambda t: "yes").shape == (1, 6)
    assert model.generate(ids(1, 3), max_new_tokens=3, streamer=lambda t: seen.append(t) or 0).shape == (1, 4)


def test_generation_can_be_interrupted():
    import signal
    model, steps = make(use_multimodal=False).eval(), []

    def interrupt(*_):
        raise KeyboardInterrupt
    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        # The signal comes with the second token; its handler runs before the third.
        def streamer(tokens):
            steps.append(tokens)
            if len(steps) == 2:
                threading.Thread(target=lambda: os.kill(os.getpid(), signal.SIGUSR1)).start()
        with pytest.raises(KeyboardInterrupt):
            model.generate(ids(1, 3), max_new_tokens=10 ** 7, streamer=streamer)
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_threads_generate_at_once():
    model = make(use_multimodal=False).eval()
    prompts = [ids(1, 5, seed) for seed in range(4)]
    args = dict(max_new_tokens=70, temperature=0)  # two segments
    alone = [model.generate(prompt, **args).tolist() for prompt in prompts]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda prompt: model.generate(prompt, **args).tolist(), prompts)) == alone


def test_segments_with_a_backward_each():
    model, state = make(use_multimodal=False).train(), MemoryState()
    for seed in range(3):
        parts, info = model.loss(ids(2, 12, seed), ids(2, 12, seed + 9), state=state)
        parts["total"].backward()
        state = info["state"].detach()
    assert state.step_counts[:, 0].tolist() == [36, 36]


def test_no_limits():
    model = make(use_multimodal=False).eval()
    args = dict(max_new_tokens=6, seed=3)
    assert model.generate(ids(1, 3), top_k=None, top_p=None, **args).tolist() == \
        model.generate(ids(1, 3), top_k=0, top_p=1.0, **args).tolist()


def test_top_k_zero_is_all_and_more_than_all_is_all():
    model = make().eval()
    args = dict(max_new_tokens=6, seed=3, top_p=1.0)
    everything = model.generate(ids(1, 3), top_k=0, **args).tolist()
    assert everything == model.generate(ids(1, 3), top_k=50, **args).tolist()
    assert everything == model.generate(ids(1, 3), top_k=10 ** 9, **args).tolist()


def test_states_are_pickled_and_copied():
    model = make(use_multimodal=False).eval()
    with lydia.no_grad():
        state = model(text=ids(2, 30))[1]["state"]
        expected = model(text=ids(2, 8), state=state)[0]
        for other in (pickle.loads(pickle.dumps(state)), copy.deepcopy(state)):
            state.tensors()["bank"].zero_()  # the copy is its own
            assert lydia.equal(model(text=ids(2, 8), state=other)[0], expected)
    assert "batch 2" in repr(state) and repr(pickle.loads(pickle.dumps(MemoryState()))) == "MemoryState(empty)"


def test_damaged_states():
    model = make(use_multimodal=False).eval()
    whole = dict(model(text=ids(1, 8))[1]["state"].tensors())
    assert model(text=ids(1, 3), state=MemoryState.from_tensors(whole))[0].shape == (1, 3, 50)
    changed = [{**whole, name: lydia.full(tuple(value.shape), math.nan)} for name, value in whole.items()]
    changed += [{**whole, name: value[:, :0]} for name, value in whole.items()]
    changed += [{k: v for k, v in whole.items() if k != name} for name in whole]
    changed += [{**whole, "counts": lydia.tensor([counts])} for counts in ([-1, 0, 0], [0, 0, 99], [2 ** 62, 0, 1])]
    changed += [{**whole, "working": whole["working"].long()}]
    for tensors in changed:
        with pytest.raises(ValueError, match="MemoryState"):
            MemoryState.from_tensors(tensors)
    state = MemoryState.from_tensors(whole)
    with pytest.raises(ValueError, match="state: expected one of 2 sequences"):
        model(text=ids(2, 3), state=state)
    with pytest.raises(ValueError, match="use_memory is off"):
        make(use_memory=False, use_multimodal=False)(text=ids(1, 3), state=state)


def test_a_tokenizer_brings_its_morphology(tmp_path):
    from lydia.language import MorphoPieceTokenizer
    text = "Evlerimizde okuduk. Kitapları okudular, evlere geldiler. Evden geldik, kitaptan okuduk. " * 20
    tokenizer = MorphoPieceTokenizer.train(iterator=[text], vocab_size=1500, hunspell=False)
    model = make(vocab_size=tokenizer.vocab_size, tokenizer=tokenizer, use_multimodal=False).eval()
    assert model.config["pad_id"] == tokenizer.pad_id
    ids_ = tokenizer.tokenize("Evlerimizde kitapları okuduk.")
    batch = lydia.tensor([ids_], dtype=lydia.int64)
    types, categories = (lydia.tensor([of(ids_)], dtype=lydia.int64)
                         for of in (tokenizer.morpho_types, tokenizer.semantic_categories))
    with lydia.no_grad():
        logits = model(text=batch)[0]
        given = model(text=batch, morpho_types=types, semantic_categories=categories)[0]
        without = model(text=batch, morpho_types=lydia.zeros_like(types), semantic_categories=categories)[0]
    assert lydia.equal(logits, given) and not lydia.allclose(logits, without)
    model.save_pretrained(tmp_path)
    other = AGIFORMER.from_pretrained(tmp_path)
    assert other.tokenizer.tokenize("evlerimizde") == tokenizer.tokenize("evlerimizde")
    with lydia.no_grad():
        assert lydia.equal(other(text=batch)[0], logits)
        for copied in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
            assert lydia.equal(copied(text=batch)[0], logits)
            assert copied.tokenizer.tokenize("evlerimizde") == tokenizer.tokenize("evlerimizde")
    # With caches the last verb is remembered: the same text as without them.
    args = dict(max_new_tokens=12, temperature=0)
    assert model.generate(batch, **args).tolist() == model.generate(batch, use_cache=False, **args).tolist()
    assert isinstance(tokenizer.decode(model.generate(batch, **args)[0].tolist()), str)


def gradients(model, autocast=False):
    with lydia.autocast("cpu", dtype=lydia.bfloat16, enabled=autocast):
        parts, info = model.loss(ids(2, 20), ids(2, 20, 3))
        again, _ = model.loss(ids(2, 20, 5), ids(2, 20, 6), state=info["state"])
    (parts["total"] + again["total"]).backward()
    return {name: p.grad for name, p in model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("linear", [False, True])
def test_checkpointing_changes_nothing(linear):
    plain = gradients(make(use_multimodal=False, use_linear_attention=linear))
    saved = gradients(make(use_multimodal=False, use_linear_attention=linear, gradient_checkpointing=True))
    assert plain.keys() == saved.keys() and len(plain) > 50
    for name, grad in plain.items():
        assert lydia.allclose(grad, saved[name], atol=1e-6), name


@pytest.mark.parametrize("linear", [False, True])
def test_second_derivatives(linear):
    """The derivative of |gradient|^2 along a direction, against differences of it."""
    model = make(use_multimodal=False, use_linear_attention=linear).double()
    parameters = list(model.parameters())

    def size(again):
        parts, _ = model.loss(ids(2, 12), ids(2, 12, 3))
        gradients = lydia.autograd.grad(parts["total"], parameters, create_graph=again, allow_unused=True)
        return sum((g ** 2).sum() for g in gradients if g is not None)
    lydia.manual_seed(5)
    direction = [lydia.randn_like(p) for p in parameters]
    size(True).backward()
    expected = sum(float((p.grad * d).sum()) for p, d in zip(parameters, direction) if p.grad is not None)

    def moved(step):
        with lydia.no_grad():
            for p, d in zip(parameters, direction):
                p.add_(d, alpha=step)
        out = float(size(False))
        with lydia.no_grad():
            for p, d in zip(parameters, direction):
                p.sub_(d, alpha=step)
        return out
    assert (moved(1e-4) - moved(-1e-4)) / 2e-4 == pytest.approx(expected, rel=1e-3)  # losses are float32


@pytest.mark.parametrize("linear", [False, True])
def test_trains_under_autocast(linear):
    plain = gradients(make(use_multimodal=False, use_linear_attention=linear))
    half = gradients(make(use_multimodal=False, use_linear_attention=linear), autocast=True)
    assert all(bool(lydia.isfinite(g).all()) for g in half.values())
    one, other = plain["tokens.weight"], half["tokens.weight"]
    assert float((one - other).norm()) < 0.1 * float(one.norm())
