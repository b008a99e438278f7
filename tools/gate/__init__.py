"""A simulator of a centre's gates and of the device that compares face and document (智能门禁模拟器)."""
