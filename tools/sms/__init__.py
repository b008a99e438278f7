"""A simulator of an SMS gateway (短信网关模拟器): takes messages, shows them, sends nothing."""
