"""What may stand in a run file: the keys of every table, their types, defaults and what to give."""
