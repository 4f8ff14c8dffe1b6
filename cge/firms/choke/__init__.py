"""Any demand with a choke price, from primitives: sectors and countries in general equilibrium, firm by firm (chapter, footnote 37)."""
