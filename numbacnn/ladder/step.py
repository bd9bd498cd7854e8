"""A training step of LeNet twice: by hand for the rungs without a tape, as a PyTorch program for the others."""
import numpy as np

from numbacnn.ladder.ops import BATCH, LEARNING_RATE, MOMENTUM, PARAMETERS, Work, whole


class HandStep:
    """Forward, backward and SGD spelled out over the functions of a rung (`textbook.Floats`, `arrays.Arrays`).

    ReLU stands behind the pooling, which gives the same numbers and gradients for a quarter of the work.
    """

    def __init__(self, rung, arrays):
        self.rung, self.target = rung, arrays["target"]
        self.x = rung.enter(arrays["x"])
        self.params = [arrays[name].copy() for name in PARAMETERS]
        self.velocities = [np.zeros_like(param) for param in self.params]
        self.grads = None

    def gradients(self):
        """The gradient of each parameter, in their order."""
        rung, pairs = self.rung, list(zip(self.params[0::2], self.params[1::2]))
        conv_weights, dense_layers = [weight for weight, _ in pairs[:2]], pairs[2:]

        out1, saved1 = rung.conv(self.x, *pairs[0], 2)
        pooled1, tap1 = rung.pool(out1)
        a1 = rung.relu(pooled1)
        out2, saved2 = rung.conv(a1, *pairs[1], 0)
        pooled2, tap2 = rung.pool(out2)
        a2 = rung.relu(pooled2)
        inputs = [rung.flatten(a2)]
        for weight, bias in dense_layers[:-1]:
            inputs.append(rung.relu(rung.dense(inputs[-1], weight, bias)))
        scores = rung.dense(inputs[-1], *dense_layers[-1])

        dout, grads = rung.loss(scores, self.target), []
        for place in (2, 1, 0):
            dx, *both = rung.dense_backward(dout, inputs[place], dense_layers[place][0])
            grads[:0] = both
            dout = rung.relu_backward(dx, inputs[place])
        dout = rung.pool_backward(dout.reshape(a2.shape), tap2)
        dx, *both = rung.conv_backward(dout, saved2, conv_weights[1], 0, True)
        grads[:0] = both
        dout = rung.pool_backward(rung.relu_backward(dx, a1), tap1)
        _, *both = rung.conv_backward(dout, saved1, conv_weights[0], 2, False)
        self.grads = [*both, *grads]

    def update(self):
        """One step of the optimizer."""
        self.rung.update(self.params, self.grads, self.velocities)

    def work(self):
        """The gradients of as many images as were given, for each of them, and one update a batch."""
        return Work([(self.gradients, BATCH / len(self.target)), (self.update, 1)], lambda: tuple(self.params))


def lenet(nn):
    """LeNet-5, net B, in either library."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def load(model, arrays, tensor):
    """Give a model the parameters in `arrays`; returns the model."""
    model.load_state_dict({name: tensor(arrays[given]) for name, given in zip(model.state_dict(), PARAMETERS)})
    return model


def program_step(model, compiled, nn, optim, x, target, variant="", **options):
    """The Work of the usual loop's body on either library.

    `compiled` is the model or what stands in for it, `options` are for the optimizer.
    """
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM, **options)

    def step():
        optimizer.zero_grad()
        loss = criterion(compiled(x), target)
        loss.backward()
        optimizer.step()
        return loss.item()

    return whole(step, lambda _: tuple(param.detach().clone().numpy() for param in model.parameters()), len(target),
                 variant)
