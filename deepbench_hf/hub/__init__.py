"""Push and verify: the only part of the package that talks to the Hub."""
