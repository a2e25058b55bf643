"""Factors as the service offers them: the library, and the own factors of an organisation laid over it."""
