"""The conformance kit of the interface (符合性检查): tries what must work and what must be refused, on either side."""
