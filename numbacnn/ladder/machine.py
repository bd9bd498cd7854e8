"""The machine and the versions that a measurement was made with."""
import platform
import re
import subprocess
from pathlib import Path

from numbacnn.simd.choice import CPU, L, T_MAX


def machine():
    """CPU, system and the extents of numbers on it, as a dict."""
    return {"cpu": cpu_model(), "system": f"{platform.system()} {platform.machine()}", "vectors": CPU,
            "images_a_number": L, "largest_tile": T_MAX}


def cpu_model():
    """The CPU's name as the system gives it; its architecture where the system gives none."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        found = re.search(r"^model name\s*:\s*(.+)$", info.read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return found[1].strip()
    if platform.system() == "Darwin":
        done = subprocess.run(["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=False)
        if done.stdout.strip():
            return done.stdout.strip()
    return platform.processor() or platform.machine()
