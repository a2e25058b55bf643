"""The catalogues of messages, and the tool that keeps them: ``python -m service.translations [update|--check]``."""
