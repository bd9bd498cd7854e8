"""A family of tasks that are compiled in a tenth of a second each, for tests of what is compiled where."""
from numbacnn.engine.task import Task
from numbacnn.simd import views


@Task
def write(value):
    """out[k] = value."""
    def task(table, k):
        out = views.floats(table, 0, 1)
        for i in range(1):
            out[k + i] = value
    return task
