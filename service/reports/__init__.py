"""Reports: a snapshot becomes a page, a signed PDF, a workbook; and a signed PDF is verified again."""
