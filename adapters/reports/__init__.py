"""Reports as people get them: an access report as text or as one HTML file, and an audit as one HTML file."""
