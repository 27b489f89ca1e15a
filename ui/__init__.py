"""Every door: the command line, the page, the interfaces for programs."""
