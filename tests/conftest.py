"""Settings of the tests."""

from hypothesis import HealthCheck, settings

# The same examples every time, and no judgement by the clock: the tests run beside other work.
settings.register_profile("fixed", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("fixed")
