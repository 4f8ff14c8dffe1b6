"""Firms: what a Melitz solution says of them, in levels."""
