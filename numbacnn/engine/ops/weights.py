"""The gradients of a layer with a weight and a bias."""
from ...simd.choice import padded
from ..batch import Batch
from ..queue import Pending, enqueue


def enqueue_backward(plan, dout, x, weight, wanted):
    """(dx, dweight, dbias), as far as they are wanted, to be made by the plan."""
    want_dx, want_dweight, want_dbias = wanted
    dx = Batch(x.shape) if want_dx else None
    dweight = Pending(weight.shape) if want_dweight else None
    dbias = Pending(weight.shape[:1], room=padded(weight.shape[0])) if want_dbias else None
    enqueue(plan, dout=dout.buffer, x=x.buffer, weight=weight, dx=dx and dx.buffer,
            dweight=dweight and dweight.memory, dbias=dbias and dbias.memory)
    return dx, dweight, dbias
