"""Pictures on paper: PNG, SVG and PDF through matplotlib."""
