"""The program that a seat's PC runs (席位自检程序): it tests the parts of the seat and reports them, signed."""
