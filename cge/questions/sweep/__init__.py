"""Many scenarios of one run file."""
