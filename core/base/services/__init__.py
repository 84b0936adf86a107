"""Algorithms over whole recordsets. Services import no models and reach them through `env`."""
