"""How results and tables stand in files, single ones and folders that are replaced as a whole."""
