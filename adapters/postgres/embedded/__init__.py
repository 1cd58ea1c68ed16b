"""The PostgreSQL that comes with Pledger, for a machine that has only Python."""

import warnings

# Importing the wheel asks for the user's runtime folder, and warns where a machine has none; we keep nothing in it.
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR", category=UserWarning)
