"""A city's venue system, simulated, with the client library and the conformance kit of the interface (模拟城市)."""
