"""Operations on each channel of each block of images by itself."""
from functools import lru_cache

from ..layout import layout
from ..plan import Plan


@lru_cache(maxsize=256)
def channelwise_plan(task, **given):
    """One row whose slices are channels of blocks: of each operand the shape of its batch, or the numbers that it is."""
    kinds = task.family.operands.kinds
    operands = {name: value if kinds[name].words else layout(value).all_lanes(name) for name, value in given.items()}
    blocks, channels = [operand.shape for name, operand in operands.items() if not kinds[name].words][-1][:2]
    return Plan().add(task, blocks * channels, blocks=blocks, **operands).finish()
