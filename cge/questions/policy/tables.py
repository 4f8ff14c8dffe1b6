"""Who chooses which rates and what that is worth, as tables and as what summary.json says."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cge.questions.policy.asked import Asked
from cge.questions.policy.words import POINTS, losers, messages, sentence
from cge.solve.policy.aims import duties
from cge.solve.policy.answer import Answer


def policy_table(answer: Answer) -> pd.DataFrame:
    """Rows of policy.csv: every flow whose rate could move, with its rate before and after, how far it is from best, and what is traded (money)."""
    points, solution = answer.points, answer.solution
    game, b = points.game, solution.benchmark
    at, rate = tuple(game.cells), game.rate
    player, partner, laid = game.chooser[rate], game.partner, game.laid[rate]
    before = [solution.shock.reference.rates(b, one.name) for one in game.instruments]
    real = np.exp(answer.real[player])
    bound = np.select([answer.rates[rate] <= game.lower[rate], answer.rates[rate] >= game.upper[rate]], ["lower", "upper"], "")
    columns = {
        "player": np.array([one.name for one in game.players], dtype=object)[player],
        "partner": np.array(b.countries, dtype=object)[partner],
        "sector": np.array(b.sectors, dtype=object)[game.cells.sector],
        "instrument": np.array([one.name for one in game.instruments], dtype=object)[laid],
        "rate_benchmark": np.select(game.bearing, [np.broadcast_to(rates, b.arrays["flow"].shape)[at] for rates in before]),
        "rate": answer.rates[rate],
        "at_bound": bound,
        "derivative": POINTS * real * answer.certificate.slope[rate],
        "trade_benchmark": solution.reference.flow[at],
        "trade": solution.counterfactual.flow[at],
        "country": np.array(b.countries, dtype=object)[game.own],
    }
    order = np.lexsort((game.cells.sector, partner, laid, game.own, player))
    return pd.DataFrame(columns).iloc[order].reset_index(drop=True)


def players_table(answer: Answer) -> pd.DataFrame:
    """Rows of players.csv: what all policies do to each player, what its own is worth, its rates, and what it could still gain."""
    game, certificate = answer.points.game, answer.certificate
    found = answer.solution.counterfactual
    trade, rate, owner = found.flow[tuple(game.cells)], answer.rates[game.rate], game.chooser[game.rate]
    income, revenue = found.values.income, duties(found)
    rows = []
    for place, player in enumerate(game.players):
        mine, own = owner == place, player.members
        weight = trade[mine].sum()
        rows.append(
            {
                "player": player.name,
                "real_income_pct": 100 * np.expm1(answer.real[place]),
                "gain_from_policy_pp": 100 * (np.exp(answer.real[place]) - np.exp(answer.without[place])),
                "rate_median_pct": 100 * np.median(rate[mine]),
                "rate_mean_weighted_pct": 100 * (rate[mine] * trade[mine]).sum() / weight if weight > 0 else np.nan,
                "revenue_share_pct": 100 * revenue[own].sum() / income[own].sum(),
                "epsilon_pp": _epsilon(answer, place),
                "starts": certificate.starts,
                "optima": len(certificate.optima),
            }
        )
    return pd.DataFrame(rows)


def _epsilon(answer: Answer, place: int) -> float:
    """The largest gain from deviating that was found for a player, in percentage points of its real income; NaN where none was looked for."""
    found = answer.certificate.epsilon
    one = len(answer.points.game.objectives) == 1
    return float(100 * found.get(0, np.nan) if one else 100 * np.exp(answer.real[place]) * found.get(place, np.nan))


def policy_summary(asked: Asked, answer: Answer) -> dict[str, object]:
    """The key `policy` of summary.json."""
    certificate, game = answer.certificate, answer.points.game
    return {
        "question": asked.keys.question,
        "players": [player.name for player in game.players],
        "rates": asked.keys.rates,
        "instrument": asked.instrument,
        "derivative": POINTS * certificate.derivative,
        "starts": certificate.starts,
        "optima": [100 * float(np.expm1(value)) for value in certificate.optima],
        "differ": [answer.solution.benchmark.sectors[place] for place in certificate.differ],
        "deviation_pp": 100 * certificate.deviation,
        "epsilon_pp": 100 * max(certificate.epsilon.values(), default=0.0),
        "cold_residual": answer.solution.residual,
        "solves": certificate.solves,
        "kinks": answer.smooth,
        "by_partner_alone": answer.tied,
        "weights": dict(zip([p.name for p in game.players], answer.weights.tolist(), strict=True)) if answer.weights is not None else None,
        "losers": losers(answer) if answer.weights is not None else None,
        "levels_vs_hat": answer.levels_vs_hat,
        "sentence": sentence(answer),
        "messages": messages(asked, answer),
    }
