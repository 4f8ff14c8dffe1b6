"""Firms that choose how much to innovate (chapter, section 9.2.2; Atkeson and Burstein 2010)."""
