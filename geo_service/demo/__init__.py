"""The demonstration: real settlements, real regions and a facility layer that is synthetic and says so."""
