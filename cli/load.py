"""Whether other programs kept the cores busy before something was measured."""
import os

from numbacnn.cli.output import counted

FREE = 0.5  # of a core for each thread: where fewer are free before the start, images/s tell little about the machine


def load_before():
    """Processes that wanted a core, on average over the last minute; None where the system does not tell."""
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):  # Windows has none
        return None


def load_of(load, threads):
    """What is known of a load before the start as plain values: `load_before`, and `busy`, whether too few cores were free for the threads."""
    return {"load_before": load, "busy": load is not None and (os.cpu_count() or 1) - load < FREE * threads}


def busy_note(load, unit="images/s"):
    """`the cores were busy before the start (load 3.4 on 2 cores), so images/s may be too low`."""
    cores = counted(os.cpu_count() or 1, "cores")
    return f"the cores were busy before the start (load {load:.1f} on {cores} in the last minute), so {unit} may be too low"
