"""Activity data: sites, emission sources, amounts, evidence, instruments, products, and their import."""
