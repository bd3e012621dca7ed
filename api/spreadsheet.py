"""What a spreadsheet is given to read."""


def cell(value: object) -> str:
    """It must not take what somebody typed for a formula."""
    written = "" if value is None else str(value)
    return f"'{written}" if written.startswith(("=", "+", "-", "@", "\t", "\r")) else written
