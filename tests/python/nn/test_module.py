"""lydia.nn.Module: registration, names, states, modes, conversion, hooks, copies, files."""
import copy
import pickle

import pytest

import lydia
from lydia import nn


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.last = nn.Linear(4, 2, bias=False)
        self.register_buffer("scale", lydia.ones(2))
        self.register_buffer("cache", lydia.ones(1), persistent=False)
        self.shift = nn.Parameter(lydia.zeros(2))

    def forward(self, x):
        return self.last(self.first(x).relu()) * self.scale + self.shift


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Embedding(5, 3)
        self.head = nn.Linear(3, 5, bias=False)
        self.head.weight = self.inner.weight

    def forward(self, x):
        return self.head(self.inner(x))


def names(pairs):
    return [name for name, _ in pairs]


# ---- registration and names

def test_names_and_order():
    m = Mlp()
    assert names(m.named_parameters()) == ["shift", "first.weight", "first.bias", "last.weight"]
    assert names(m.named_buffers()) == ["scale", "cache"]
    assert names(m.named_modules()) == ["", "first", "last"]
    assert list(m.state_dict(prefix="a.")) == ["a.shift", "a.scale", "a.first.weight", "a.first.bias",
                                               "a.last.weight"]
    assert m.last.bias is None and "bias" in m.last._parameters
    assert m.get_submodule("first") is m.first and m.get_parameter("first.bias") is m.first.bias
    assert m.get_buffer("scale") is m.scale
    with pytest.raises(AttributeError, match="second"):
        m.get_submodule("second")


def test_attributes_are_registered_by_what_they_are():
    m = nn.Module()
    m.x = nn.Parameter(lydia.ones(2))
    assert isinstance(m.x, lydia.Tensor) and m.x.requires_grad and m.x.is_leaf
    m.x = None
    assert m.x is None and names(m.named_parameters()) == []
    with pytest.raises(TypeError, match="Parameter or None"):
        m.x = lydia.ones(2)
    m.x = nn.Linear(1, 1)
    assert names(m.named_parameters()) == ["x.weight", "x.bias"]
    del m.x
    assert not hasattr(m, "x")
    m.plain = lydia.ones(2)
    assert not m.state_dict()
    m.register_buffer("b", None)
    m.b = lydia.ones(3)
    assert list(m.state_dict()) == ["b"]
    with pytest.raises(AttributeError, match="'Module' object has no attribute 'y'"):
        m.y


def test_registration_errors():
    m = nn.Linear(2, 2)
    with pytest.raises(KeyError, match="dots"):
        m.add_module("a.b", nn.Identity())
    with pytest.raises(KeyError, match="already"):
        m.register_buffer("weight", lydia.ones(1))
    with pytest.raises(TypeError, match="Parameter"):
        m.register_parameter("p", lydia.ones(1))

    class Early(nn.Module):
        def __init__(self):
            self.part = nn.Linear(1, 1)

    with pytest.raises(AttributeError, match="super"):
        Early()
    with pytest.raises(NotImplementedError, match="Module"):
        nn.Module()(1)


def test_repr():
    assert repr(nn.Linear(3, 4)) == "Linear(in_features=3, out_features=4, bias=True)"
    net = nn.Sequential(nn.Linear(1, 2), nn.Sequential(nn.Identity()))
    assert repr(net) == ("Sequential(\n  (0): Linear(in_features=1, out_features=2, bias=True)\n"
                         "  (1): Sequential(\n    (0): Identity()\n  )\n)")
    blocks = nn.ModuleList([nn.Identity(), nn.Identity(), nn.Linear(1, 1)])
    assert repr(blocks) == ("ModuleList(\n  (0-1): 2 x Identity()\n"
                            "  (2): Linear(in_features=1, out_features=1, bias=True)\n)")
    assert repr(nn.Parameter(lydia.ones(1))).startswith("Parameter containing:\ntensor([1.]")


# ---- states

def test_state_goes_from_one_module_to_another():
    a, b, x = Mlp(), Mlp(), lydia.ones(1, 3)
    assert a(x).tolist() != b(x).tolist()
    result = a.load_state_dict(b.state_dict())
    assert result == ([], []) and a(x).tolist() == b(x).tolist() and a.shift.requires_grad


def test_one_error_lists_all_keys_and_changes_nothing():
    m = Mlp()
    state = {"shift": lydia.ones(2), "scale": lydia.ones(2), "first.weight": lydia.ones(4, 2),
             "extra": lydia.ones(1), "last.weight": lydia.ones(2, 4)}
    with pytest.raises(RuntimeError) as error:
        m.load_state_dict(state)
    assert str(error.value) == (
        "load_state_dict: Mlp: missing keys: first.bias; unexpected keys: extra; wrong shapes: "
        "first.weight (expected [4, 3], got [4, 2])")
    assert m.shift.tolist() == [0, 0]
    with pytest.raises(RuntimeError, match="wrong shapes"):
        m.load_state_dict(state, strict=False)
    result = m.load_state_dict({"shift": lydia.ones(2), "x": lydia.ones(1)}, strict=False)
    assert result.missing_keys == ["scale", "first.weight", "first.bias", "last.weight"]
    assert result.unexpected_keys == ["x"] and m.shift.tolist() == [1, 1]


def test_assign_takes_the_tensors_themselves():
    m = nn.Linear(2, 1, bias=False)
    given = lydia.ones(1, 2, dtype=lydia.float64)
    m.load_state_dict({"weight": given}, assign=True)
    assert m.weight.dtype == lydia.float64 and m.weight.data_ptr() == given.data_ptr()
    assert isinstance(m.weight, nn.Parameter) and m.weight.requires_grad


def test_tied_weights(tmp_path):
    a, b = Tied(), Tied()
    assert names(a.named_parameters()) == ["inner.weight"]
    assert list(a.state_dict()) == ["inner.weight", "head.weight"]
    for moved in (a.double().float(), copy.deepcopy(a), pickle.loads(pickle.dumps(a))):
        assert moved.head.weight is moved.inner.weight and isinstance(moved.head.weight, nn.Parameter)
    path = tmp_path / "tied.safetensors"
    nn.save_model(a, path, {"epoch": "3"})
    assert path.stat().st_size < 2 * 5 * 3 * 4 + 200
    assert nn.load_model(b, path) == ([], [])
    assert b.head.weight is b.inner.weight and b.inner.weight.tolist() == a.inner.weight.tolist()
    state = nn.load_state_file(path)
    assert sorted(state) == ["head.weight", "inner.weight"]
    del state["inner.weight"]  # as files do that leave tied names out
    b.load_state_dict(state)
    with pytest.raises(RuntimeError, match="missing keys: inner.weight"):
        untied = Tied()
        untied.head.weight = nn.Parameter(lydia.zeros(5, 3))
        untied.load_state_dict(state)


# ---- modes and conversion

def test_conversion_keeps_objects_and_takes_gradients_along():
    m = Mlp()
    weight = m.first.weight
    m(lydia.ones(2, 3)).sum().backward()
    assert m.bfloat16() is m and m.first.weight is weight
    assert weight.dtype == weight.grad.dtype == m.scale.dtype == lydia.bfloat16
    m.to(lydia.float64).zero_grad()
    assert weight.grad is None
    m(lydia.ones(2, 3, dtype=lydia.float64)).sum().backward()
    m.zero_grad(set_to_none=False)
    assert weight.grad.dtype == lydia.float64 and not weight.grad.any()
    with pytest.raises(TypeError, match="int64"):
        m.to(lydia.int64)
    with pytest.raises(NotImplementedError):
        m.cuda()


def test_modes_freezing_apply():
    m = Mlp()
    assert not m.eval().first.training and m.train().first.training
    assert m.freeze("first.*") == 2 and not m.first.bias.requires_grad and m.shift.requires_grad
    assert m.unfreeze("*.b?as") == 1 and m.first.bias.requires_grad
    with pytest.raises(ValueError, match="encoder"):
        m.freeze("encoder.*")
    seen = []
    m.requires_grad_(False).apply(lambda module: seen.append(type(module).__name__))
    assert seen == ["Linear", "Linear", "Mlp"] and not any(p.requires_grad for p in m.parameters())


def test_deepcopy_and_pickle():
    m = Mlp()
    m(lydia.ones(1, 3)).sum().backward()
    for other in (copy.deepcopy(m), pickle.loads(pickle.dumps(m))):
        assert other.first.weight.tolist() == m.first.weight.tolist()
        other.first.weight.data.fill_(9)
        assert isinstance(other.first.weight, nn.Parameter) and m.first.weight.max().item() < 9
        assert names(other.named_parameters()) == names(m.named_parameters())
        assert list(other.state_dict()) == list(m.state_dict())
    assert copy.deepcopy(m).shift.grad.tolist() == [1, 1]


# ---- hooks

def test_forward_hooks_order_and_values():
    m, order = nn.Linear(2, 2), []
    x = lydia.ones(1, 2)

    def before(module, args):
        order.append("before")
        return (args[0] * 2,)

    def after(module, args, output):
        order.append("after")
        assert module is m and args[0].tolist() == [[2, 2]]
        return output + 1

    handles = [m.register_forward_pre_hook(before), m.register_forward_hook(after)]
    first = m.register_forward_pre_hook(lambda *_: order.append("first"), prepend=True)
    assert m(x).tolist() == (m.forward(x * 2) + 1).tolist()
    assert order == ["first", "before", "after"]
    for handle in handles:
        handle.remove()
    with first:
        m(x)
    assert m(x).tolist() == m.forward(x).tolist() and order[3:] == ["first"]


def test_hooks_with_keywords_and_after_errors():
    class Scaled(nn.Module):
        def forward(self, x, *, by=1):
            if by == 0:
                raise ValueError("zero")
            return x * by

    m, seen = Scaled(), []
    m.register_forward_pre_hook(lambda mod, a, k: (a, {"by": k["by"] + 1}), with_kwargs=True)
    m.register_forward_hook(lambda mod, a, k, out: seen.append((k["by"], out)), with_kwargs=True,
                            always_call=True)
    assert m(lydia.ones(1), by=2).item() == 3
    with pytest.raises(ValueError, match="zero"):
        m(lydia.ones(1), by=-1)
    assert [k for k, _ in seen] == [3, 0] and seen[1][1] is None


def test_backward_hooks():
    m = nn.Linear(2, 2, bias=False)
    nn.init.ones_(m.weight)
    seen = []

    def hook(module, grad_input, grad_output):
        seen.append((grad_input, grad_output))
        return (grad_input[0] * 10,) if grad_input[0] is not None else None

    handle = m.register_full_backward_hook(hook)
    x = lydia.ones(1, 2)
    m(x).sum().backward()
    assert seen[0][0] == (None,) and seen[0][1][0].tolist() == [[1, 1]]
    x.requires_grad_()
    (m(x) + x).sum().backward()
    assert seen[1][0][0].tolist() == [[2, 2]] and x.grad.tolist() == [[21, 21]]
    handle.remove()
    x.grad = None
    m(x).sum().backward()
    assert x.grad.tolist() == [[2, 2]] and len(seen) == 2


# ---- containers and layers

def test_backward_pre_hooks_see_and_replace_the_gradient_of_the_output():
    model, order = nn.Linear(3, 2), []
    model.register_full_backward_pre_hook(lambda m, g: order.append("before") or (g[0] * 2,))
    handle = model.register_full_backward_hook(lambda m, i, o: order.append(o[0].tolist()))
    x = lydia.ones(1, 3, requires_grad=True)
    model(x).sum().backward()
    assert order == ["before", [[2.0, 2.0]]]
    assert x.grad.tolist() == (2 * model.weight.sum(0, keepdim=True)).tolist()
    handle.remove()
    model.register_full_backward_pre_hook(lambda m, g: (g[0], g[0]))
    with pytest.raises(RuntimeError, match="expected 1 gradients, got 2"):
        model(x).sum().backward()


class Deep(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Linear(6, 6), nn.Tanh(), nn.Dropout(0.3)) for _ in range(3))
        self.calls = 0
        self.blocks[1].register_forward_hook(lambda *_: setattr(self, "calls", self.calls + 1))

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x


@pytest.mark.parametrize("dtype", [None, lydia.bfloat16, lydia.float16])
def test_checkpointed_modules_give_the_same_gradients(dtype):
    def gradients(pattern):
        lydia.manual_seed(1)
        model = Deep()
        if pattern:
            assert model.set_checkpointing(pattern) == 3
        x = lydia.randn(5, 6, requires_grad=True)
        with lydia.autocast("cpu", dtype=dtype or lydia.bfloat16, enabled=dtype is not None):
            loss = (model(x) ** 2).sum()
        loss.backward()
        return [loss.item(), x.grad.tolist(), *(p.grad.tolist() for p in model.parameters())]

    assert gradients("blocks.?") == gradients(None)


def test_checkpointing_is_for_training_and_can_be_switched_off():
    model = Deep()
    inner = []
    model.blocks[0][0].register_forward_hook(lambda *_: inner.append(1))
    model.set_checkpointing("blocks.0")
    model(lydia.ones(1, 6)).sum().backward()
    assert len(inner) == 2  # forward, and again in backward
    model.eval()
    model(lydia.ones(1, 6)).sum().backward()
    assert len(inner) == 3
    model.train().set_checkpointing("*", False)
    model(lydia.ones(1, 6)).sum().backward()
    assert len(inner) == 4
    with pytest.raises(ValueError, match="no module matches 'block'"):
        model.set_checkpointing("block")


def test_checkpoint_sequential():
    lydia.manual_seed(1)
    layers = nn.Sequential(*(nn.Sequential(nn.Linear(4, 4), nn.Tanh()) for _ in range(5)))
    x = lydia.randn(3, 4, requires_grad=True)
    layers(x).sum().backward()
    wanted = [x.grad.tolist(), *(p.grad.tolist() for p in layers.parameters())]
    for segments in (1, 2, 5):
        layers.zero_grad()
        x.grad = None
        lydia.utils.checkpoint.checkpoint_sequential(layers, segments, x).sum().backward()
        assert [x.grad.tolist(), *(p.grad.tolist() for p in layers.parameters())] == wanted
    with pytest.raises(ValueError, match="segments"):
        lydia.utils.checkpoint.checkpoint_sequential(layers, 6, x)


def test_a_module_gives_its_summary():
    assert str(Mlp().summary(lydia.ones(2, 3))) == str(nn.summary(Mlp(), lydia.ones(2, 3)))


PAIR = lambda: (lydia.randn(4, 5), lydia.randn(4, 5).sign())  # noqa: E731
LIKE = {
    "soft margin": (lambda: nn.SoftMarginLoss(), nn.functional.soft_margin_loss, PAIR, {}),
    "hinge": (lambda: nn.HingeEmbeddingLoss(0.5), nn.functional.hinge_embedding_loss, PAIR,
              {"margin": 0.5}),
    "ranking": (lambda: nn.MarginRankingLoss(0.3, reduction="sum"), nn.functional.margin_ranking_loss,
                lambda: (lydia.randn(4), lydia.randn(4), lydia.randn(4).sign()),
                {"margin": 0.3, "reduction": "sum"}),
    "multi margin": (lambda: nn.MultiMarginLoss(p=2), nn.functional.multi_margin_loss,
                     lambda: (lydia.randn(4, 5), lydia.tensor([0, 4, 2, 1])), {"p": 2}),
    "multi label": (lambda: nn.MultiLabelSoftMarginLoss(), nn.functional.multilabel_soft_margin_loss,
                    lambda: (lydia.randn(4, 5), (lydia.randn(4, 5) > 0).float()), {}),
    "poisson": (lambda: nn.PoissonNLLLoss(full=True), nn.functional.poisson_nll_loss,
                lambda: (lydia.randn(4), lydia.tensor([0.0, 1, 2, 3])), {"full": True}),
    "gaussian": (lambda: nn.GaussianNLLLoss(), nn.functional.gaussian_nll_loss,
                 lambda: (lydia.randn(4), lydia.randn(4), lydia.rand(4) + 0.1), {}),
    "cosine": (lambda: nn.CosineSimilarity(0), nn.functional.cosine_similarity,
               lambda: (lydia.randn(4, 5), lydia.randn(4, 5)), {"dim": 0}),
    "distance": (lambda: nn.PairwiseDistance(1.0), nn.functional.pairwise_distance,
                 lambda: (lydia.randn(4, 5), lydia.randn(4, 5)), {"p": 1.0}),
    "response norm": (lambda: nn.LocalResponseNorm(3, 0.1), nn.functional.local_response_norm,
                      lambda: (lydia.randn(2, 5, 3),), {"size": 3, "alpha": 0.1}),
    "softmax2d": (lambda: nn.Softmax2d(), nn.functional.softmax, lambda: (lydia.randn(2, 3, 4, 5),),
                  {"dim": 1}),
    "zero pad": (lambda: nn.ZeroPad2d((1, 2, 0, 3)), nn.functional.pad,
                 lambda: (lydia.randn(1, 2, 4, 5),), {"pad": (1, 2, 0, 3)}),
    "constant pad": (lambda: nn.ConstantPad1d(2, 7.0), nn.functional.pad,
                     lambda: (lydia.randn(1, 2, 4),), {"pad": (2, 2), "value": 7.0}),
    "reflection pad": (lambda: nn.ReflectionPad2d(1), nn.functional.pad,
                       lambda: (lydia.randn(1, 2, 4, 5),), {"pad": (1,) * 4, "mode": "reflect"}),
    "replication pad": (lambda: nn.ReplicationPad3d(1), nn.functional.pad,
                        lambda: (lydia.randn(1, 2, 2, 3, 4),), {"pad": (1,) * 6, "mode": "replicate"}),
    "nearest": (lambda: nn.UpsamplingNearest2d(scale_factor=2), nn.functional.interpolate,
                lambda: (lydia.randn(1, 2, 4, 5),), {"scale_factor": 2, "mode": "nearest"}),
    "bilinear": (lambda: nn.UpsamplingBilinear2d((7, 6)), nn.functional.interpolate,
                 lambda: (lydia.randn(1, 2, 4, 5),),
                 {"size": (7, 6), "mode": "bilinear", "align_corners": True}),
    "unfold": (lambda: nn.Unfold(3, padding=1), nn.functional.unfold,
               lambda: (lydia.randn(1, 2, 4, 5),), {"kernel_size": 3, "padding": 1}),
    "fold": (lambda: nn.Fold((4, 5), 2), nn.functional.fold, lambda: (lydia.randn(1, 8, 12),),
             {"output_size": (4, 5), "kernel_size": 2}),
}


@pytest.mark.parametrize("name", LIKE)
def test_modules_that_wrap_a_function(name):
    make, function, inputs, settings = LIKE[name]
    module, args = make(), inputs()
    assert lydia.equal(module(*args), function(*args, **settings))
    assert type(module).__name__ in repr(module)


def test_alpha_dropout_keeps_mean_and_variance():
    lydia.manual_seed(0)
    x = lydia.randn(200000)
    out = nn.AlphaDropout(0.3)(x)
    assert abs(out.mean().item()) < 0.02 and abs(out.var().item() - 1) < 0.02
    assert lydia.equal(nn.AlphaDropout(0.3).eval()(x), x)


def test_parameter_dict():
    parameters = nn.ParameterDict({"a": lydia.ones(2), "b": nn.Parameter(lydia.zeros(3))})
    parameters["c"] = lydia.ones(1)
    assert list(parameters) == ["a", "b", "c"] and "b" in parameters and len(parameters) == 3
    assert [n for n, _ in parameters.named_parameters()] == ["a", "b", "c"]
    assert parameters.pop("b").shape == (3,) and "b" not in parameters.state_dict()
    assert all(p.requires_grad for p in parameters.values())


def test_sequential_and_lists():
    net = nn.Sequential(nn.Linear(3, 4), nn.Identity(), nn.Linear(4, 2))
    assert list(net.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert net(lydia.ones(5, 3)).shape == (5, 2) and net[-1] is net[2] and len(net[1:]) == 2
    named = nn.Sequential({"a": nn.Linear(1, 1), "b": nn.Identity()})
    assert named.a is named[0] and list(named[:1].state_dict()) == ["a.weight", "a.bias"]
    blocks = nn.ModuleList([nn.Identity()])
    blocks.append(nn.Linear(1, 1)).insert(0, nn.Linear(2, 2)).extend([nn.Identity()])
    assert [type(b).__name__ for b in blocks] == ["Linear", "Identity", "Linear", "Identity"]
    del blocks[0]
    assert list(blocks.state_dict()) == ["1.weight", "1.bias"] and len(blocks[1:]) == 2
    assert type(blocks.pop(1)).__name__ == "Linear" and len(blocks) == 2
    with pytest.raises(IndexError, match="within 2"):
        blocks[2]
    with pytest.raises(NotImplementedError, match="ModuleList"):
        blocks(1)


def test_dicts_and_parameter_lists():
    d = nn.ModuleDict({"left": nn.Linear(1, 1)})
    d["right"] = nn.Identity()
    assert list(d) == ["left", "right"] and "left" in d and len(d) == 2
    assert list(d.state_dict()) == ["left.weight", "left.bias"]
    p = nn.ParameterList([lydia.ones(2), nn.Parameter(lydia.zeros(1))])
    assert list(p.state_dict()) == ["0", "1"] and p[0].requires_grad and len(list(p)) == 2


def test_embedding_padding_and_refusals():
    m = nn.Embedding(4, 3, padding_idx=-1)
    assert m.padding_idx == 3 and m.weight[3].tolist() == [0, 0, 0]
    m(lydia.tensor([3, 3])).sum().backward()
    assert not m.weight.grad.any()
    with pytest.raises(IndexError):
        nn.Embedding(4, 3, padding_idx=4)
    with pytest.raises(NotImplementedError, match="max_norm"):
        nn.Embedding(4, 3, max_norm=1.0)
    frozen = nn.Embedding.from_pretrained(lydia.ones(2, 3))
    assert not frozen.weight.requires_grad and frozen(lydia.tensor([1])).tolist() == [[1, 1, 1]]


def test_training_a_model():
    lydia.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 16), nn.Linear(16, 1))
    x = lydia.randn(64, 2)
    y = x.sum(1, keepdim=True) * 3 - 1
    for _ in range(200):
        net.zero_grad()
        loss = ((net(x) - y) ** 2).mean()
        loss.backward()
        with lydia.no_grad():
            for p in net.parameters():
                p -= 0.02 * p.grad
    assert loss.item() < 1e-3 and all(isinstance(p, nn.Parameter) for p in net.parameters())
