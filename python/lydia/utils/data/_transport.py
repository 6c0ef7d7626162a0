"""Python objects through a pipe; the memory of tensors and arrays goes as it is, beside the pickle."""
import io
import pickle

from ... import _C
from ..._C import Tensor


def _rebuild(data, dtype, shape):
    return _C._tensor_of_bytes(data, dtype).reshape(shape)


class _Pickler(pickle.Pickler):
    def reducer_override(self, value):
        # Only this tensor's own elements travel, not the storage it may be a small view of.
        if type(value) is not Tensor or value.requires_grad or value.numel() == 0 or value.__dict__:
            return NotImplemented
        data = pickle.PickleBuffer(_C._bytes_of(value.contiguous()))
        return _rebuild, (data, value.dtype, tuple(value.shape))


def send(pipe, message):
    """Sends an object."""
    buffers, head = [], io.BytesIO()
    _Pickler(head, protocol=5, buffer_callback=buffers.append).dump(message)
    pipe.send_bytes(len(buffers).to_bytes(8, "little"))
    pipe.send_bytes(head.getbuffer())
    for buffer in buffers:
        pipe.send_bytes(buffer.raw())


def receive(pipe):
    """What send() sent."""
    count = int.from_bytes(pipe.recv_bytes(), "little")
    head = pipe.recv_bytes()
    return pickle.loads(head, buffers=[pipe.recv_bytes() for _ in range(count)])
