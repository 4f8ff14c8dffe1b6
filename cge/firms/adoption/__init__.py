"""Firms that may pay for a better technology (chapter, section 9.2.1; Bustos 2011, Yeaple 2005)."""
