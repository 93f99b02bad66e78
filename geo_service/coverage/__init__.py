"""From distances to answers: bands, access, tables by band and unit, gaps and assessment coverage."""
