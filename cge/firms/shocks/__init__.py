"""Firms whose entry and demand are shocked in every market (chapter, section 6.4; Eaton, Kortum and Kramarz 2011; Arkolakis 2010)."""
