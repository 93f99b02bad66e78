"""The service under load for minutes: 64 clients, releases published all the time, workers killed. Not part of the tests: `make load`."""
