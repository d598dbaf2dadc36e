"""`python -m crosscheck.sweep`."""

import sys

from crosscheck.sweep.command import main

sys.exit(main())
