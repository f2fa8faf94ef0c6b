"""A few lines of SVG: elements whose text and attributes are always escaped, wrapped with a title and a description.

Why not Altair and vl-convert here: measured on two cores, a layered fan chart took 40 ms to build and 35 ms to convert,
46 kB each and 290 MB of memory; the report needs about 90 of them in two widths. These take about 1 ms and 6 kB, and the
labels can be kept from overlapping.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

# Wong's palette (Nature Methods 2011), safe for colour-blind readers; darkened where 4.5:1 on white needs it. Each mark
# also differs by shape, dash or label, so no colour carries meaning alone.
STYLE = """
.fc{font-family:inherit;display:block;width:100%;height:auto}
.fc text{font-family:Arial,Helvetica,"Liberation Sans",sans-serif;font-size:13px;fill:#1d2328}
.fc .mute{fill:#4a5560}.fc .strong{font-weight:bold}
.fc .end{text-anchor:end}.fc .mid{text-anchor:middle}
.fc .halo{paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}
.fc .grid{stroke:#dfe4e8;stroke-width:1}.fc .axis{stroke:#6b7680;stroke-width:1}
.fc .shade{fill:#ececec}.fc .break{stroke:#5c6670;stroke-width:1.5;stroke-dasharray:8 3 2 3}
.fc .b95{fill:#cfe1f2}.fc .b80{fill:#9cc3e4}
.fc .median{stroke:#12436d;stroke-width:2;stroke-dasharray:6 4;fill:none}
.fc .hist{stroke:#1d2328;stroke-width:1.75;fill:none}.fc .dot{fill:#1d2328;stroke:#fff;stroke-width:1}
.fc .whisk{stroke:#5c6670;stroke-width:1.25;fill:none}
.fc .later{fill:#fff;stroke:#1d2328;stroke-width:1.5}.fc .laterline{fill:none;stroke:#1d2328;stroke-width:1.1}
.fc .comp{stroke:#6b6b6b;stroke-width:1.25;fill:none;stroke-dasharray:2 3}
.fc .target{stroke:#a8320f;stroke-width:1.75;stroke-dasharray:10 4;fill:none}.fc .tmark{fill:#a8320f;stroke:#fff;stroke-width:1.5}
.fc .judged{stroke:#a8320f;stroke-width:3}
.fc text.tlab{fill:#a8320f}.fc text.flab{fill:#12436d}.fc text.small{font-size:12px}
.fc .stone{fill:#fff;stroke:#a8320f;stroke-width:1.75}
.fc .lead{stroke:#98a2ab;stroke-width:.75;fill:none}
.fc .track{fill:#e6eaee}.fc .bar{fill:#12436d}.fc .tick{stroke:#fff;stroke-width:1.5}
.fc .hit{fill:#12436d;stroke:#12436d;stroke-width:1.5}.fc .miss{fill:none;stroke:#a8320f;stroke-width:2.5}
.fc .leftout{fill:none;stroke:#1d2328;stroke-width:2}
.fc .open{fill:#fff;stroke:#4a5560;stroke-width:1.5}
.fc .tenth{fill:#9cc3e4;stroke:#12436d;stroke-width:1}.fc .honest{stroke:#1d2328;stroke-width:1.5;stroke-dasharray:2 3}
.fc .calib{stroke:#12436d;stroke-width:2;fill:none}
""".strip()


def element(name: str, text: str = "", /, **attributes: object) -> str:
    """One element; `class_` becomes class, underscores become hyphens, text and values are escaped, None is left out."""
    parts = [f' {_attribute(key)}="{escape(_plain(value))}"' for key, value in attributes.items() if value is not None]
    opening = f"<{name}{''.join(parts)}"
    return f"{opening}>{escape(text)}</{name}>" if text else f"{opening}/>"


def line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=style)


def rectangle(x: float, y: float, width: float, height: float, style: str) -> str:
    """A rectangle; nothing when it has no width."""
    return element("rect", x=x, y=y, width=width, height=height, class_=style) if width > 0 else ""


def circle(x: float, y: float, radius: float, style: str) -> str:
    """A circle."""
    return element("circle", cx=x, cy=y, r=radius, class_=style)


def diamond(x: float, y: float, radius: float, style: str) -> str:
    """A diamond standing on its point."""
    points = ((x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y))
    return element("path", d=f"M{_points(points)}Z", class_=style)


def cross(x: float, y: float, radius: float, style: str) -> str:
    """A diagonal cross."""
    near, far = _plain(x - radius), _plain(x + radius)
    top, foot = _plain(y - radius), _plain(y + radius)
    return element("path", d=f"M{near} {top}L{far} {foot}M{near} {foot}L{far} {top}", class_=style)


def polyline(points: Sequence[tuple[float, float]], style: str, closed: bool = False) -> str:
    """A line through points, closed to an area when asked; nothing for fewer than two points."""
    return element("path", d=f"M{_points(points)}{'Z' if closed else ''}", class_=style) if len(points) > 1 else ""


def whiskers(bars: Iterable[tuple[float, float, float]], cap: float, style: str) -> str:
    """Interval bars (x, top, foot) with short caps, all in one path."""
    parts = []
    for x, top, foot in bars:
        left, width = _plain(x - cap), _plain(2 * cap)
        parts.append(f"M{_plain(x)} {_plain(top)}V{_plain(foot)}M{left} {_plain(top)}h{width}M{left} {_plain(foot)}h{width}")
    return element("path", d="".join(parts), class_=style) if parts else ""


def text(x: float, y: float, words: str, style: str = "") -> str:
    """A line of text with its baseline at y."""
    return element("text", words, x=x, y=y, class_=style or None)


def picture(parts: Iterable[str], width: float, height: float, key: str, title: str, description: str, style: str = "") -> Markup:
    """A whole SVG with its title and description for a screen reader; `key` makes the ids unique on the page."""
    names = f"{key}-t {key}-d"
    head = (
        f'<svg class="{escape(("fc " + style).strip())}" viewBox="0 0 {_plain(width)} {_plain(height)}" role="img" '
        f'aria-labelledby="{escape(names)}" xmlns="http://www.w3.org/2000/svg">'
    )
    words = element("title", title or "Chart", id=f"{key}-t") + element("desc", description or "Chart", id=f"{key}-d")
    # Safe as Markup: every part is built by element(), which escapes its text and attributes.
    return Markup(head + words + "".join(parts) + "</svg>")  # noqa: S704


def ornament(parts: Iterable[str], width: float, height: float, style: str) -> Markup:
    """A whole SVG that says nothing but what stands beside it in words, and that a screen reader passes over."""
    box = f"0 0 {_plain(width)} {_plain(height)}"
    head = f'<svg class="{escape("fc " + style)}" viewBox="{box}" aria-hidden="true" xmlns="http://www.w3.org/2000/svg">'
    return Markup(head + "".join(parts) + "</svg>")  # noqa: S704 - built by element(), as above


def _points(points: Iterable[tuple[float, float]]) -> str:
    return "L".join(f"{_plain(x)} {_plain(y)}" for x, y in points)


def _plain(value: object) -> str:
    """Coordinates with one decimal at most: exact enough on screen, and the page stays small."""
    if isinstance(value, float):
        digits = f"{value:.1f}"
        return digits[:-2] if digits.endswith(".0") else digits
    return str(value)


def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-") if key != "viewBox" else key
