"""What has to be so between the numbers of a release's tables, and where it is not."""

from geo_service.report.identities.found import identity_faults, needed_tables
from geo_service.report.identities.numbers import Columns, plain_columns

__all__ = ["Columns", "identity_faults", "needed_tables", "plain_columns"]
