"""What a run file says."""
