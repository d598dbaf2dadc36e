"""`python -m crosscheck.keeping`, the same as `crosscheck keeps`."""

import sys

from crosscheck.keeping.command import main

sys.exit(main())
