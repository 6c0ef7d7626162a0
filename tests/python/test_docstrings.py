"""Every public function, class, method and property of the package says what it does, and the stub
of the compiled module names what the module has."""
import ast
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import lydia

MODULES = ["lydia"] + sorted(
    m.name for m in pkgutil.walk_packages(lydia.__path__, "lydia.")
    if not any(part.startswith("_") for part in m.name.split(".")))


def is_compiled(o):
    return type(o).__name__ in ("nb_func", "nb_method")


def is_documented(o):
    text = inspect.getdoc(o) or ""
    if is_compiled(o):  # the signatures stand before the text
        name = re.escape(o.__name__)
        lines = [line.strip() for line in text.splitlines()]
        return any(line and not re.match(rf"(\d+\. ``)?{name}\(|Overloaded function", line) for line in lines)
    return len(text) > 2


def belongs(o):
    return is_compiled(o) or (getattr(o, "__module__", None) or "").startswith("lydia")


def parts_without_text(cls):
    """The names of public methods and properties that neither cls nor a base documents."""
    for name in dir(cls):
        defined = [vars(base)[name] for base in cls.__mro__
                   if name in vars(base) and (base.__module__ or "").startswith("lydia")]
        parts = [o.__func__ if isinstance(o, (staticmethod, classmethod)) else o for o in defined]
        parts = [o for o in parts if inspect.isroutine(o) or isinstance(o, property)]
        if parts and not name.startswith("_") and not any(is_documented(o) for o in parts):
            yield f"{cls.__name__}.{name}"


@pytest.mark.parametrize("name", MODULES)
def test_documented(name):
    module = importlib.import_module(name)
    assert module.__doc__ or name.startswith("lydia._"), f"{name} has no docstring"
    missing = []
    for key, o in vars(module).items():
        if key.startswith("_") or not belongs(o):
            continue
        if inspect.isclass(o):
            if not is_documented(o):
                missing.append(key)
            if not (issubclass(o, tuple) and hasattr(o, "_fields")):  # namedtuples' own methods
                missing += parts_without_text(o)
        elif callable(o) and not is_documented(o):
            missing.append(key)
    assert not missing, f"{name} lacks docstrings of {', '.join(sorted(set(missing)))}"


def named(body):
    """The names that the statements of a class in a stub define, aliases included."""
    for n in body:
        if isinstance(n, ast.FunctionDef):
            yield n.name
        elif isinstance(n, ast.AnnAssign):
            yield n.target.id
        elif isinstance(n, ast.Assign):
            yield from (t.id for t in n.targets)


def test_the_stub_names_what_the_module_has():
    stub = Path(lydia.__file__).parent / "_C.pyi"
    if not stub.exists():  # a sanitized build makes none
        pytest.skip("no stub in this build")
    tree = ast.parse(stub.read_text())
    functions = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
    classes = {n.name: set(named(n.body)) for n in tree.body if isinstance(n, ast.ClassDef)}
    for name, o in vars(lydia._C).items():
        if type(o).__name__ == "nb_func" and o.__name__ == name:
            assert name in functions, name
    methods = {n for n, o in vars(lydia.Tensor).items() if n != "__new__" and (inspect.isroutine(o) or isinstance(o, property))}
    assert methods <= classes["Tensor"], methods - classes["Tensor"]
