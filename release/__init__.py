"""What a release consists of. Run it with `make release`."""
