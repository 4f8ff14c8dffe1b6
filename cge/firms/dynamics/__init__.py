"""Firms in time: stationary equilibria, transitions, export costs that are sunk (chapter, section 9.3)."""
