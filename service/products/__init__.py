"""Products: models of what a company makes as files and workbooks, templates to begin with, material data sheets."""
