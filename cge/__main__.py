"""`python -m cge`."""

from cge.cli import main

main()
