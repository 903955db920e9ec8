"""Drive the site and the explorer in Chromium, as somebody would who reads and plays."""
