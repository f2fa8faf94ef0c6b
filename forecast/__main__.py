"""`python -m forecast`: the command line without an installed script."""

from forecast.cli.app import main

main()
