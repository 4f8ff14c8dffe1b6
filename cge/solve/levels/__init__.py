"""The system in levels: technology as a Pyomo model, solved by Newton's method and confirmed by IPOPT."""
