"""Factor accounts and the shares that they make."""
