"""What is measured, beside its peers where there are some. Everything runs in one thread."""

import os

# Read when numpy is imported. Several threads for small products make figures that nobody can repeat.
os.environ.setdefault("OMP_NUM_THREADS", "1")
