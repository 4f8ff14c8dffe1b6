"""Ask and see, live: a page on an economy or a run file, served to one person on this machine."""
