"""Make mini.nc: three countries, two sectors, two factors, whole numbers that can be checked by hand (table in README.md)."""

from pathlib import Path

import economy_file
import numpy as np

COUNTRIES = ["Home", "North", "South"]
SECTORS = ["goods", "services"]
FACTORS = ["labour", "capital"]

# sales at producer prices, net of tariff: one table per sector, rows exporter, columns importer
FLOW = {
    "goods": [[60, 20, 10], [20, 90, 10], [10, 20, 50]],
    "services": [[100, 10, 5], [5, 150, 5], [5, 5, 60]],
}
# ad valorem rates on goods: Home on South 10 %, South on North 20 %
TARIFF = {"goods": [[0, 0, 0], [0, 0, 0.2], [0.1, 0, 0]], "services": np.zeros((3, 3))}
# purchases, tariff included: one table per country, rows input, columns sector
INTERMEDIATE = {
    "Home": [[20, 10], [15, 20]],
    "North": [[30, 15], [20, 25]],
    "South": [[20, 10], [10, 15]],
}
# factor payments: one table per country, rows sector, columns factor
VALUE_ADDED = {
    "Home": [[35, 20], [60, 25]],
    "North": [[40, 30], [80, 40]],
    "South": [[30, 20], [35, 10]],
}
ATTRS = {
    "title": "Mini: an invented world of three countries, two sectors and two factors",
    "source": "invented numbers",
    "licence": "invented numbers, same terms as this package",
    "year": "invented",
    "unit": "money",
    "note": "Every money value is a whole number. Home levies 10 % on goods from South, South 20 % on goods from North. "
    "Transfers: Home -5, North +15, South -10.",
}


def by_sector(tables: dict) -> np.ndarray:
    """Stack one table per sector: [exporter, importer, sector]."""
    return np.stack([np.array(tables[sector], dtype=float) for sector in SECTORS], axis=-1)


def by_country(tables: dict) -> np.ndarray:
    """Stack one table per country: [country, row, column]."""
    return np.stack([np.array(tables[country], dtype=float) for country in COUNTRIES])


def main() -> None:
    """Write mini.nc beside this script and print its checksum."""
    values = {
        "flow": by_sector(FLOW),
        "tariff": by_sector(TARIFF),
        "intermediate": by_country(INTERMEDIATE),
        "value_added": by_country(VALUE_ADDED),
    }
    path = Path(__file__).with_name("mini.nc")
    economy_file.write(economy_file.economy(values, COUNTRIES, SECTORS, FACTORS, ATTRS), path)
    print(f"{path.name}  sha256 {economy_file.sha256(path)}")


if __name__ == "__main__":
    main()
