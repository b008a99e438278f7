"""The verifier (核验工具): checks an evidence bundle with crypto/ alone, and names what is wrong."""
