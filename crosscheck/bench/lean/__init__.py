"""What lean layers save: bytes, peaks and times beside the frameworks' own, as sizes double."""
