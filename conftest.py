"""Loads the test plugin that ships with Stillage, for a checkout that is not installed."""

pytest_plugins = ["core.testing.plugin"]
