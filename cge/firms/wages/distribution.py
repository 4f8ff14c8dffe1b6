"""The distribution of wages across workers, in closed form (chapter, section 10; Helpman, Itskhoki and Redding 2010).

Employment and wages are powers of productivity, l = l_d(φ/φ*)^ζ_l and w = w_d(φ/φ*)^ζ_w, exporting multiplies both, and productivity is Pareto. Then
wages of workers in firms that do not export are Pareto, cut off at the highest of them, w_d(φ_x/φ*)^ζ_w, and those of exporters' workers Pareto from
their lowest, w_x, on, both with ζ_g = (k − ζ_l)/ζ_w: firms are weighted by employment. The chapter prints the first with 1 − (w_d/w_x)^ζ_g below the
line; cut off at w_x it would not reach one, for nobody earns between the two, and so what stands here is 1 − (φ*/φ_x)^(ζ_w ζ_g).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.errors import DataError


@dataclass(frozen=True, eq=False)
class WageDistribution:
    """Wages across workers in units of w_d, what the least productive firm pays if it does not export. Functions have the shape […] of their argument
    and of `cutoff_ratio`.

    Every moment follows from E w^p = ζ_g/(ζ_g−p)·[1 + g(p)]/[1 + g(0)], g(p) = ρ^(ζ_w(ζ_g−p))·(E·V^p − 1), and its derivatives in p.

    Attributes:
        tail: ζ_g = (k − ζ_l)/ζ_w, above one. wage_exponent: ζ_w.
        employment_premium: E = Υ_x^ψ_l; wage_premium: V = Υ_x^ψ_w, by which exporting multiplies a firm's employment and wage.
        cutoff_ratio: ρ = φ*/φ_x […], 0 where no firm exports and 1 where all do.
    """

    tail: float
    wage_exponent: float
    employment_premium: float
    wage_premium: float
    cutoff_ratio: Array

    @property
    def top_domestic_wage(self) -> Array:
        """R = ρ^(−ζ_w), the highest wage of firms that do not export […]; infinite where none exports."""
        with np.errstate(divide="ignore", over="ignore"):
            return np.asarray(self.cutoff_ratio**-self.wage_exponent)

    @property
    def lowest_exporter_wage(self) -> Array:
        """w_x = RV, infinite where none exports […]; nobody earns between R and w_x."""
        return np.asarray(self.top_domestic_wage * self.wage_premium)

    def share_domestic(self) -> Array:
        """S_ld = (1 − q)/(1 − q + qE), q = ρ^(k−ζ_l): employment of firms that do not export in all […]."""
        return np.asarray((1 - self._beyond) * self._density)

    def cdf(self, wage: npt.ArrayLike) -> Array:
        """G_w, the share of workers who earn at most `wage` […]."""
        w, low = np.asarray(wage, dtype=float), self.lowest_exporter_wage
        home = np.minimum(self._density * (1 - np.maximum(w, 1) ** -self.tail), self.share_domestic())
        abroad = 1 - self._exporters * (self.wage_premium / np.maximum(w, low)) ** self.tail
        return np.asarray(np.where(w >= low, abroad, home))

    def quantile(self, share: npt.ArrayLike) -> Array:
        """The lowest wage that at least a share of workers earns no more than […].

        Raises:
            DataError: a share outside 0 to 1.
        """
        u, home, power = _share(share), self.share_domestic(), 1 / self.tail
        with np.errstate(divide="ignore"):
            below = (1 - np.minimum(u, home) / self._density) ** -power
            above = self.wage_premium * (self._exporters / (1 - u)) ** power
        return np.where((u <= home) & (home > 0), below, above)

    def lorenz(self, share: npt.ArrayLike) -> Array:
        """What the poorest share of workers earns of all wages […].

        Raises:
            DataError: a share outside 0 to 1.
        """
        u, home, power = _share(share), self.share_domestic(), 1 - 1 / self.tail
        scale = 1 / (power * self.mean())
        below = scale * self._density * (1 - (1 - np.minimum(u, home) / self._density) ** power)
        above = 1 - scale * self.wage_premium * self._exporters ** (1 / self.tail) * (1 - u) ** power
        return np.where(u <= home, below, above)

    def mean(self) -> Array:
        """E w […]."""
        return np.exp(self._log_moment(1)[0])

    def theil(self) -> Array:
        """E[(w/m) ln(w/m)], m the mean […]."""
        value, slope, _ = self._log_moment(1)
        return np.asarray(slope - value)

    def variance_log(self) -> Array:
        """The variance of ln w […], finite always."""
        return np.asarray(self._log_moment(0)[2])

    def cv_squared(self) -> Array:
        """The squared coefficient of variation […]; infinite unless ζ_g > 2."""
        if self.tail <= 2:
            return np.full(np.shape(self.cutoff_ratio), np.inf)
        return np.asarray(np.expm1(self._log_moment(2)[0] - 2 * self._log_moment(1)[0]))

    def gini(self) -> Array:
        """1 − ∫(1 − G_w)² dw/m […]."""
        a, D, q, V = self.tail, self._density, self._beyond, self.wage_premium
        excess = D * (self.employment_premium - 1)  # 1 − D = q·excess
        once, twice = self._power(1), self._power(1) * q  # qR and q²R
        below = 1 + excess**2 * (twice - q**2) + 2 * q * excess * D * (1 - once) / (a - 1) + D**2 * (1 - twice) / (2 * a - 1)
        above = (self.employment_premium * D) ** 2 * twice * (V - 1 + V / (2 * a - 1))
        return np.asarray(1 - (below + above) / self.mean())

    @property
    def _beyond(self) -> Array:
        """q = ρ^(k−ζ_l)."""
        return self._power(0)

    @property
    def _density(self) -> Array:
        """D = 1/(1 − q + qE), employment below a wage over that of a Pareto distribution without exporters."""
        return np.asarray(1 / (1 + self._premium(0) - self._beyond))

    @property
    def _exporters(self) -> Array:
        """DE: of workers, those who earn more than w at exporters are this times (V/w)^ζ_g, which is q(RV/w)^ζ_g."""
        return np.asarray(self._density * self.employment_premium)

    def _power(self, p: float) -> Array:
        """ρ^(ζ_w(ζ_g−p)) = qR^p."""
        return np.asarray(self.cutoff_ratio ** (self.wage_exponent * (self.tail - p)))

    def _premium(self, p: float) -> Array:
        """qE(RV)^p."""
        return np.asarray(self._power(p) * (self.employment_premium * self.wage_premium**p))

    def _log_moment(self, p: float) -> tuple[Array, Array, Array]:
        """K = ln E w^p and its first two derivatives in p; so that K'(0) = E ln w, K''(0) = Var ln w."""
        a, v, below, above = self.tail, math.log(self.wage_premium), self._power(p), self._premium(p)
        with np.errstate(divide="ignore"):
            length = np.where(
                self.cutoff_ratio == 0, 0.0, -self.wage_exponent * np.log(self.cutoff_ratio)
            )  # ln R; where it is infinite, g is 0
        g = 1 + above - below
        first = ((length + v) * above - length * below) / g
        second = ((length + v) ** 2 * above - length**2 * below) / g
        value = -np.log1p(-p / a) + np.log1p(above - below) + np.log(self._density)
        return value, 1 / (a - p) + first, 1 / (a - p) ** 2 + second - first**2


def wage_distribution(
    shape: float,
    employment_exponent: float,
    wage_exponent: float,
    employment_premium: float,
    wage_premium: float,
    cutoff_ratio: npt.ArrayLike,
) -> WageDistribution:
    """Wages across workers where employment and wages are powers of productivity, and productivity is Pareto (chapter, section 10).

    The premia are given themselves: which exponents ψ they are of the premium of revenue, or of market access, is a matter of convention.

    Args:
        shape: k, of productivity. employment_exponent: ζ_l ≥ 0; wage_exponent: ζ_w > 0.
        employment_premium: Υ_x^ψ_l ≥ 1; wage_premium: Υ_x^ψ_w ≥ 1, by which exporting multiplies a firm's employment and wage.
        cutoff_ratio: ρ = φ*/φ_x, 0 to 1, one number or an array […].

    Raises:
        DataError: all numbers out of range; employment or a mean wage that is infinite, k ≤ ζ_l or k ≤ ζ_l + ζ_w, among them.
    """
    numbers = {"shape": shape, "employment_exponent": employment_exponent, "wage_exponent": wage_exponent}
    least = {"shape": 0.0, "employment_exponent": -math.ulp(0), "wage_exponent": 0.0}
    faults = [
        f"{name} = {value:g}, but it must be {'at least 0' if least[name] else 'positive'} and finite."
        for name, value in numbers.items()
        if not least[name] < value < math.inf
    ]
    if not faults and shape <= employment_exponent + wage_exponent:
        what = "employment is infinite" if shape <= employment_exponent else "the mean wage is infinite"
        faults.append(
            f"shape = {shape:g}, but it must exceed employment_exponent + wage_exponent = {employment_exponent + wage_exponent:g}: {what}, so many "
            "firms are very productive. Raise the shape, or lower the exponents."
        )
    for name, value in (("employment_premium", employment_premium), ("wage_premium", wage_premium)):
        if not 1 <= value < math.inf:
            faults.append(f"{name} = {value:g}, but it must be at least 1 and finite: exporting does not shrink a firm.")
    rho = np.asarray(cutoff_ratio, dtype=float)
    faults += [
        f"cutoff_ratio = {value:g}, but it must lie between 0 (no firm exports) and 1 (all do)."
        for value in rho[~((rho >= 0) & (rho <= 1))][:1]
    ]
    if faults:
        raise DataError(faults)
    tail = (shape - employment_exponent) / wage_exponent
    return WageDistribution(tail, float(wage_exponent), float(employment_premium), float(wage_premium), rho)


def _share(share: npt.ArrayLike) -> Array:
    u = np.asarray(share, dtype=float)
    if not ((u >= 0) & (u <= 1)).all():
        raise DataError("share: a share of workers must lie between 0 and 1.")
    return u
