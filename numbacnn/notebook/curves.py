"""Curves as SVG."""

from html import escape
from math import isfinite

COLORS, WIDTH, HEIGHT, LEFT, BELOW = ("#2166ac", "#c65a11"), 420, 160, 48, 22


def curves(title, lines, best=None):
    """Numbers epoch by epoch.

    Parameters
    ----------
    title : str
    lines : dict of str to sequence of (float or None)
        At most two, one number per epoch; numbers that are not finite are left out.
    best : int, optional
        The epoch, from 1, to mark with a line.

    Returns
    -------
    str
        Empty if there is no number.
    """
    points = {name: [(k + 1, value) for k, value in enumerate(values) if value is not None and isfinite(value)]
              for name, values in lines.items()}
    numbers = [value for line in points.values() for _, value in line]
    if not numbers:
        return ""
    low, high, last = min(numbers), max(numbers), max(2, *(epoch for line in points.values() for epoch, _ in line))

    def place(epoch, value):
        x = LEFT + (epoch - 1) * (WIDTH - LEFT - 10) / (last - 1)
        return x, HEIGHT - BELOW - (value - low) * (HEIGHT - BELOW - 12) / ((high - low) or 1)

    parts = [f'<line x1="{LEFT}" y1="{HEIGHT - BELOW}" x2="{WIDTH - 10}" y2="{HEIGHT - BELOW}" stroke="#999"/>',
             _text(0, 16, f"{high:.4g}"), _text(0, HEIGHT - BELOW, f"{low:.4g}"),
             _text(LEFT, HEIGHT - 4, f"epoch 1 to {last}" if last > 2 or len(numbers) > len(points) else "epoch 1")]
    if best:
        x, _ = place(best, low)
        parts.append(f'<line x1="{x:.1f}" y1="8" x2="{x:.1f}" y2="{HEIGHT - BELOW}" stroke="#0b7a75" stroke-dasharray="3 3"/>')
    for k, (name, line) in enumerate(points.items()):
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in line))
        parts.append(f'<polyline points="{way}" fill="none" stroke="{COLORS[k]}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{COLORS[k]}"/>' for x, y in (place(*point) for point in line[:60])]
        parts.append(_text(LEFT + 130 + 110 * k, HEIGHT - 4, name, COLORS[k]))
    return (f'<figure style="margin:4px 0;display:inline-block"><svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
            f'role="img" aria-label="{escape(title)}">{"".join(parts)}</svg><figcaption>{escape(title)}</figcaption></figure>')


def _text(x, y, text, color="#555"):
    return f'<text x="{x}" y="{y}" font-size="12" font-family="sans-serif" fill="{color}">{escape(text)}</text>'
