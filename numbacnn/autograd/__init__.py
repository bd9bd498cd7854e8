"""Gradients asked for by hand: `grad` and `backward` of several Tensors, operations with a backward of your own."""

from numbacnn.autograd import functional, profiler
from numbacnn.autograd.checking import gradcheck
from numbacnn.autograd.function import Function
from numbacnn.autograd.gradients import backward, grad
from numbacnn.autograd.variable import Variable
from numbacnn.tensors.absent import refusing
from numbacnn.tensors.grad_modes import inference_mode, set_grad_enabled
from numbacnn.tensors.tape import enable_grad, no_grad

__all__ = ["Function", "Variable", "backward", "enable_grad", "functional", "grad", "gradcheck", "inference_mode", "no_grad",
           "profiler", "set_grad_enabled"]
__getattr__ = refusing(__name__, __all__)
