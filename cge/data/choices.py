"""Choices that whoever reads data has, each once: what options of commands, keys of run files and arguments of functions may be."""

from __future__ import annotations

from typing import Literal

Source = Literal["wiod2013", "wiod2016", "icio", "figaro", "adb", "mrio", "gtap", "tidy"]
"""Who publishes a table (a row each in `cge.data.sources.READERS`)."""

Inventories = Literal["refuse", "keep", "drop", "spread", "zero"]
"""What becomes of negative changes in inventories: an error, or a rule of `cge.data.sources.inventories`."""

Subsidies = Literal["refuse", "zero"]
"""What becomes of tariffs below zero: an error, or none."""

Average = Literal["simple", "weighted"]
"""How rates of products become the rate of a sector: their mean, or their mean with weights of trade."""

Missing = Literal["refuse", "zero", "benchmark"]
"""What a cell with trade and without a rate becomes: an error, no tariff, or the rate that the economy has already."""

Inputs = Literal["net", "gross", "mixed"]
"""Whether intermediates of an economy leave the new tariffs out (basic prices) or hold them already (prices paid); `mixed`: net where that can be."""

Unit = Literal["rate", "percent", "power"]
"""0.25, 25 and 1.25 of the same tariff."""

TariffLayout = Literal["wits", "wto", "teti", "comtrade", "macmap"]
"""Who publishes a table of tariffs, or of the trade that weighs them (rows of `cge.data.tariffs.layouts.LAYOUTS`)."""

Negative = Literal["refuse", "clip", "country"]
"""What a negative payment becomes (capital is a remainder: where the self-employed are imputed more than there is, it is below zero): an error;
zero, the others scaled; or the shares of the country over its other sectors."""

Gaps = Literal["leave", "average"]
"""What cells without payments become: left out, so that `with_factors` names them; or the shares of their country, and in countries without
any account the simple mean over the countries that have one."""

InternalTariffs = Literal["refuse", "value_added"]
"""What becomes of tariffs between countries that become one: an error, or income of the factors that make the good."""

Accounts = Literal["wiod2013", "wiod2016", "pwt"]
"""Who publishes factor accounts (a row each in `cge.data.factors.accounts_file.SOURCES`)."""

MovesWith = Literal["output", "employment"]
"""What a satellite account is in proportion to in a cell (a row each in `cge.results.satellites.MOVES`)."""
