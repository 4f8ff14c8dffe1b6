"""A journal's page, for which figures are made: its letters, its column, and colours that survive print and colour blindness."""

from __future__ import annotations

BLUE, VERMILLION = "#0072B2", "#D55E00"
"""Two colours that colour-blind readers tell apart (Okabe and Ito, Color Universal Design, 2008)."""

SIZE = (3.4, 2.6)
"""Inches: one column of a two-column page."""

FONT = 8
"""Points."""
