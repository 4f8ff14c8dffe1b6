"""The questions of a run file, a folder each (the answer, what the terminal shows of it, its page), and the table of them."""
