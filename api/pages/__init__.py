"""The pages: where a coordinator works and a board looks. Each is whole without a script."""
