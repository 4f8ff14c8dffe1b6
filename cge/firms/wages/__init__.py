"""Wage inequality among workers of heterogeneous firms (chapter, section 10; Helpman, Itskhoki and Redding 2010)."""
