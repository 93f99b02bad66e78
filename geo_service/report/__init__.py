"""The report of a round: from the tables of a release to one document, and from it to PDF, DOCX, HTML and XLSX."""
