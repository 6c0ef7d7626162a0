"""The Python face of the C++ model: its parameters are those of the module tree made here."""
import copy
import json
import os

from .. import _C, nn
from .._C import _MemoryState as MemoryState
from .._tensor import tensor
from ..nn.parameter import Parameter


def _check_tensors(**given):
    for name, value in given.items():
        if value is not None and not isinstance(value, _C.Tensor):
            raise TypeError(f"AGIFORMER: {name}: expected a tensor, got {type(value).__name__}")


class _Part(nn.Module):
    """A named part of the model; it holds parameters and is not called by itself."""

    def __setattr__(self, name, value):
        if name in self.__dict__.get("_parameters", ()):
            raise TypeError(f"AGIFORMER: {name}: expected new values for the parameter (copy_, load_state_dict, "
                            ".data = ...), got another object, of which the model would know nothing")
        super().__setattr__(name, value)


def _shared(tensor):
    """A Parameter on the very tensor of the C++ model: values and gradients are one."""
    parameter = Parameter(_C.empty(0), requires_grad=False)
    _C._share_tensor(parameter, tensor)
    return parameter


def _rebuild(config, state, training, tokenizer, frozen):
    model = AGIFORMER._from_core(_C._Agiformer(config), tokenizer)
    model.load_state_dict(state)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name not in frozen)
    return model.train(training)


class AGIFORMER(nn.Module):
    """The model. Sizes and switches are those of the documentation; `settings` takes every further
    member of config.json (`relation_window`, `memory_update_freq`, `max_iterations`, ...).

    `experts_per_token` None: 1 of up to two experts, else 2. Without a `tokenizer` ids are bytes; with
    one its pad_id tells padding, and where it knows morphology (lydia.language.MorphoPieceTokenizer)
    the language expert takes the types and categories of tokens from it.
    """

    def __init__(self, vocab_size=256, d_model=768, n_layers=12, n_heads=12, d_ff=3072, n_experts=4,
                 expert_types=("language", "logic", "spatial", "causal"), memory_size=10000,
                 max_seq_len=2048, dropout=0.1, tokenizer=None, use_linear_attention=False,
                 use_memory=True, use_introspection=True, use_multimodal=True,
                 gradient_checkpointing=False, causal=True, experts_per_token=None, **settings):
        tokens = getattr(tokenizer, "vocab_size", None)
        if tokenizer is not None and not isinstance(tokens, int):
            raise TypeError(f"AGIFORMER: tokenizer: expected one with a vocab_size, got {type(tokenizer).__name__}")
        if tokens is not None and tokens > vocab_size:
            raise ValueError(f"AGIFORMER: vocab_size: expected at least the tokenizer's {tokens}, got {vocab_size}")
        if isinstance(expert_types, str):
            raise ValueError(f"AGIFORMER: expert_types: expected a list of names, got the string '{expert_types}'")
        pad = getattr(tokenizer, "pad_id", None)
        if pad is not None:
            settings.setdefault("pad_id", pad)
        config = dict(vocab_size=vocab_size, d_model=d_model, n_layers=n_layers, n_heads=n_heads, d_ff=d_ff,
                      n_experts=n_experts, expert_types=list(expert_types), memory_size=memory_size,
                      max_seq_len=max_seq_len, dropout=dropout, use_linear_attention=use_linear_attention,
                      use_memory=use_memory, use_introspection=use_introspection,
                      use_multimodal=use_multimodal, gradient_checkpointing=gradient_checkpointing,
                      causal=causal, experts_per_token=experts_per_token or 0, **settings)
        for name, value in config.items():
            if value is None:
                raise TypeError(f"AGIFORMER: {name}: expected a value, got None")
        self._take(_C._Agiformer(json.dumps(config)), tokenizer)

    @classmethod
    def _from_core(cls, core, tokenizer=None):
        model = cls.__new__(cls)
        model._take(core, tokenizer)
        return model

    def _take(self, core, tokenizer):
        super().__init__()
        self._core, self.tokenizer = core, tokenizer
        self.config = json.loads(core.config())
        if getattr(tokenizer, "vocab_size", 0) > self.config["vocab_size"]:
            raise ValueError(f"AGIFORMER: tokenizer: expected at most the model's {self.config['vocab_size']} tokens, "
                             f"got {tokenizer.vocab_size}")
        self._memory = MemoryState()
        if hasattr(tokenizer, "morpho_types"):
            every = range(tokenizer.vocab_size)
            rest = [0] * (self.config["vocab_size"] - len(every))
            core.set_morphology(*(tensor([*map(int, of(every)), *rest], dtype=_C.dtype.int64)
                                  for of in (tokenizer.morpho_types, tokenizer.semantic_categories)))
        for name, value in core.named_parameters():
            *path, leaf = name.split(".")
            part = self
            for key in path:
                if key not in part._modules:
                    part.add_module(key, _Part())
                part = part._modules[key]
            part.register_parameter(leaf, _shared(value))

    def forward(self, text=None, image=None, audio=None, video=None, mask=None, return_embeddings=False,
                morpho_types=None, semantic_categories=None, state=None):
        """(logits [B, S, V], info), or with return_embeddings (states [B, S, d], info).

        text int64 [B, S]; image [B, 3, H, W]; audio [B, samples] at 16 kHz; video [B, F, 3, H, W];
        mask [B, S] is true for real tokens. info["state"] is the memory after this segment; passed
        as `state` with the next segment of the same sequences, it is remembered. Where each segment has
        a backward of its own, pass state.detach().
        """
        return self._run(text, image, audio, video, mask, morpho_types, semantic_categories, state,
                         return_embeddings)[:2]

    def _run(self, text, image, audio, video, mask, morpho_types, semantic_categories, state, embeddings):
        _check_tensors(text=text, image=image, audio=audio, video=video, mask=mask, morpho_types=morpho_types,
                       semantic_categories=semantic_categories)
        if state is not None and not isinstance(state, MemoryState):
            raise TypeError(f"AGIFORMER: state: expected a MemoryState (info['state']), got {type(state).__name__}")
        logits, states, info, output = self._core.forward(
            text, image, audio, video, mask, morpho_types, semantic_categories, state, self.training)
        return states if embeddings else logits, info, output

    def loss(self, text, target, image=None, audio=None, video=None, mask=None, morpho_types=None,
             semantic_categories=None, state=None):
        """(parts, info): the loss of predicting `target` [B, S], -100 and the pad id left out. parts
        has "total" and, already weighted, "language", "load_balancing", "router_z", "confidence",
        "error" and "ponder"."""
        if target is None:
            raise TypeError("AGIFORMER: target: expected a tensor, got None")
        _check_tensors(target=target)
        _, info, output = self._run(text, image, audio, video, mask, morpho_types, semantic_categories, state,
                                    False)
        return self._core.loss(output, target), info

    def generate(self, text, max_new_tokens=100, temperature=1.0, top_k=50, top_p=0.9, eos=None,
                 repetition_penalty=1.0, seed=None, streamer=None, mask=None, image=None, audio=None,
                 video=None, use_cache=True, remember=False):
        """The prompt and what follows it: int64 [B, S + new].

        temperature 0 takes the likeliest token; top_k or top_p None: no such limit. `streamer` is called with the tokens [B] of each
        step; False from it ends the generation. Prompts longer than max_seq_len are read in segments.
        Padding stands before a prompt and is told by `mask`, or by the tokenizer's pad id. With remember=True the
        model's own memory is read and brought forward; reset_memory() clears it.
        """
        if text is None:
            raise TypeError("AGIFORMER: text: expected a tensor, got None")
        _check_tensors(text=text, mask=mask, image=image, audio=audio, video=video)
        settings = dict(max_new_tokens=max_new_tokens, temperature=temperature, top_k=0 if top_k is None else top_k,
                        top_p=1.0 if top_p is None else top_p, eos=eos, repetition_penalty=repetition_penalty, seed=seed, use_cache=use_cache)
        return self._core.generate(text, settings, mask, image, audio, video, streamer,
                                   self._memory if remember else None)

    def reset_memory(self):
        """Forgets what generate(remember=True) has read and written."""
        self._memory = MemoryState()

    def load_vision(self, directory):
        """Takes CLIP's vision weights from a Hugging Face directory and freezes them. The model must
        have been made with the sizes of `clip_settings(directory)`."""
        self._core.load_vision(os.fspath(directory))

    @staticmethod
    def clip_settings(directory):
        """The settings of a vision tower like that in a Hugging Face directory, for the constructor."""
        config = json.loads(_C._agiformer_clip_config(os.fspath(directory), "{}"))
        return {key: config[key] for key in ("vision_tower", "image_size", "patch_size", "vision_width",
                                             "vision_layers", "vision_heads")}

    def save_pretrained(self, directory):
        """Writes config.json, model.safetensors, generation_config.json and, where it has a
        save_pretrained of its own, the tokenizer's files."""
        directory = os.fspath(directory)
        os.makedirs(directory, exist_ok=True)
        if hasattr(self.tokenizer, "save_pretrained"):
            self.tokenizer.save_pretrained(directory)
        self._core.save(directory)

    @classmethod
    def from_pretrained(cls, directory, tokenizer=None):
        """The model that save_pretrained wrote, in evaluation mode, with the tokenizer saved beside it
        unless another is given."""
        directory = os.fspath(directory)
        path = os.path.join(directory, "tokenizer_config.json")
        if tokenizer is None and os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                settings = json.load(file)
            if not isinstance(settings, dict):
                raise ValueError(f"{path}: expected an object, got {type(settings).__name__}")
            if settings.get("tokenizer_class") != "bytes":
                from ..language import MorphoPieceTokenizer
                tokenizer = MorphoPieceTokenizer.load(directory)
        return cls._from_core(_C._agiformer_load(os.fspath(directory)), tokenizer).eval()

    def _contents(self, tokenizer):
        frozen = {name for name, parameter in self.named_parameters() if not parameter.requires_grad}
        return self._core.config(), self.state_dict(), self.training, tokenizer, frozen

    def __deepcopy__(self, memo):
        out = memo[id(self)] = _rebuild(*self._contents(copy.deepcopy(self.tokenizer, memo)))
        return out

    def __reduce__(self):
        return _rebuild, self._contents(self.tokenizer)
