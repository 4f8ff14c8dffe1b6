"""Instruments of telling: terminal, page, figures, tables for papers."""
