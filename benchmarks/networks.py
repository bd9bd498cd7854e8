"""Training steps of the course's networks: numbacnn beside PyTorch's best.

`python benchmarks/networks.py [--rounds 5] [--json FILE]`; PyTorch must be installed.  float32, batch 64, SGD with
momentum 0.9, on the same arrays in memory.  PyTorch runs eager in the default layout and, for images, in channels_last,
with one and with all threads; the best of these counts.  Forward (with the loss), backward and optimizer are timed in
steps of their own: numbacnn computes when a result is read, so there each part is finished before the next begins, and a
whole step is a little faster than its parts.  Chains of layers without dropout and batch normalization are also replayed,
TOGETHER steps in one call of `numbacnn.train.TrainingSteps`, beside PyTorch's whole step.
"""
import time

from alternate import compare, spread
from nets import NETWORKS

BATCH = 64
TIMED = 0.4  # seconds for each measurement
FEWEST = 5  # steps at least
PROBES = 2  # steps that tell which of PyTorch's ways is its best, after one more
PARTS = ("step", "forward", "backward", "optimizer")
TOGETHER = 8  # steps in a call


def median(times):
    return sorted(times)[len(times) // 2]


def milliseconds(parts, split):
    """What one step, or each of its parts, takes; `parts(split)` makes a step and yields behind each part."""
    marks = [time.perf_counter()] + [time.perf_counter() for _ in parts(split)]
    return [1e3 * (later - earlier) for earlier, later in zip(marks, marks[1:])]


def repeated(parts, split):
    """Milliseconds of step after step."""
    rows, begin = [], time.perf_counter()
    while len(rows) < FEWEST or time.perf_counter() - begin < TIMED:
        rows.append(milliseconds(parts, split))
    return rows


def measure(parts):
    """Median milliseconds of whole steps and of their parts."""
    for _ in range(3):
        milliseconds(parts, False)
    whole = median([sum(row) for row in repeated(parts, False)])
    return dict(zip(PARTS, [whole, *(median(column) for column in zip(*repeated(parts, True)))]))


def data(shape, tokens, classes):
    import numpy as np

    rng = np.random.default_rng(0)
    x = rng.integers(0, tokens, (BATCH, *shape)) if tokens else rng.standard_normal((BATCH, *shape)).astype(np.float32)
    return x, rng.integers(0, classes, BATCH)


def step_of(model, criterion, optimizer, x, y, finish):
    def parts(split):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        if split:
            finish()
        yield
        loss.backward()
        if split:
            finish()
        yield
        optimizer.step()
        finish()
        yield
    return parts


def ours():
    import numpy as np

    import numbacnn as nb
    from numbacnn import nn, optim
    from numbacnn.engine import finish
    from numbacnn.train import TrainingSteps

    answer = {}
    for name, (network, *shapes) in NETWORKS.items():
        x, y = (nb.tensor(array) for array in data(*shapes))
        model = network(nn, nn.functional, nb.cat)
        parts = model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
        answer[name] = measure(step_of(*parts, x, y, finish))
        steps = TrainingSteps(*parts)
        batches = [np.broadcast_to(array.numpy(), (TOGETHER, *array.shape)) for array in (x, y)]
        for _ in range(3):
            steps(*batches)
        if steps.replayed:
            calls = repeated(lambda split: [steps(*batches)], False)
            answer[name]["replayed"] = median([sum(row) for row in calls]) / TOGETHER
    return answer


def pytorch():
    import torch
    from torch import nn, optim

    answer = {}
    every = torch.get_num_threads()
    for name, (network, *shapes) in NETWORKS.items():
        ways = {}
        for threads in sorted({1, every}):
            for layout in ("contiguous_format", "channels_last")[:2 if len(shapes[0]) == 3 else 1]:
                torch.set_num_threads(threads)
                form = getattr(torch, layout)
                x, y = (torch.tensor(array) for array in data(*shapes))
                model = network(nn, nn.functional, torch.cat).to(memory_format=form)
                optimizer = optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
                parts = step_of(model, nn.CrossEntropyLoss(), optimizer, x.contiguous(memory_format=form), y, lambda: None)
                probes = [sum(milliseconds(parts, False)) for _ in range(1 + PROBES)]
                ways[threads, layout] = min(probes[1:]), parts
        threads, layout = min(ways, key=lambda way: ways[way][0])
        torch.set_num_threads(threads)
        answer[name] = {**measure(ways[threads, layout][1]), "way": f"{layout}, {threads} threads"}
    return answer


def show(results):
    """Print a row for each network: milliseconds of ours and PyTorch's, and the ratio of neighboring rounds."""
    print(f"{'network':11} {'part':10} {'numbacnn ms':>12} {'PyTorch ms':>12}  ratio (from, to)")
    for name in NETWORKS:
        for part in (*PARTS, "replayed"):
            if part not in results["numbacnn"][0][name]:
                continue
            mine = [run[name][part] for run in results["numbacnn"]]
            theirs = [run[name].get(part, run[name]["step"]) for run in results["pytorch"]]
            middle, low, high = spread([b / a for a, b in zip(mine, theirs)])
            print(f"{name:11} {part:10} {spread(mine)[0]:12.2f} {spread(theirs)[0]:12.2f}  "
                  f"{middle:.2f} ({low:.2f} to {high:.2f})")


if __name__ == "__main__":
    compare(__file__, {"numbacnn": ours, "pytorch": pytorch}, show, __doc__.splitlines()[0])
