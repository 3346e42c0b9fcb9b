"""Numbers as bars, beside a picture."""

from __future__ import annotations

from unet_teach.drawing.style import YELLOW


def bar(name: str, value: float) -> str:
    """A number from 0 to 1 as a bar with its figure."""
    return (
        f'<div style="margin:6px 0"><span style="display:inline-block;min-width:8.5em">{name}'
        f"</span> <b>{value:.3f}</b>"
        '<div style="background:#E4E7EC;height:9px;border-radius:4px">'
        f'<div style="background:{YELLOW};border:1px solid #1F2430;box-sizing:border-box;'
        f'width:{100 * value:.1f}%;height:9px;border-radius:4px"></div></div></div>'
    )
