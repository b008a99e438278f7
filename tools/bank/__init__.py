"""A simulator of the bank that pays experts (银行代发模拟器)."""
