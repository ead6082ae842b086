"""What each `logplatform` command does; its arguments are in `logplatform.cli`."""
