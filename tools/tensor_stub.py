"""Prints what the stub of lydia._C adds to class Tensor: the methods and properties that are written in
Python, as a pattern file of nanobind's stubgen. Usage: tensor_stub.py FOLDER_OF_THE_PACKAGE
"""
import inspect
import sys


def parameters(function):
    """The parameters of a function as a stub writes them."""
    kept = [p.replace(annotation=p.empty, default=p.default if p.default is p.empty else ...)
            for p in inspect.signature(function).parameters.values()]
    return str(inspect.Signature(kept)).replace("Ellipsis", "...")


def lines(cls):
    """One stub for each part of the class that is a Python function or property."""
    for name, part in sorted(vars(cls).items()):
        if isinstance(part, property):
            yield f"@property\n    def {name}(self): ..."
        elif inspect.isfunction(part):
            yield f"def {name}{parameters(part)}: ..."


def main():
    sys.path.insert(0, sys.argv[1])
    import lydia
    print("_C._(fft|io|linalg):\n")  # submodules, whose functions lydia.linalg and others offer
    print("_C.__suffix__:\n    __version__: str\n")
    print("_C.Tensor.__suffix__:")
    for line in lines(lydia.Tensor):
        print(f"    {line}")


if __name__ == "__main__":
    main()
