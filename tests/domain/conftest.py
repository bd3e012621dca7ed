"""Failures inside given/when/then are shown as pytest shows those of a test."""

import pytest

pytest.register_assert_rewrite("tests.domain.scenario")
