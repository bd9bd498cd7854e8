"""One training done twice, in the plain loop and by `TrainingSteps`: a small chain, batches of noise, and what must agree."""
import numpy as np
import pytest
from numba.core import config

import numbacnn as nc
from numbacnn import nn, optim
from numbacnn.nn.utils import clip_grad_norm_
from numbacnn.train import TrainingSteps

K, N = 5, 20  # batches, images of each
compiled = pytest.mark.skipif(config.DISABLE_JIT, reason="only compiled operations are replayed")


def sgd(params):
    return optim.SGD(params, lr=0.1, momentum=0.9)


def chain(*more):
    """Nine weights, a bias, and a dense layer; `more` layers come before it."""
    nc.manual_seed(3)
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), *more, nn.Flatten(), nn.Linear(36, 5))


def batches(seed=1, dtype=np.float32):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((K, N, 1, 8, 8)).astype(dtype), rng.integers(0, 5, (K, N))


class Both:
    """Two equal models with their optimizers: one for the plain loop, one for `TrainingSteps`."""

    def __init__(self, model=chain, optimizer=sgd, criterion=nn.CrossEntropyLoss, **settings):
        self.models = model(), model()
        self.optimizers = [optimizer(each.parameters()) for each in self.models]
        self.criterion, self.clip_norm = criterion(), settings.get("clip_norm")
        self.prepare = settings.get("prepare", nc.tensor)
        self.steps = TrainingSteps(self.models[1], self.criterion, self.optimizers[1], **settings)

    def change(self, how):
        """Do the same to both models."""
        for model in self.models:
            how(model)

    def plainly(self, x, y, rates):
        """Loss and scores of each step of the plain loop."""
        (model, _), (optimizer, _) = self.models, self.optimizers
        for batch, classes, rate in zip(x, y, rates):
            out = model(self.prepare(batch))
            loss = self.criterion(out, nc.tensor(classes))
            optimizer.zero_grad()
            loss.backward()
            if self.clip_norm is not None:
                clip_grad_norm_(model.parameters(), self.clip_norm)
            if rate is not None:
                for group in optimizer.param_groups:
                    group["lr"] = rate
            optimizer.step()
            yield loss.item(), out.detach().numpy()

    def agree(self, x, y, rates=None, replayed=True):
        """Train both; losses, scores, weights and what the optimizers remember must be the same bits."""
        losses, scores = self.steps(x, y, rates)
        assert self.steps.replayed == replayed == (not self.steps.graph_break), self.steps.graph_break
        plain = [*self.plainly(x, y, rates or [None] * len(x))]
        np.testing.assert_array_equal(losses.numpy(), np.array([loss for loss, _ in plain], losses.dtype))
        np.testing.assert_array_equal(scores.numpy(), np.stack([out for _, out in plain]))
        states = [[*model.state_dict().values()] + [value for memory in optimizer.state_dict()["state"].values()
                                                    for value in memory.values()]
                  for model, optimizer in zip(self.models, self.optimizers)]
        assert len(states[0]) == len(states[1])
        for one, other in zip(*states):
            np.testing.assert_array_equal(np.asarray(one), np.asarray(other))
        assert self.optimizers[0].param_groups[0]["lr"] == self.optimizers[1].param_groups[0]["lr"]
