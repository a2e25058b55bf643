"""What stands in a report: each function turns part of a snapshot into a table or a sentence, in the report's words."""
