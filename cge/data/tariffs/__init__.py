"""Tariff rates: in files, averaged to sectors, attached to an economy."""
