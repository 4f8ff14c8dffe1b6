"""The system in levels: technology as a Pyomo model, solved by IPOPT."""
