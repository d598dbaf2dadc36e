"""`python -m crosscheck.audit`, the same as `crosscheck audit`."""

import sys

from crosscheck.audit.command import main

sys.exit(main())
