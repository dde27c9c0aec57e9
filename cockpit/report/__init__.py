"""What a session leaves behind: tables, JSON, CSV, HTML."""
