"""What the template of the PDF is given: the texts of a report, its drawings as files, and how wide columns are."""
