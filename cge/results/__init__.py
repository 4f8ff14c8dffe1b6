"""What a solution says."""
