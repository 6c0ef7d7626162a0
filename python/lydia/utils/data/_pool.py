"""The worker processes of a DataLoader, seen from the loader."""
import multiprocessing
import multiprocessing.connection
import os
import signal
import time
import weakref

from ._transport import receive
from ._worker import run


def _stop(owner, processes, task_pipes):
    """Ends the workers: asks first, then insists."""
    if os.getpid() != owner:
        return  # a forked process, whose copy of the pool is being collected
    for pipe in task_pipes:
        try:
            pipe.send(None)
            pipe.close()
        except (BrokenPipeError, OSError):
            pass
    deadline = time.monotonic() + 5
    for process in processes:
        process.join(max(0.0, deadline - time.monotonic()))
        if process.is_alive():
            process.terminate()
            process.join(1)
        if process.is_alive():
            process.kill()
            process.join()


class Pool:
    """`count` worker processes; send() gives one a task, receive() waits for the next answer."""

    def __init__(self, count, dataset, options, context):
        context = context if hasattr(context, "Process") else multiprocessing.get_context(context)
        self.processes, self.tasks, self.results = [], [], []
        for id in range(count):
            tasks_here, tasks = context.Pipe(duplex=False)
            results, results_there = context.Pipe(duplex=False)
            # A forked worker would keep our ends, and those of the workers before it, open.
            forked = context.get_start_method() == "fork"
            ours = [tasks, results, *self.tasks, *self.results] if forked else []
            process = context.Process(
                target=run, daemon=True,
                args=(id, count, tasks_here, results_there, ours, dataset, options, os.getpid()))
            process.start()
            tasks_here.close()
            results_there.close()
            self.processes.append(process)
            self.tasks.append(tasks)
            self.results.append(results)
        self.pending = 0  # answers still to come
        self.stop = weakref.finalize(self, _stop, os.getpid(), self.processes, self.tasks)

    def send(self, worker, task):
        """Gives a task to a worker."""
        self.pending += task[0] == "batch"
        try:
            self.tasks[worker].send(task)
        except (BrokenPipeError, OSError):
            self._died(worker)

    def receive(self, timeout):
        """The next (worker, answer). RuntimeError when a worker has died or time is up."""
        for pipe in multiprocessing.connection.wait(self.results, timeout or None):
            worker = self.results.index(pipe)
            try:
                answer = receive(pipe)
                self.pending -= 1
                return worker, answer
            except (EOFError, OSError):
                self._died(worker)
        raise RuntimeError(f"DataLoader timed out after {timeout} seconds")

    def drain(self, timeout):
        """Takes the answers still to come, so that the workers can begin another epoch."""
        while self.pending > 0:
            self.receive(timeout)

    def _died(self, worker):
        process = self.processes[worker]
        process.join(5)
        code, how = process.exitcode, "exited unexpectedly"
        if code is not None and code < 0:
            how = f"was killed by signal {signal.Signals(-code).name}"
        elif code is not None:
            how += f" with code {code}"
        self.stop()
        raise RuntimeError(f"DataLoader worker {worker} (pid {process.pid}) {how}")
