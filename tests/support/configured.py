"""What is wrong with a configuration, as lines."""

from __future__ import annotations

from bot.configuration import load_configuration
from bot.fault import ConfigFaults
from bot.settings import Environment


def faults_of(environment: Environment) -> list[str]:
    """One line a fault, none where all is well: `site.toml:12: cameras[0].id: ...`."""
    try:
        load_configuration(environment)
    except ConfigFaults as error:
        return [str(fault) for fault in error.faults]
    return []
