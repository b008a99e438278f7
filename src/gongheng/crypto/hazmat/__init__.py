"""Raw algorithms, reachable only through the recipes of the package above (危险材料)."""
