"""From a system to a verified equilibrium."""
