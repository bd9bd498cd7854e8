"""Weights divided by their largest singular value, so that a layer lengthens no vector: its Lipschitz constant is about 1.

Source: Miyato, Kataoka, Koyama & Yoshida, Spectral Normalization for Generative Adversarial Networks, ICLR 2018,
arXiv:1802.05957, section 2.1 and algorithm 1 (appendix A).
"""

from numbacnn.nn.transposed import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from numbacnn.nn.utils.reparameterization import hook_of, put_back
from numbacnn.tensors.creation import randn
from numbacnn.tensors.tape import no_grad

TRANSPOSED = (ConvTranspose1d, ConvTranspose2d, ConvTranspose3d)  # output channels are their second dimension


class SpectralNorm:
    """The forward pre-hook that makes the weight anew: W / sigma."""

    def __init__(self, name, n_power_iterations, dim, eps):
        self.name, self.n_power_iterations, self.dim, self.eps = name, n_power_iterations, dim, eps

    def matrix(self, weight):
        """The weight (OC, the rest), with the dimension `dim` first."""
        if self.dim:
            weight = weight.permute(self.dim, *(axis for axis in range(weight.ndim) if axis != self.dim))
        return weight.reshape(weight.shape[0], -1)

    def improve(self, module, times):
        """Move u and v towards the singular vectors, in place; the power iteration."""
        u, v = getattr(module, f"{self.name}_u"), getattr(module, f"{self.name}_v")
        with no_grad():
            matrix = self.matrix(getattr(module, f"{self.name}_orig"))
            for _ in range(times):
                v.copy_(self.unit(matrix.t() @ u))
                u.copy_(self.unit(matrix @ v))

    def unit(self, vector):
        """The vector with length 1."""
        return vector / (vector * vector).sum().sqrt().clamp(min=self.eps)

    def weight(self, module):
        """The weight divided by sigma = u^T W v, on the tape; u and v count as constants."""
        weight = getattr(module, f"{self.name}_orig")
        u, v = (getattr(module, f"{self.name}_{which}").clone() for which in "uv")
        return weight / (u * (self.matrix(weight) @ v)).sum()

    def __call__(self, module, args):
        if module.training:
            self.improve(module, self.n_power_iterations)
        setattr(module, self.name, self.weight(module))


def spectral_norm(module, name="weight", n_power_iterations=1, eps=1e-12, dim=None):
    """Divide a weight by an estimate of its largest singular value, made anew before each forward.

    The Parameter `name` gives way to `name_orig`; the buffers `name_u` and `name_v` approach its singular vectors, by
    `n_power_iterations` steps of the power iteration in each forward pass in training mode.

    Parameters
    ----------
    module : Module
    name : str
        Of its Parameter, of two dimensions or more.
    n_power_iterations : int
        At least 1.
    eps : float
        The least length that a vector is divided by.
    dim : int, optional
        Which dimension counts the outputs: 1 for transposed convolutions, else 0.

    Returns
    -------
    Module
        `module` itself.

    Raises
    ------
    RuntimeError
        If the weight is normalized so already.
    ValueError
        If `n_power_iterations` is below 1.
    """
    if hook_of(module, SpectralNorm, name):
        raise RuntimeError(f"Cannot register two spectral_norm hooks on the same parameter {name}")
    if n_power_iterations < 1:
        raise ValueError(f"spectral_norm: n_power_iterations must be at least 1, not {n_power_iterations}")
    weight = getattr(module, name)
    if dim is None:
        dim = 1 if isinstance(module, TRANSPOSED) else 0
    hook = SpectralNorm(name, n_power_iterations, dim, eps)
    rows, columns = hook.matrix(weight.detach()).shape
    delattr(module, name)
    module.register_parameter(f"{name}_orig", weight)  # that very Parameter: an optimizer may know it
    for which, length in (("u", rows), ("v", columns)):
        module.register_buffer(f"{name}_{which}", hook.unit(randn(length, dtype=weight.dtype)))
    setattr(module, name, weight.detach())
    module.register_forward_pre_hook(hook)
    return module


def remove_spectral_norm(module, name="weight"):
    """Make the weight of `spectral_norm` a Parameter again, with the numbers of the next forward in evaluation mode.

    Returns
    -------
    Module
        `module` itself.

    Raises
    ------
    ValueError
        If it is not normalized so.
    """
    hook = hook_of(module, SpectralNorm, name)
    if hook is None:
        raise ValueError(f"spectral_norm of '{name}' not found in {type(module).__name__}")
    return put_back(module, hook, hook.weight(module), f"{name}_orig", f"{name}_u", f"{name}_v")
