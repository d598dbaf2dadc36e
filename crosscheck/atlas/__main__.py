"""`python -m crosscheck.atlas`."""

import sys

from crosscheck.atlas.command import main

sys.exit(main())
