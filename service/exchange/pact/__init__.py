"""PACT exchange: a host of product footprints for partners, versions 2 and 3, and a client of theirs."""
