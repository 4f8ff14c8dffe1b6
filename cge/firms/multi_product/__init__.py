"""Firms with many products (chapter, section 9.1; Bernard, Redding and Schott 2011)."""
