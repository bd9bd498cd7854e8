"""How fast a training was, and how near to what the machine can do."""
from statistics import mean

from numba.core import config

from numbacnn.cli.output import percent
from numbacnn.engine import get_num_threads, set_num_threads
from numbacnn.ladder.peak import fma_peak
from numbacnn.models.layer_table import layer_table
from numbacnn.models.training_cost import training_multiply_adds
from numbacnn.train.freezing import frozen_layers

WORTH_MEASURING = 1.0  # seconds of training: after less, a twentieth of a second for the peak would be felt
IDLE = 0.9  # all threads together that do less than this part of what one does alone are not alone on the machine


def speed(model, input_shape, settings, epochs, images_per_second, measure_peak):
    """Rates of a training as plain values.

    Parameters
    ----------
    model : numbacnn.nn.Module
    input_shape : tuple of int
        Of one example, as `layer_table` takes it.
    settings : Settings
        Frozen layers cost less.
    epochs : int
        How many were trained; the cost is their mean.
    images_per_second : float or None
        Training alone: fetching a batch, augmentation, forward, backward, step; neither compiling nor evaluation.
    measure_peak : bool
        Whether to measure the machine's multiply-add peak for comparison.

    Returns
    -------
    dict
        `training_mflop_an_image`, `gflops`, `peak_gflops` and `share_of_peak`; None for what was not measured, or could
        not be because other programs were using the cores.
    """
    rows, frozen = layer_table(model, *input_shape), frozen_layers(model, settings.freeze)
    flop = 2 * mean(training_multiply_adds(rows, frozen if settings.is_frozen_in(epoch) else ())
                    for epoch in range(1, max(epochs, 1) + 1))
    gflops = None if images_per_second is None else flop * images_per_second / 1e9
    peak = measured_peak() if gflops is not None and measure_peak else None
    if peak is not None and gflops > peak:
        peak = None
    return {"training_mflop_an_image": flop / 1e6, "gflops": gflops, "peak_gflops": peak,
            "share_of_peak": None if peak is None else gflops / peak}


def measured_peak():
    """GFLOP/s of independent multiply-adds on all threads; None on a busy machine, or where nothing is compiled."""
    if config.DISABLE_JIT:
        return None
    threads = get_num_threads()
    try:
        set_num_threads(1)
        alone = fma_peak(4)
    finally:
        set_num_threads(threads)
    together = fma_peak()
    return together if together >= IDLE * alone else None


def speed_line(results, unit="images/s"):
    """`15,900 images/s in training, 36.0 GFLOP/s · 4.1 s from the start`."""
    rate = ""
    if results["gflops"] is not None:
        peak = results["peak_gflops"]
        share = "" if peak is None else f", {percent(results['share_of_peak'])} of the machine's peak of {peak:.0f}"
        rate = f"{results['images_per_second']:,.0f} {unit} in training, {results['gflops']:.3g} GFLOP/s{share} · "
    return f"{rate}{results['seconds']:.1f} s from the start"
