"""Django's own commands; people use `logplatform` instead."""

import sys

from logplatform import config

if __name__ == "__main__":
    config.start_django()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
