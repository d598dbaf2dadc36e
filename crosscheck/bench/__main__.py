"""`python -m crosscheck.bench`."""

import sys

from crosscheck.bench.suite import main

sys.exit(main())
