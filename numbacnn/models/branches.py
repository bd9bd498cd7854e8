"""Chains side by side: each gets the same input, and what comes out of them becomes one."""

import numbacnn
from numbacnn import nn


class Concatenated(nn.Sequential):
    """Chains side by side; their outputs (N, C_k, ...) are joined along the channels.

    A Sequential in all but the order, so what makes a chain fast makes this fast too.
    """

    def layer_by_layer(self, input):
        """Each chain's output for `input`, joined."""
        return numbacnn.cat([chain(input) for chain in self], 1)


class Residual(nn.Sequential):
    """Chains side by side, usually a body and a shortcut; their outputs, of one shape, are added.

    He, Zhang, Ren and Sun 2016, "Deep Residual Learning for Image Recognition", section 3.2.
    """

    def layer_by_layer(self, input):
        """The sum of what each chain makes of `input`."""
        first, *others = (chain(input) for chain in self)
        for out in others:
            first = first + out
        return first
