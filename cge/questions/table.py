"""The questions: one row each. A new one is a folder, a row here and a command."""

from __future__ import annotations

from cge.questions.compare.page import COMPARISON
from cge.questions.gains.page import GAINS
from cge.questions.gradient.page import GRADIENT
from cge.questions.run.page import RUN
from cge.questions.sweep.page import SWEEP

QUESTIONS = (RUN, GAINS, COMPARISON, SWEEP, GRADIENT)
