"""The sector database: curators collect makers' footprints and publish averages in which none shows."""
