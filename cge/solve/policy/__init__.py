"""Rates that somebody chooses: best ones, wars and agreements, looked for at equilibria of the model, with what certifies them."""
