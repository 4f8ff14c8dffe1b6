"""A run file (TOML): which economy, which model, what changes. Read whole, with all its faults at once."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

import numpy as np
import xarray as xr
from pydantic import Field, PlainValidator, ValidationError
from pydantic_core import ErrorDetails

from cge import bundled, elasticities
from cge.benchmark import Benchmark, NegativeFinalDemand, calibrate
from cge.economy import Economy, open_economy, place
from cge.elasticities import Parameters
from cge.errors import InputError, RunFileError, nearest
from cge.exponents import Exponents, PerSector
from cge.hat import Unstable
from cge.selection import KIND, TABLES, Array, Keys, Mask, Names, Number, factors, name_tables, rates, tariff_file
from cge.shock import BILATERAL, SHOCK_DIMS, Shock, TransferRule, change

K = TypeVar("K", bound=Keys)
T = TypeVar("T")

Model = Literal["armington", "eaton_kortum", "krugman", "melitz", "external_economies"]


def _per_sector(value: Any) -> PerSector:
    """A finite number, or a table {sector = number}."""
    table = value if isinstance(value, dict) else {"": value}
    if not table:
        raise ValueError("the table is empty")
    for sector, number in table.items():
        if isinstance(number, bool) or not isinstance(number, int | float) or not np.isfinite(number):
            raise ValueError(f"{_toml(number)}{f' at sector={sector}' if sector else ''} is not a number")
    return {sector: float(number) for sector, number in value.items()} if isinstance(value, dict) else float(value)


Sectors = Annotated[
    PerSector | None,
    PlainValidator(_per_sector),
    Field(None, description='Give a number or a table {sector = number}; "*" names the rest.'),
]
Tables = Annotated[
    list[dict[str, Any]], Field(default_factory=list, description="Give it as tables in double brackets, any number of them.")
]


class ElasticityKeys(Keys):
    """[elasticities]."""

    trade: Sectors
    sigma: Sectors
    size_shape: Sectors
    psi: Sectors
    set: str | None = Field(None, description="Give the name of a set: cge show elasticities.")


class RunFile(Keys):
    """The keys at the top of a run file, defaults included; the tables are read on their own."""

    title: str = Field(min_length=1, description='Give the question in a few words: title = "US universal tariff".')
    economy: str | dict[str, Any] | None = Field(None, description='Give a bundled name or a file: economy = "icio2022".')
    technology: str | None = Field(None, description="Give a file of primitives.")
    model: Model = Field(description=f"Give one of {', '.join(elasticities.USED)}.")
    transfers: TransferRule = Field("fixed", description="Give one of fixed, zero, own_share.")
    intermediates: bool = Field(True, description="Give true or false.")
    method: Literal["hat", "levels"] = Field("hat", description="Give one of hat, levels.")
    tolerance: Number = Field(1e-10, gt=0, lt=1, description="Give the largest relative residual, a number above 0 and below 1.")
    negative_final_demand: NegativeFinalDemand = Field("refuse", description="Give one of refuse, zero.")
    unstable: Unstable = Field("refuse", description="Give one of refuse, follow.")
    scale: Number | None = Field(None, ge=0, le=1, description="Give a number from 0 to 1.")
    baseline: str | None = Field(None, min_length=1, description="Give another run file.")
    flows: Literal["csv", "netcdf", "none"] = Field("csv", description="Give one of csv, netcdf, none.")
    firms: bool = Field(False, description="Give true or false.")
    groups: dict[str, Any] = Field({}, description='Write a table [groups] of lists of labels: EU = ["DEU", "FRA"].')
    elasticities: dict[str, Any] = Field(
        description="Write a table [elasticities] with trade = a number, a table by sector, or set = a named set."
    )
    tariff: Tables
    iceberg: Tables
    fixed_cost: Tables
    productivity: Tables
    endowment: Tables
    sweep: dict[str, Any] = Field({}, description="Give it as a table [sweep].")
    compare: Tables


COPIED = (
    "title", "model", "transfers", "intermediates", "method", "tolerance", "negative_final_demand", "unstable", "scale", "flows", "firms",
    "sweep", "compare",
)  # fmt: skip
"""Keys that a case holds as they are."""

PARAMETERS = ("trade", "sigma", "size_shape", "psi")


@dataclass(frozen=True, eq=False)
class Case:
    """What a run file asks for, ready to be solved.

    Attributes:
        path, text, title: of the run file. model, transfers, intermediates, method, tolerance, negative_final_demand, unstable, scale, flows,
            firms: its keys, defaults filled in.
        economy, benchmark, exponents, shock: arguments of the solvers; the shock of a `baseline` file is in `shock.baseline`.
        parameters: elasticities as given, on the economy's sectors, from which other models can be made; elasticity_source: in words.
        groups, sector_groups: labels of each group, in the economy's order.
        unused: sentences on keys that the model does not use. inputs: SHA-256 of every file read, by the name it was given.
        sweep, compare: raw tables for these commands. table: the whole file as a table.
    """

    path: Path
    text: str
    title: str
    model: Model
    transfers: TransferRule
    intermediates: bool
    method: Literal["hat", "levels"]
    tolerance: float
    negative_final_demand: NegativeFinalDemand
    unstable: Unstable
    scale: float | None
    flows: Literal["csv", "netcdf", "none"]
    firms: bool
    economy: Economy
    benchmark: Benchmark
    exponents: Exponents
    shock: Shock
    parameters: Parameters
    elasticity_source: str
    groups: dict[str, list[str]] = field(default_factory=dict)
    sector_groups: dict[str, list[str]] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    inputs: dict[str, str] = field(default_factory=dict)
    sweep: dict[str, Any] = field(default_factory=dict)
    compare: list[dict[str, Any]] = field(default_factory=list)
    table: dict[str, Any] = field(default_factory=dict)


def load(path: str | os.PathLike[str]) -> Case:
    """Read and check a run file, or a bundled one by name, with everything it names.

    Raises:
        RunFileError: with every fault of the run file and its data, one sentence each.
    """
    file = locate(Path(path))
    return make_case(*_parse(file), file)


def locate(path: Path) -> Path:
    """The run file of a path; where there is none and the path is a bare name, the bundled one of this name.

    Raises:
        RunFileError: neither exists; the nearest file is named.
    """
    if path.exists():
        return path
    known = bundled.names("runs") if path.parent == Path() else []
    if path.name.removesuffix(".toml") in known:
        return bundled.find("runs", path.name)
    siblings = [p.name for p in path.parent.glob("*.toml")] if path.parent.is_dir() else []
    raise RunFileError(f"{path}: no such run file.{nearest(path.name, [*known, *siblings])}")


def _parse(path: Path) -> tuple[dict[str, Any], str]:
    """The table and the text of a TOML file."""
    try:
        text = path.read_text(encoding="utf-8")
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        raise RunFileError(f"{path}: is not TOML: {error}. Text stands in quotes, and every key has a value.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise RunFileError(f"{path}: cannot be read as text in UTF-8 ({error}).") from error


@dataclass(frozen=True)
class _Reading:
    """A run file being read.

    Attributes:
        path: of the run file; chain: run files whose baselines lead here, this one last; opened: economies by path, shared with baselines.
        faults: found so far; inputs: SHA-256 of files read so far.
    """

    path: Path
    chain: tuple[Path, ...]
    opened: dict[Path, Economy]
    faults: list[str] = field(default_factory=list)
    inputs: dict[str, str] = field(default_factory=dict)

    def file(self, name: str) -> Path:
        """A path relative to the run file."""
        return self.path.parent / name

    def note(self, name: str, path: Path) -> None:
        """Record that a file was read."""
        self.inputs[name] = hashlib.sha256(path.read_bytes()).hexdigest()

    def attempt(self, make: Callable[[], T], where: str = "") -> T | None:
        """What `make` returns; None after adding its faults, each behind `where`."""
        try:
            return make()
        except InputError as error:
            self.faults.extend(where + fault for fault in error.faults)
            return None

    def finish(self) -> None:
        """Raise what was found."""
        if self.faults:
            raise RunFileError(self.faults)


def make_case(
    table: dict[str, Any], text: str, path: Path, opened: dict[Path, Economy] | None = None, chain: tuple[Path, ...] = ()
) -> Case:
    """The case of a run file that is already a table (other commands may change it before).

    Args:
        table: the TOML; text: the same, raw, for outputs; path: of the run file, from which relative paths are meant.
        opened: economies already read, by path; chain: run files whose baselines lead here.

    Raises:
        RunFileError: with every fault, one sentence each.
    """
    reading = _Reading(path, (*chain, path.resolve()), {} if opened is None else opened)
    reading.note(str(path), path)
    keys = section(RunFile, table, "", reading.faults)
    tables = _tables(keys, reading.faults)
    economy = _economy(reading, keys)
    baseline = _baseline(reading, keys)
    if economy is None:
        raise RunFileError(reading.faults)
    names = name_tables(economy, tables.groups, reading.faults)
    model = _model(reading, keys, tables.elasticities, economy)
    arrays = _arrays(reading, tables.entries, names, economy, model["exponents"])
    reading.finish()
    start = None if baseline is None else baseline.shock
    shock = reading.attempt(lambda: change(model["benchmark"], **arrays, transfers=keys.transfers, baseline=start))
    copied: dict[str, Any] = {name: getattr(keys, name) for name in COPIED}
    groups: dict[str, Any] = {"groups": dict(names["country"].groups), "sector_groups": dict(names["sector"].groups)}
    unused = _unused(keys, tables.elasticities)
    case = Case(
        path=path,
        text=text,
        table=table,
        economy=economy,
        shock=shock or Shock(),
        unused=unused,
        inputs=reading.inputs,
        **copied,
        **groups,
        **model,
    )
    if baseline is not None:
        reading.faults.extend(_disagreements(case, baseline, str(keys.baseline)))
    reading.finish()
    return case


def section(model: type[K], raw: Mapping[str, Any], where: str, faults: list[str]) -> K:
    """A table of the run file, checked; keys with faults, which are added to `faults`, have their default or None.

    Args:
        where: place of the table in the run file, empty for the top.
    """
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        details = {str(detail["loc"][0]): detail for detail in reversed(error.errors())}
        faults.extend(_sentence(model, raw, where, key, details[key]) for key in reversed(details))
        fields = model.model_fields
        spare = {name: None if info.is_required() else info.get_default(call_default_factory=True) for name, info in fields.items()}
        values = {key: spare[key] if key in details else value for key, value in {**spare, **raw}.items() if key in fields}
        return model.model_construct(_fields_set=set(raw) & set(fields), **values)


def _sentence(model: type[Keys], raw: Mapping[str, Any], where: str, key: str, detail: ErrorDetails) -> str:
    """One fault of one key: where, what is wrong, what may stand there."""
    spot = f"{where}.{key}" if where else key
    if detail["type"] == "extra_forbidden":
        return f"{spot}: unknown key `{key}`.{_home_of(key, where) or nearest(key, model.model_fields)}"
    info = model.model_fields[key]
    if detail["type"] == "missing":
        return f"{spot}: is missing. {info.description}"
    reason = detail["msg"].removeprefix("Value error, ") if detail["type"] == "value_error" else ""
    close = nearest(str(raw[key]), get_args(info.annotation)) if detail["type"] == "literal_error" else ""
    return f"{spot}: {reason or f'{_toml(raw[key])} is not allowed'}. {info.description}{close}"


def _home_of(key: str, where: str) -> str:
    """Where a key belongs that stands in the wrong table: the trap of TOML, where a table holds everything down to the next one."""
    if where and key in RunFile.model_fields and key not in TABLES:
        return " It is a key of the whole file: write it above the first [table]."
    if where != "elasticities" and key in ElasticityKeys.model_fields:
        return " It belongs in [elasticities]."
    return ""


def _toml(value: object) -> str:
    """A value as in the run file, cut where it is long."""
    text = str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) < 80 else f"{text[:76]} ..."


@dataclass(frozen=True)
class _Tables:
    """The tables of a run file, each checked on its own."""

    elasticities: ElasticityKeys
    groups: dict[str, list[str]]
    entries: dict[str, list[Any]]


def _tables(keys: RunFile, faults: list[str]) -> _Tables:
    given = section(ElasticityKeys, keys.elasticities or {}, "elasticities", faults)
    if given.trade is not None and given.set is not None:
        faults.append("elasticities: has trade and set; give one of them.")
    if given.sigma is not None and given.size_shape is not None:
        faults.append("elasticities: has sigma and size_shape; give one of them.")
    groups = {}
    for name, labels in keys.groups.items():
        if isinstance(labels, list) and labels and all(isinstance(label, str) and label for label in labels):
            groups[name] = labels
        else:
            faults.append(f'groups.{name}: {_toml(labels)} is not a list of labels, as ["DEU", "FRA"].{_home_of(name, "groups")}')
    entries = {
        name: [section(model, raw, f"{name}[{i}]", faults) for i, raw in enumerate(getattr(keys, name))] for name, model in TABLES.items()
    }
    return _Tables(given, groups, entries)


def _economy(reading: _Reading, keys: RunFile) -> Economy | None:
    """The economy a run file names; None after adding to the faults."""
    source = keys.economy
    if keys.technology is not None:
        reading.faults.append(
            'technology: this version of cge starts from observed trade, not from primitives; write economy = "..." (cge show economies).'
        )
    elif isinstance(source, dict):
        reading.faults.append(
            "economy: this version of cge reads economy files only. Make one first, cge import SOURCE PATH OUT.nc, "
            'and write economy = "OUT.nc".'
        )
    elif source is None:
        if not any(fault.startswith("economy:") for fault in reading.faults):
            reading.faults.append(f"economy: is missing. {RunFile.model_fields['economy'].description}")
    else:
        return _opened(reading, source)
    return None


def _opened(reading: _Reading, source: str) -> Economy | None:
    known = bundled.names("data")
    path = bundled.find("data", source) if source in known else reading.file(source)
    if not path.is_file():
        siblings = [p.name for p in path.parent.glob("*.nc")] if path.parent.is_dir() else []
        close = nearest(path.name, [*siblings, *known])
        reading.faults.append(f"economy: no file {path}, and no economy of this name comes with the package.{close}")
        return None
    if path not in reading.opened:
        economy = reading.attempt(lambda: open_economy(path))
        if economy is None:
            return None
        reading.opened[path] = economy
    reading.note(source, path)
    return reading.opened[path]


def _model(reading: _Reading, keys: RunFile, given: ElasticityKeys, economy: Economy) -> dict[str, Any]:
    """Benchmark, parameters, their source and exponents; None in place of what has faults."""
    links, rule = keys.intermediates, keys.negative_final_demand
    benchmark = reading.attempt(lambda: calibrate(economy, intermediates=links, negative_final_demand=rule))
    known = len(reading.faults)
    parameters, source = _parameters(reading, keys, given, economy)
    sound = len(reading.faults) == known and keys.model is not None and not any(f.startswith("elasticities") for f in reading.faults)
    exponents = reading.attempt(lambda: elasticities.exponents(keys.model, parameters, keys.scale)) if sound else None
    return {"benchmark": benchmark, "parameters": parameters, "elasticity_source": source, "exponents": exponents}


def _parameters(reading: _Reading, keys: RunFile, given: ElasticityKeys, economy: Economy) -> tuple[Parameters, str]:
    """Elasticities on the sectors of the economy, and where those that count come from, in words."""
    active = economy.data["flow"].sum(["exporter", "importer"]).values > 0
    tables: dict[str, PerSector] = {name: getattr(given, name) for name in PARAMETERS if getattr(given, name) is not None}
    words = {name: f"{name} = {value:g}" if isinstance(value, float) else f"{name} by sector" for name, value in tables.items()}
    matched = None if given.set is None else reading.attempt(lambda: elasticities.match(str(given.set), economy.sectors))
    if given.set is not None and matched is not None:
        table, *concordance = elasticities.set_files(given.set)
        reading.note(given.set, table)
        for path in concordance:
            reading.note(f"concordance {path.stem}", path)
        tables["trade"] = {str(sector): float(trade) for sector, trade in matched["trade"].dropna().items()}
        words["trade"] = elasticities.origin(given.set, matched)
    idle = _idle_parameters(keys, given)
    values = {
        name: elasticities.on_sectors(value, economy.sectors, active, f"elasticities.{name}", reading.faults, cover=name not in idle)
        for name, value in tables.items()
    }
    return Parameters(**values), ", ".join(words[name] for name in PARAMETERS if name in words and name not in idle)


def _idle_parameters(keys: RunFile, given: ElasticityKeys) -> list[str]:
    """Parameters that the run file gives and the model does not use."""
    names = ["trade" if name == "set" else name for name in (*PARAMETERS, "set") if getattr(given, name) is not None]
    return [] if keys.model is None else elasticities.unused(keys.model, names, keys.scale)


def _unused(keys: RunFile, given: ElasticityKeys) -> tuple[str, ...]:
    """Sentences on keys that are given and play no role under the model."""
    found = [f"elasticities.{name} is not used by {keys.model}." for name in _idle_parameters(keys, given)]
    if keys.firms and keys.model != "melitz":
        found.append(f"firms is not used by {keys.model}: only melitz tells firms apart.")
    return tuple(found)


def _arrays(
    reading: _Reading, entries: Mapping[str, Sequence[Any]], names: Mapping[str, Names], economy: Economy, exponents: Exponents | None
) -> dict[str, xr.DataArray]:
    """What the shock tables change, labelled, by name of the table; what they leave as it is is left out."""
    faults, found = reading.faults, {}
    for table, rows in entries.items():
        if not rows:
            continue
        labels = {dim: names[KIND[dim]].labels for dim in SHOCK_DIMS[table]}
        if table == "tariff":
            old = economy.data["tariff"].transpose(*BILATERAL)
            array, same = rates(rows, names, old, lambda name, where: _levels(reading, name, where, names), faults), old.values
        else:
            idle = _idle(exponents, economy.sectors) if table == "fixed_cost" else None
            array, same = factors(table, rows, names, faults, idle), np.ones(1)
        if not np.all(array == same):
            found[table] = xr.DataArray(array, labels, SHOCK_DIMS[table])
    return found


def _idle(exponents: Exponents | None, sectors: list[str]) -> Mask | None:
    """Sectors where fixed costs play no role."""
    return None if exponents is None else np.asarray(exponents.on(sectors)["fixed"] == 0)


def _levels(reading: _Reading, name: str, where: str, names: Mapping[str, Names]) -> Array | None:
    """Tariff rates in a file named by the run file."""
    path = reading.file(name)
    if not path.is_file():
        siblings = [p.name for p in path.parent.iterdir() if p.suffix in (".nc", ".csv")] if path.parent.is_dir() else []
        reading.faults.append(f"{where}.file: no file {path}.{nearest(path.name, siblings)}")
        return None
    reading.note(name, path)
    return reading.attempt(lambda: tariff_file(path, names), f"{where}.file: ")


def _baseline(reading: _Reading, keys: RunFile) -> Case | None:
    """The run file that changes are measured from; None where there is none, or after adding to the faults."""
    if keys.baseline is None:
        return None
    path = reading.file(keys.baseline)
    if path.resolve() in reading.chain:
        steps = " → ".join(p.name for p in (*reading.chain, path.resolve()))
        reading.faults.append(f"baseline: goes round in a circle ({steps}); a baseline is a file that does not lead back here.")
        return None
    if not path.is_file():
        siblings = [p.name for p in path.parent.glob("*.toml") if p.name != reading.path.name] if path.parent.is_dir() else []
        reading.faults.append(f"baseline: no file {path}.{nearest(path.name, siblings)}")
        return None
    case = reading.attempt(lambda: make_case(*_parse(path), path, reading.opened, reading.chain), f'baseline "{keys.baseline}": ')
    for name, digest in ({} if case is None else case.inputs).items():
        reading.inputs[name if reading.inputs.get(name, digest) == digest else f"{keys.baseline}: {name}"] = digest
    return case


def _disagreements(case: Case, baseline: Case, name: str) -> Iterator[str]:
    """Keys on which a run file and its baseline must agree, or changes from one to the other would mix two worlds."""
    same = {
        key: getattr(case, key) == getattr(baseline, key)
        for key in ("model", "transfers", "intermediates", "negative_final_demand", "scale")
    }
    same["economy"] = case.economy is baseline.economy or case.economy.data.equals(baseline.economy.data)
    if same["economy"] and same["model"] and same["scale"]:
        mine, other = case.exponents.on(case.economy.sectors), baseline.exponents.on(case.economy.sectors)
        same["elasticities"] = all(np.array_equal(mine[key], other[key]) for key in mine)
    for key in (key for key, agrees in same.items() if not agrees):
        values = f" ({getattr(case, key)} here, {getattr(baseline, key)} there)" if key not in ("economy", "elasticities") else ""
        yield f'baseline: "{name}" differs in {key}{values}; changes can be measured only from the same {key}.'


def describe(case: Case) -> list[str]:
    """What was read, in sentences: the economy with its zeros, imbalance and tariffs, what the run changes, what it does not use."""
    b = case.benchmark
    sizes = f"{_count(len(b.countries), 'country', 'countries')}, {_count(len(b.sectors), 'sector')}"
    factors_named = f"{_count(len(b.factors), 'factor')} ({', '.join(b.factors)})"
    about = [str(b.attrs[key]) for key in ("year", "unit") if b.attrs.get(key)]
    links = "Input-output links are kept." if case.intermediates else "Input-output links are ignored (intermediates = false)."
    return [
        f"{b.attrs.get('title', case.economy.origin)}: {sizes}, {'; '.join([factors_named, *about])}.",
        links,
        _zeros(case),
        _final_demand(case),
        _transfers(case),
        _tariffs(case),
        f"Model {case.model}, elasticities: {case.elasticity_source}.",
        _changes(case),
        *case.unused,
    ]


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _zeros(case: Case) -> str:
    flow, sales, spending = (case.benchmark.data[name].values for name in ("flow", "sales", "spending"))
    home = np.diagonal(flow, axis1=1, axis2=2)
    return (
        f"Zeros: {np.mean(flow == 0):.1%} of flows; {_count(int((sales == 0).sum()), 'country-sector')} without sales, "
        f"{((home == 0) & (sales > 0)).sum()} that sell abroad only, {(spending == 0).sum()} without spending."
    )


def _final_demand(case: Case) -> str:
    count = case.benchmark.negative_final_demand
    if not count:
        return "Final demand is nowhere negative."
    cells = _count(count, "country-sector")
    return f"Final demand was negative in {cells} and is zero there; changes are measured from the equilibrium that follows."


def _transfers(case: Case) -> str:
    transfer = case.benchmark.data["transfer"].values
    income = case.benchmark.data["factor_income"].sum("factor").values
    if not transfer.any():
        return "Every country's trade is balanced."
    largest = int(np.abs(transfer / income).argmax())
    return (
        f"Transfers (trade deficits): half their absolute sum is {np.abs(transfer).sum() / 2 / income.sum():.2%} of world factor income; "
        f"the largest is {case.benchmark.countries[largest]}, {transfer[largest] / income[largest]:.1%} of its own. Rule: {case.transfers}."
    )


def _tariffs(case: Case) -> str:
    rate, flow = case.benchmark.data["tariff"], case.benchmark.data["flow"].values
    if not rate.values.any():
        return "No tariffs in the data."
    imports = flow.sum() - np.trace(flow, axis1=1, axis2=2).sum()
    mean, top = (rate.values * flow).sum() / imports, rate.values.max()
    return f"Tariffs in the data: {mean:.2%} of imports on average, {top:.1%} at most ({place(rate, rate.values == top)})."


def _changes(case: Case) -> str:
    """What the shock moves, by table, with the number of cells."""
    data, parts = case.benchmark.data, []
    for table in SHOCK_DIMS:
        array = getattr(case.shock, table)
        if array is not None:
            moved = int((array.values != (data["tariff"].values if table == "tariff" else 1.0)).sum())
            parts.append(f"{table.replace('_', ' ')} in {_count(moved, 'cell')}")
    measured = " Changes are measured from the baseline." if case.shock.baseline is not None else ""
    return f"Changes: {', '.join(parts) or 'none'}.{measured}"
