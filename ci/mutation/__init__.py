# SPDX-License-Identifier: MIT
"""The parts of ci/mutate."""
