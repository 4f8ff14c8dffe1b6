"""From a world table to an economy: labels, files, published sources, concordances, tariffs, factors."""
