"""Where the time goes: kernels, their bytes, and memory."""
import functools

from . import _C


class profile:
    """Listens to every kernel, in all threads, inside the `with` block.

        with lydia.profiler.profile() as p:
            model(x).sum().backward()
        print(p.table())
        p.export_chrome_trace("trace.json")
    """

    def __init__(self):
        self._profiler = _C._Profiler()

    def start(self):
        """Begins to listen."""
        self._profiler.start()

    def stop(self):
        """Ends listening."""
        self._profiler.stop()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def events(self):
        """One dict per kernel run: name, start_ns, duration_ns, bytes_in, bytes_out, allocated,
        thread, range."""
        return self._profiler.events()

    def key_averages(self):
        """One dict per op, longest total first: name, calls, total_ns, longest_ns, bytes_in,
        bytes_out."""
        return self._profiler.rows()

    def table(self, row_limit=30):
        """key_averages() as text."""
        return self._profiler.table(row_limit)

    def chrome_trace(self):
        """The events as JSON for chrome://tracing or Perfetto."""
        return self._profiler.chrome_trace()

    def export_chrome_trace(self, path):
        """Writes chrome_trace() to a file."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.chrome_trace())


class record_function:
    """Names a stretch of work in the trace: a `with` block or a decorated function."""

    def __init__(self, name):
        self._name = name
        self._range = _C._ProfileRange(name)

    def __enter__(self):
        self._range.__enter__()
        return self

    def __exit__(self, *_):
        self._range.__exit__()

    def __call__(self, function):
        @functools.wraps(function)
        def wrapped(*args, **kwargs):
            with record_function(self._name):
                return function(*args, **kwargs)
        return wrapped
