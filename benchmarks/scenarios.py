"""The run file whose scenarios the benchmarks solve: a US tariff on goods, 80 x 50, Eaton-Kortum."""

RUN = """title = "draws"
economy = "icio2022"
model = "eaton_kortum"
intermediates = {links}
flows = "none"
[elasticities]
set = "caliendo_parro_2015"
[[tariff]]
importer = "USA"
exporter = "*"
sector = "C*"
add = 0.1
[sweep]
{axis}
"""


def run_file(axis: str, links: bool = True) -> str:
    """Its text; axis: lines of [sweep], links: with inputs."""
    return RUN.format(axis=axis, links=str(links).lower())


def draws(count: int) -> str:
    """Lines of [sweep]: so many draws of elasticities."""
    return f"[sweep.draws]\nn = {count}"
