"""Every layer beside torch's (goldens.safetensors) and beside the C++ face."""
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from cases import CASES, flat_outputs

import lydia
from lydia import nn

GOLDENS = {}
for _key, _value in lydia.safetensors.load_file(Path(__file__).parent / "goldens.safetensors").items():
    _case, _kind, _name = _key.split("/")
    GOLDENS.setdefault(_case, {}).setdefault(_kind, {})[_name] = _value


def make(name):
    return eval(CASES[name][0], {"nn": nn, "t": lydia})


def run(name, module, golden):
    """Outputs, inputs and parameters after a walk back from the goldens' objective."""
    inputs = [golden["in"][str(i)].clone() for i in range(len(golden["in"]))]
    for i in golden.get("grad_in", {}):
        inputs[int(i)].requires_grad_()
    last = CASES[name][-1]
    keywords = {k: eval(v, {"nn": nn, "t": lydia}) for k, v in last.items()} \
        if isinstance(last, dict) else {}
    outputs = flat_outputs(module(*inputs, **keywords))
    sum((o * lydia.arange(o.numel(), dtype=lydia.float32).cos().reshape(o.shape)).sum()
        for o in outputs if o.requires_grad).backward()
    return outputs, inputs


def close(a, b):
    np.testing.assert_allclose(a.detach().numpy(), b.numpy(), rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("name", CASES)
def test_layer_is_torchs(name):
    golden, module = GOLDENS[name], make(name)
    state = golden.get("state", {})
    assert list(module.state_dict()) == sorted(state, key=list(module.state_dict()).index)
    module.load_state_dict(state)
    outputs, inputs = run(name, module, golden)
    assert len(outputs) == len(golden["out"])
    for i, output in enumerate(outputs):
        close(output, golden["out"][str(i)])
    for i, grad in golden.get("grad_in", {}).items():
        close(inputs[int(i)].grad, grad)
    parameters = dict(module.named_parameters())
    for key, grad in golden.get("grad", {}).items():
        close(parameters[key].grad, grad)
    for key, value in golden.get("after", {}).items():
        close(module.get_buffer(key), value)


@pytest.fixture(scope="module")
def cpp_face(tmp_path_factory):
    """State and text of each module of the C++ face made with seed 0."""
    program = Path(os.environ.get("LYDIA_BIN", "build/release/lydia")).parent / "tests" / "test_nn"
    if not program.exists():
        pytest.skip("needs the C++ tests")
    path = tmp_path_factory.mktemp("faces") / "cpp.safetensors"
    subprocess.run([program, "--no-skip", "--test-case=write the first values"], check=True,
                   env={**os.environ, "LYDIA_NN_FACE": str(path)}, capture_output=True)
    with lydia.safetensors.safe_open(path, framework="pt") as f:
        return {key: f.get_tensor(key) for key in f.keys()}, f.metadata()


@pytest.mark.parametrize("name", CASES)
def test_both_faces_start_alike(name, cpp_face):
    tensors, texts = cpp_face
    assert name in texts, "the C++ face has no such case"
    lydia.manual_seed(0)
    state = make(name).state_dict()
    theirs = {k.split("/")[1]: v for k, v in tensors.items() if k.startswith(f"{name}/")}
    assert sorted(state) == sorted(theirs)
    assert list(state) == [k for k in texts[name].split(",") if k]
    for key, value in state.items():
        assert value.dtype == theirs[key].dtype and value.tolist() == theirs[key].tolist()
