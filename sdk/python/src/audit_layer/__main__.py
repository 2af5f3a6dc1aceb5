"""`python -m audit_layer` is `audit-layer`."""

from __future__ import annotations

import sys

from audit_layer._cli import main

sys.exit(main())
