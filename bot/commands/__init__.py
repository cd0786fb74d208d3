"""The commands of the command line, a module each: `run(args) -> exit code`."""
