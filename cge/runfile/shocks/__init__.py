"""The tables of a shock as arrays: which cells an entry means, and what becomes of them."""
