"""What can go wrong in valb. Errors of the scan itself are `logscan.errors`."""


class ValbError(Exception):
    """Base of all errors raised here."""


class BadModel(ValbError):
    """A model folder is missing, incomplete or of another version; names the file."""


class BadState(ValbError):
    """A saved annotator cannot be read back; names what is wrong with it."""


class BadLabels(ValbError):
    """A folder of labelled logs does not hold what training needs; names file and row."""


class BadExample(ValbError):
    """A corrected template cannot be read, or does not fit the lines that it is said of."""
